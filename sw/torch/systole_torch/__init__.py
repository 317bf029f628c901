# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Exports statically quantized PyTorch modules to the ONNX files that Systole compiles."""
from .errors import ExportError
from .evaluate import evaluate
from .exporter import Exported, Layer, export
from .goldens import write_goldens
from .loading import load

__all__ = ["ExportError", "Exported", "Layer", "evaluate", "export", "load", "write_goldens"]
