# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Writes small .tflite models, operator by operator, with the schema module of ai-edge-litert."""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

CODES = schema.BuiltinOperator
KINDS = schema.BuiltinOptions
TYPES = {"int8": schema.TensorType.INT8, "uint8": schema.TensorType.UINT8,
         "int32": schema.TensorType.INT32, "float32": schema.TensorType.FLOAT32}


class Writer:
    """A model under construction. Tensors are known by their index."""

    def __init__(self, dtype, seed):
        self.dtype = dtype
        self.random = np.random.Generator(np.random.PCG64(seed))
        self._model = schema.ModelT()
        self._model.version = 3
        self._model.buffers, self._model.operatorCodes = [schema.BufferT()], []
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._model.subgraphs = [self._graph]
        self._shapes = {}

    def tensor(self, shape, scale=None, zero_point=None, dtype=None, data=None, axis=0, name=None):
        """Adds a tensor; constants have `data`. Without a zero point: a random one."""
        tensor = schema.TensorT()
        tensor.name = name or f"t{len(self._graph.tensors)}"
        tensor.shape, tensor.type = list(shape), TYPES[dtype or self.dtype]
        tensor.buffer = 0
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self._model.buffers)
            self._model.buffers.append(buffer)
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            zero = self.zero_point() if zero_point is None else zero_point
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(scales.size, zero, np.int64)
            tensor.quantization.quantizedDimension = axis
        self._graph.tensors.append(tensor)
        self._shapes[len(self._graph.tensors) - 1] = tuple(shape)
        return len(self._graph.tensors) - 1

    def zero_point(self):
        low = -128 if self.dtype == "int8" else 0
        return int(self.random.integers(low + 64, low + 192))

    def scale(self, low=0.01, high=0.1):
        return np.float32(self.random.uniform(low, high))

    def shape(self, index):
        return self._shapes[index]

    def quant(self, index):
        """(scale, zero point) of a tensor."""
        quantization = self._graph.tensors[index].quantization
        return np.float32(quantization.scale[0]), int(quantization.zeroPoint[0])

    def like(self, index, shape):
        """A tensor with the quantization of another."""
        return self.tensor(shape, *self.quant(index))

    def ints(self, values):
        return self.tensor(np.shape(values), dtype="int32", data=np.asarray(values, np.int32))

    def add(self, code, inputs, outputs, kind=KINDS.NONE, version=1, **fields):
        """Appends an operator; returns its first output."""
        operator, entry = schema.OperatorT(), schema.OperatorCodeT()
        entry.builtinCode, entry.version = code, version
        entry.deprecatedBuiltinCode = min(code, 127)
        operator.opcodeIndex = len(self._model.operatorCodes)
        self._model.operatorCodes.append(entry)
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        if kind != KINDS.NONE:
            names = {value: name for name, value in vars(KINDS).items() if not name.startswith("_")}
            operator.builtinOptionsType = kind
            operator.builtinOptions = getattr(schema, names[kind] + "T")()
            for field, value in fields.items():
                assert hasattr(operator.builtinOptions, field), field
                setattr(operator.builtinOptions, field, value)
        self._graph.operators.append(operator)
        return outputs[0]

    def save(self, path, inputs, outputs):
        self._graph.inputs, self._graph.outputs = list(inputs), list(outputs)
        builder = flatbuffers.Builder(1024)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        path.write_bytes(bytes(builder.Output()))
