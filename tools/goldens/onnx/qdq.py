# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Builds quantized ONNX models layer by layer, in QDQ form."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT = np.float32


class Qdq:
    """A model under construction. Values are names of real (float32) results."""

    def __init__(self, name, dtype=np.uint8, opset=17, seed=1):
        self.name = name
        self.dtype = dtype
        self.opset = opset
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.activations = []  # names of 8-bit values, in order
        self.count = 0

    def unique(self, stem):
        """A name that no other value has."""
        self.count += 1
        return f"{stem}{self.count}"

    def constant(self, array, stem="c"):
        """An initializer; returns its name."""
        name = self.unique(stem)
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op, inputs, outputs=1, domain="", **attributes):
        """Adds a node; returns the name of its output, or the list of them."""
        names = [self.unique(op.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=self.unique(op), domain=domain,
                                           **attributes))
        return names[0] if outputs == 1 else names

    def scale(self, low=0.01, high=0.2):
        """A random scale."""
        return FLOAT(self.random.uniform(low, high))

    def zero_point(self, dtype=None):
        """A random zero point, often an extreme one."""
        info = np.iinfo(dtype or self.dtype)
        return int(self.random.choice([info.min, info.max, *self.random.integers(info.min, info.max, 4)]))

    def quantize(self, value, scale, zero_point, dtype=None):
        """QuantizeLinear and DequantizeLinear behind `value`."""
        scale_name = self.constant(FLOAT(scale), "s")
        zero_name = self.constant(np.array(zero_point, dtype or self.dtype), "z")
        codes = self.node("QuantizeLinear", [value, scale_name, zero_name])
        self.activations.append(codes)
        return self.node("DequantizeLinear", [codes, scale_name, zero_name])

    def input(self, shape, scale=None, zero_point=None, dtype=None):
        """A float input of the model and its quantization."""
        name = self.unique("input")
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return self.quantize(name, self.scale() if scale is None else scale,
                             self.zero_point(dtype) if zero_point is None else zero_point, dtype)

    def output(self, value):
        """Makes a real value an output of the model."""
        self.outputs.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, None))

    def weights(self, shape, axis=None, dtype=np.int8, scale=None, symmetric=True):
        """DequantizeLinear of random codes; with `axis`, one scale per index of it."""
        info = np.iinfo(dtype)
        codes = self.random.integers(max(info.min, -127), info.max, shape, endpoint=True).astype(dtype)
        count = 1 if axis is None else shape[axis]
        scales = self.random.uniform(0.002, 0.02, count).astype(FLOAT) if scale is None else scale
        zeros = np.zeros(count, dtype) if symmetric else self.random.integers(
            info.min, info.max, count).astype(dtype)
        if axis is None:
            scales, zeros = scales.reshape(()), zeros.reshape(())
        attributes = {} if axis is None else {"axis": axis}
        inputs = [self.constant(codes, "w"), self.constant(scales, "ws"), self.constant(zeros, "wz")]
        return self.node("DequantizeLinear", inputs, **attributes), scales

    def bias(self, channels, in_scale, weight_scales):
        """DequantizeLinear of random int32 codes with the scale of the products."""
        codes = self.random.integers(-3000, 3000, channels).astype(np.int32)
        scales = (FLOAT(in_scale) * weight_scales).astype(FLOAT)
        zeros = np.zeros(scales.shape, np.int32)
        attributes = {} if scales.ndim == 0 else {"axis": 0}
        inputs = [self.constant(codes, "b"), self.constant(scales, "bs"), self.constant(zeros, "bz")]
        return self.node("DequantizeLinear", inputs, **attributes)

    def model(self, ir_version=8):
        """The finished model."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        imports = [helper.make_opsetid("", self.opset)]
        if any(node.domain for node in self.nodes):
            imports.append(helper.make_opsetid("com.microsoft", 1))
        return helper.make_model(graph, opset_imports=imports, ir_version=ir_version,
                                 producer_name="systole")
