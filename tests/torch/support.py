# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""What the tests of the exporter share: small quantized networks and paths."""
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.ao import quantization as tq

import systole_torch
from systole_torch.goldens import check_formula, run_layers

ROOT = Path(__file__).resolve().parents[2]
SEED = 7


def per_tensor():
    """QNNPACK's default qconfig: weights per tensor."""
    return tq.get_default_qconfig("qnnpack")


def per_channel():
    """Weights per output channel."""
    activation = tq.HistogramObserver.with_args(reduce_range=False)
    return tq.QConfig(activation=activation, weight=tq.default_per_channel_weight_observer)


def stubs(*layers):
    """The layers between QuantStub and DeQuantStub."""
    return nn.Sequential(tq.QuantStub(), *layers, tq.DeQuantStub())


def quantize(net, shape, qconfig=None, fuse=None):
    """Static eager-mode quantization, calibrated with seeded noise of `shape` around 0."""
    net.eval()
    if fuse:
        net = tq.fuse_modules(net, fuse)
    net.qconfig = qconfig or per_tensor()
    prepared = tq.prepare(net)
    with torch.no_grad():
        prepared(torch.randn(16, *shape))
    return tq.convert(prepared)


class TorchTest(unittest.TestCase):
    """Seeded, QNNPACK, and with a folder of its own for files."""

    def setUp(self):
        warnings.simplefilter("ignore")
        torch.backends.quantized.engine = "qnnpack"
        torch.set_num_threads(1)
        torch.manual_seed(SEED)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def export(self, model, shape, engine=None):
        return systole_torch.export(model, torch.zeros(1, *shape), self.folder / "net.onnx", engine)

    def assert_same_bytes(self, exported, samples=4):
        """PyTorch's bytes of every layer equal the numpy evaluation of the file."""
        shape = (samples,) + tuple(exported.layers[0].shape[1:])
        codes = np.random.default_rng(SEED).integers(0, 256, shape, dtype=np.uint8)
        check_formula(exported, codes, run_layers(exported, codes))


def operators(exported):
    """[(node name, operator)] of an exported model."""
    return [(node.name, node.op_type) for node in exported.model.graph.node]
