#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Makes every view of the registers and parameters from their one source.

Sources: hw/<block>/<block>.rdl (SystemRDL 2.0) and hw/params/params.json.
Outputs, all below a gen/ folder and committed: C header, C++ table, SystemVerilog package, Markdown page.

    tools/regs/generate.py            write all outputs (needs systemrdl-compiler, see requirements.txt)
    tools/regs/generate.py --check    write nothing; fail if an output differs from what would be written
    tools/regs/generate.py --stamp    write nothing; fail if an output was made from other sources than
                                      those in the tree (needs the Python standard library alone)
"""
import argparse
import hashlib
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = "tools/regs/generate.py"
BLOCKS = ["sequencer", "dma", "mac_array", "requant", "vector", "scratchpad", "perf"]


def sources():
    """The files that outputs depend on, generator included, in a fixed order."""
    files = sorted((ROOT / "hw").glob("*/*.rdl")) + [ROOT / "hw/params/params.json"]
    return files + sorted((ROOT / "tools/regs").glob("*.py"))


def stamp():
    """Short hash of all sources; every output carries it in its first line."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def first_line(source, comment):
    text = f"Generated from {source} by {COMMAND} (sources {stamp()}). Do not edit."
    return f"<!-- {text} -->" if comment == "<!--" else f"{comment} {text}"


def outputs():
    """{path: text} of everything generated."""
    import render_params
    import render_registers
    result = {}
    top = render_registers.elaborate(ROOT / "hw/npu/npu.rdl")
    for name in BLOCKS:
        result.update(render_registers.block_outputs(top, name, first_line))
    result.update(render_registers.map_outputs(top, first_line))
    result.update(render_params.outputs(json.loads((ROOT / "hw/params/params.json").read_text()), first_line))
    return {ROOT / path: text for path, text in result.items()}


def generated_files():
    return sorted(path for path in (ROOT / "hw").glob("*/gen/*") if path.is_file())


def check_stamps():
    want = f"(sources {stamp()})"
    bad = [p for p in generated_files() if want not in p.read_text().split("\n", 1)[0]]
    for path in bad:
        print(f"{path.relative_to(ROOT)}: made from other sources; run {COMMAND}", file=sys.stderr)
    if not generated_files():
        print(f"no generated files; run {COMMAND}", file=sys.stderr)
        return 1
    return 1 if bad else 0


def check_outputs():
    want = outputs()
    bad = [p for p, text in want.items() if not p.exists() or p.read_text() != text]
    bad += [p for p in generated_files() if p not in want]
    for path in bad:
        print(f"{path.relative_to(ROOT)}: differs from its source; run {COMMAND}", file=sys.stderr)
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="fail if an output is out of date")
    parser.add_argument("--stamp", action="store_true", help="compare the sources' hash only")
    args = parser.parse_args()
    if args.stamp:
        return check_stamps()
    if args.check:
        return check_outputs()
    for path, text in outputs().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
