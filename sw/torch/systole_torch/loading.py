# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""load(): a quantized module from a file written with torch.save(module, path)."""
import pickle
from contextlib import contextmanager

import torch
from torch.ao.nn import quantized as nnq

from .errors import ExportError

_ConvNd = nnq.Conv2d.__mro__[1]


@contextmanager
def _complete_convolutions():
    """PyTorch saves a quantized convolution whole but loads it without the parts of nn.Module."""
    original = _ConvNd.__setstate__

    def setstate(self, state):
        torch.nn.Module.__init__(self)
        original(self, state)

    _ConvNd.__setstate__ = setstate
    try:
        yield
    finally:
        _ConvNd.__setstate__ = original


def load_any(path):
    """What torch.save() wrote to `path`. Runs code from the file: only for files you trust.

    The engine that PyTorch is set to packs the weights. Raises ExportError, in one line that names
    the file, when it cannot be read or its classes cannot be imported.
    """
    try:
        with _complete_convolutions():
            return torch.load(path, map_location="cpu")
    except FileNotFoundError:
        raise ExportError(f"{path}: no such file") from None
    except (AttributeError, ModuleNotFoundError) as error:
        raise ExportError(
            f"{path}: {error}; put the folder with the model's classes on PYTHONPATH"
        ) from None
    except (OSError, EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ExportError(f"{path}: not a file written with torch.save: {reason}") from None


def load(path):
    """The module in `path`; see load_any. Raises ExportError when it holds none."""
    loaded = load_any(path)
    if isinstance(loaded, dict):
        raise ExportError(f"{path}: holds a state_dict; save the module: torch.save(module, path)")
    return loaded
