#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs networks with `systole run` and prints one row of Markdown each: docs/networks.md.

    table.py MODEL... [--systole build/release/sim/cli/systole]
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path


def row(binary, model):
    """The table's row, or what went wrong."""
    done = subprocess.run([binary, "run", model, "--json"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        return f"| {Path(model).stem} | {done.stderr.strip()} |"
    report = json.loads(done.stdout)
    totals, check = report["totals"], report["check"]
    inputs = len(report["inferences"])
    # Of what the array could do in these cycles; firmware's layers count, too.
    cells = report["config"]["array.rows"] * report["config"]["array.cols"]
    used = totals["macs"] / (totals["cycles"] * cells)
    return (f"| {Path(model).stem} | {totals['macs'] / 1e6:,.1f} | {totals['cycles']:,} | "
            f"{used:.1%} | {inputs} | {check['bytes']:,} | {check['mismatches']} | "
            f"{totals['wall_seconds']:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--systole", default="build/release/sim/cli/systole")
    arguments = parser.parse_args()
    print("| network | MMAC | cycles | used | inputs | bytes compared | differ | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for model in arguments.models:
        print(row(arguments.systole, model))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
