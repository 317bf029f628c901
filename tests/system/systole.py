# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs the program `systole` for the system tests. SYSTOLE_BIN names the binary."""
import json
import os
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SYSTOLE_BIN", str(ROOT / "build/release/sim/cli/systole"))
FIRMWARE = pathlib.Path(os.environ.get("SYSTOLE_FIRMWARE_DIR", str(ROOT / "build/release/firmware")))
DIGITS = ROOT / "models/digits.onnx"
TIMEOUT_SECONDS = 120


def run(*args, **kwargs):
    """The finished process; text output captured."""
    return subprocess.run([BINARY, *map(str, args)], capture_output=True, text=True,
                          timeout=TIMEOUT_SECONDS, check=False, **kwargs)


def run_json(*args):
    """The report of `systole run ... --json` and the exit code."""
    done = run("run", *args, "--json")
    if done.returncode not in (0, 1) or not done.stdout:
        raise AssertionError(f"systole run {args}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout), done.returncode


def layer_cycles(report):
    return [(layer["name"], layer["cycles"]) for layer in report["layers"]]


def temporary_file(content, suffix):
    """Path of a new file with `content` (bytes); the caller removes it."""
    handle, path = tempfile.mkstemp(suffix=suffix)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return path
