#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lints the RTL in the sizes and mode sets that differ, and lets Yosys read it. Prints nothing if all
# is well.
set -e
here=$(cd "$(dirname "$0")" && pwd)
packages="$here/../hw/requant/gen/requant_reg_pkg.sv $here/common/fp32_pkg.sv
  $here/common/q31_pkg.sv $here/requant/requant_pkg.sv"
modules=
for file in "$here"/requant/requant*.sv; do
  case $file in *requant_pkg.sv) ;; *) modules="$modules $file" ;; esac
done

# lint TOP FILES PARAMETERS...
lint() {
  top=$1 files=$2
  shift 2
  # shellcheck disable=SC2086
  verilator --lint-only -Wall "$here/common/lint.vlt" $packages $files --top-module "$top" "$@"
}

lint requant_job "$modules"
lint requant_job "$modules" -GLANES=8 -GCOLS=8 "-GPLANT_BUGS=1'b1"
lint requant_job "$modules" -GLANES=4 -GCOLS=6 -GBUG=3
lint requant_job "$modules" -GLANES=1 -GCOLS=1 "-GFP32_ENABLE=1'b0"
lint requant_job "$modules" -GLANES=3 -GCOLS=128
lint requant "$here/requant/example/requant.sv"

if command -v yosys > /dev/null; then
  # shellcheck disable=SC2086
  yosys -q -p "read_verilog -defer -sv $(echo $packages $modules)
    chparam -set LANES 1 -set COLS 2 requant_job
    synth -top requant_job -run begin:fine" 2>&1 | grep -v "Replacing memory" || true
fi
