#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Synthesizes the requantization unit with Yosys to two-input gates and writes cell counts and logic
# depth into README.md, between the lines that say so. Takes some minutes.
# Usage: synthesis.sh
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources="$here/../../hw/requant/gen/requant_reg_pkg.sv $here/../common/fp32_pkg.sv
  $here/../common/q31_pkg.sv $here/requant_pkg.sv"
for file in "$here"/requant*.sv; do
  case $file in *requant_pkg.sv) ;; *) sources="$sources $file" ;; esac
done

# row TITLE TOP PARAMETER=VALUE...: one line of the table.
row() {
  title=$1 top=$2
  shift 2
  set_parameters=
  for parameter in "$@"; do
    set_parameters="$set_parameters -set ${parameter%=*} ${parameter#*=}"
  done
  # shellcheck disable=SC2086
  yosys -q -p "
    read_verilog -defer -sv $(echo $sources)
    chparam $set_parameters $top
    synth -flatten -top $top
    tee -o $work/stat stat
    tee -o $work/depth ltp -noff" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
  cells=$(awk '/Number of cells/ {n = $4} END {print n}' "$work/stat")
  flops=$(awk '/DFF/ {n += $2} END {print n}' "$work/stat")
  depth=$(sed -n 's/.*length=\([0-9]*\).*/\1/p' "$work/depth" | tail -1)
  echo "| $title | $((cells - flops)) | $flops | $depth |"
}

{
  echo "| what | gates | flip-flops | longest path, gates |"
  echo "|---|---|---|---|"
  row "one lane, all modes" requant_lanes LANES=1 FP32_ENABLE=1
  row "one lane, without fp32" requant_lanes LANES=1 FP32_ENABLE=0
  row "datapath, 4 lanes, all modes" requant LANES=4 COLS=4 FP32_ENABLE=1
  row "datapath, 4 lanes, without fp32" requant LANES=4 COLS=4 FP32_ENABLE=0
  row "unit, 4 lanes and columns, all modes" requant_job LANES=4 COLS=4 FP32_ENABLE=1
  row "unit, 4 lanes and columns, without fp32" requant_job LANES=4 COLS=4 FP32_ENABLE=0
} > "$work/table"

awk -v table="$work/table" '
  /<!-- end of synthesis.sh -->/ { copying = 0 }
  !copying { print }
  /<!-- by synthesis.sh/ { while ((getline line < table) > 0) print line; copying = 1 }
' "$here/README.md" > "$work/readme"
cp "$work/readme" "$here/README.md"
cat "$work/table"
