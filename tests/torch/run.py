# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs one test file for CTest; exit code 77, with the reason, where PyTorch or ONNX is missing."""
import sys
import unittest
from pathlib import Path

SKIPPED = 77
HERE = Path(__file__).resolve().parent


def missing():
    """Why the tests cannot run here, or None."""
    try:
        import onnx  # noqa: F401
        import torch
    except ImportError as error:
        return f"{error}: install python3-torch and python3-onnx"
    if "qnnpack" not in torch.backends.quantized.supported_engines:
        return "this PyTorch has no QNNPACK engine"
    return None


def main():
    reason = missing()
    if reason:
        print(f"skipped with {sys.executable}: {reason}")
        return SKIPPED
    sys.path[:0] = [str(HERE), str(HERE.parents[1] / "sw" / "torch")]
    result = unittest.main(module=sys.argv[1], argv=sys.argv[1:], exit=False, verbosity=2).result
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
