#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves with Yosys that the rounding functions of the RTL equal other formulas for every input.
# Usage: prove.sh [NAME...]; without names, all modules of this folder.
set -e
here=$(cd "$(dirname "$0")" && pwd)
common=$here/../../../rtl/common
if [ $# -eq 0 ]; then set -- int_to_fp32 fp32_to_int fp32_round q31_round; fi
for name in "$@"; do
  yosys -q -p "
    read_verilog -sv $common/fp32_pkg.sv $common/q31_pkg.sv $here/$name.sv
    prep -flatten -top $name
    techmap
    opt -fast
    abc -g simple
    sat -verify -timeout 280 -prove equal_o 1 -show-inputs $name"
  echo "$name: proved"
done
