# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Collects nodes, constants and tensors and writes them as one ONNX model."""
from dataclasses import dataclass, replace

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .errors import ExportError

OPSET = 13
_OPSETS = {"HardSwish": 14}  # operators that came later
IR_VERSION = 8
MICROSOFT = "com.microsoft"

_ELEMENT = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8}


@dataclass(frozen=True)
class Value:
    """A tensor of the ONNX graph.

    tensor: its name. shape: of one sample, batch 1 first. dtype: "float32" or "uint8".
    scale, zero_point: numbers, meaningful for uint8; scale_name, zero_point_name: their
    initializers. pad: zeros (real zero, code zero_point) still to be put around it, as (top, left,
    bottom, right) in pixels: by the convolution that reads it, or by a Pad in front of any other
    layer; padded_by: the layer that asked for them. dequantized: name of the DeQuantize layer it
    went through; its DequantizeLinear is written where the graph ends. left_out: the layer on real
    numbers behind it that the file leaves to its user. reshaped: (layer, shape) to give the input
    once it is quantized.
    """

    tensor: str
    shape: tuple
    dtype: str
    scale: float = 1.0
    zero_point: int = 0
    scale_name: str = ""
    zero_point_name: str = ""
    pad: tuple = (0, 0, 0, 0)
    padded_by: str = ""
    dequantized: str = ""
    left_out: str = ""
    reshaped: tuple = ()

    @property
    def is_real(self):
        """Whether PyTorch holds real numbers here."""
        return self.dtype == "float32" or bool(self.dequantized)

    def moved(self, tensor, shape):
        """The same codes under another name and shape."""
        return replace(self, tensor=tensor, shape=tuple(shape), pad=(0, 0, 0, 0))


class Builder:
    """An ONNX graph under construction. Every name given out is unique and not empty."""

    def __init__(self):
        self._nodes = []
        self._initializers = []
        self._arrays = {}
        self._values = []
        self._names = {"node": set(), "tensor": set()}

    def unique(self, kind, wanted):
        """`wanted`, or with _1, _2, ... behind it when a `kind` ("node", "tensor") has it."""
        taken, name, count = self._names[kind], wanted, 0
        while name in taken:
            count += 1
            name = f"{wanted}_{count}"
        taken.add(name)
        return name

    def constant(self, name, array):
        """Adds an initializer and returns the name it got."""
        name = self.unique("tensor", name)
        self._arrays[name] = np.asarray(array)
        self._initializers.append(numpy_helper.from_array(self._arrays[name], name))
        return name

    def array(self, name):
        """The values of the initializer `name`."""
        return self._arrays[name]

    def constant_named(self, name, array):
        """Adds an initializer whose name is part of a convention and must not change."""
        if self.constant(name, array) != name:
            raise ExportError(f"two tensors of the model are called '{name}': rename one layer")

    def qparams(self, layer, scale, zero_point):
        """Adds `<layer>.scale` (float32) and `<layer>.zero_point` (uint8); returns their names."""
        return (
            self.constant(f"{layer}.scale", np.float32(scale)),
            self.constant(f"{layer}.zero_point", np.uint8(zero_point)),
        )

    def tensor(self, name, shape, dtype):
        """Declares an activation and returns the name it got."""
        name = self.unique("tensor", name)
        self._values.append(helper.make_tensor_value_info(name, _ELEMENT[dtype], list(shape)))
        return name

    def node(self, op, name, inputs, output, domain="", **attributes):
        """Appends a node that writes `output`. Requires: `name` comes from unique()."""
        attributes = {key: value for key, value in attributes.items() if value is not None}
        self._nodes.append(
            helper.make_node(op, inputs, [output], name=name, domain=domain, **attributes)
        )

    def _opset(self):
        return max([OPSET] + [_OPSETS.get(node.op_type, OPSET) for node in self._nodes])

    def model(self, graph_name, inputs, outputs, metadata):
        """The finished onnx.ModelProto. `inputs` and `outputs` are lists of Value."""
        edge = {value.tensor for value in inputs + outputs}
        graph = helper.make_graph(
            self._nodes,
            graph_name,
            [_info(value) for value in inputs],
            [_info(value) for value in outputs],
            self._initializers,
            value_info=[info for info in self._values if info.name not in edge],
        )
        model = helper.make_model(
            graph,
            producer_name="systole_torch",
            opset_imports=[helper.make_opsetid("", self._opset()),
                           helper.make_opsetid(MICROSOFT, 1)],
        )
        model.ir_version = IR_VERSION
        helper.set_model_props(model, metadata)
        onnx.checker.check_model(model)
        return model


def _info(value):
    return helper.make_tensor_value_info(value.tensor, _ELEMENT[value.dtype], list(value.shape))
