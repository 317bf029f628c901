# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs quantized ONNX models with ONNX Runtime and writes one golden file each.

    goldens.py MODEL.onnx... [--samples N] [--seed S] [--out FOLDER]

A golden file holds, for every 8-bit value behind a QuantizeLinear or a quantized operator and for
every sample, the FNV-1a hash of the bytes. Each comes from a copy of the model that ends there, with the
optimizations that are ONNX Runtime's default. Inputs are random codes of the seed; sw/data/samples.cpp
makes the same ones.
"""
import argparse
import hashlib
import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tflite"))
import random64  # noqa: E402

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "onnx"


def fnv1a64(data):
    """64-bit FNV-1a of bytes, 16 hex digits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def session(model):
    """The model under default options on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options,
                                        providers=["CPUExecutionProvider"])


class Input:
    """A float input and the codes that QuantizeLinear makes of it."""

    def __init__(self, model, value):
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        readers = [node for node in model.graph.node if value.name in node.input]
        quantize = next(node for node in readers if node.op_type == "QuantizeLinear")
        self.name = value.name
        self.scale = constants[quantize.input[1]].reshape(())
        self.zero_point = constants[quantize.input[2]].reshape(())
        self.shape = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
        dequantized = next(node.output[0] for node in model.graph.node
                           if quantize.output[0] in node.input)
        # The reader keeps such an image as it is; any other is NHWC in the graph.
        self.is_nhwc = any(node.op_type == "Transpose" and dequantized in node.input
                           for node in model.graph.node)

    def real(self, engine):
        """Random real values that are exactly on the codes."""
        shape = self.shape
        turns = len(shape) == 4 and not self.is_nhwc
        if turns:
            shape = [shape[0], shape[2], shape[3], shape[1]]
        codes = np.frombuffer(engine.codes(int(np.prod(shape))), self.zero_point.dtype).reshape(shape)
        if turns:
            codes = np.ascontiguousarray(codes.transpose(0, 3, 1, 2))
        return self.scale * (codes.astype(np.int32) - self.zero_point.astype(np.int32)).astype(
            np.float32)


def ending_in(model, name):
    """A copy of the model that computes one value, without the operators that it does not need."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    needed, kept = {name}, []
    for node in reversed(model.graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    inputs = [value for value in model.graph.input if value.name in needed]
    for field, values in (("node", reversed(kept)), ("input", inputs),
                          ("output", [helper.make_empty_tensor_value_info(name)])):
        del getattr(copy.graph, field)[:]
        getattr(copy.graph, field).extend(values)
    return copy


class End:
    """A copy of a model that computes one 8-bit value: it ends in its DequantizeLinear, if it has one.

    These are optimized as the model is; a copy with all values as outputs would not be.
    """

    def __init__(self, model, constants, name):
        self.name = name
        reader = next((node for node in model.graph.node
                       if node.op_type == "DequantizeLinear" and node.input[0] == name), None)
        self.scale = None
        if reader is not None:
            self.scale = constants[reader.input[1]].reshape(())
            self.zero_point = constants[reader.input[2]].reshape(())
            name = reader.output[0]
        self.session = session(ending_in(model, name))
        self.inputs = {value.name for value in self.session.get_inputs()}

    def codes(self, feed):
        """The value's codes; real values are exactly on codes."""
        value, = self.session.run(None, {name: feed[name] for name in self.inputs})
        if self.scale is None:
            return value
        codes = np.rint(value / self.scale).astype(np.int32) + self.zero_point.astype(np.int32)
        return codes.astype(self.zero_point.dtype)


def layers_of(model):
    """Names of the 8-bit values that operators compute."""
    quantized = ("QuantizeLinear", "MaxPool", "Reshape", "Flatten")
    inferred = onnx.shape_inference.infer_shapes(model).graph
    types = {value.name: value.type.tensor_type.elem_type for value in inferred.value_info}
    eight_bit = (TensorProto.UINT8, TensorProto.INT8)
    return [output for node in model.graph.node for output in node.output
            if node.op_type.startswith("Q") or (node.op_type in quantized
                                                and types.get(output) in eight_bit)]


def check_against(results, names, model, end, codes):
    """Where the value is an output of the whole model, both must agree."""
    readers = [node.output[0] for node in model.graph.node
               if end.scale is not None and end.name in node.input]
    for name, real in zip(names, results):
        if name in readers:
            ours = end.scale * (codes.astype(np.int32) - end.zero_point.astype(np.int32)).astype(
                np.float32)
            assert np.array_equal(ours, real), f"{end.name}: not what the whole model computes"


def golden(path, samples, seed):
    """The golden document of one model."""
    content = path.read_bytes()
    model = onnx.load_from_string(content)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    inputs = [Input(model, value) for value in model.graph.input if value.name not in constants]
    ends = [End(model, constants, name) for name in layers_of(model)]
    layers = [{"name": end.name, "tensor": end.name, "fnv1a64": []} for end in ends]
    whole = session(model)
    names = [value.name for value in model.graph.output]
    engine = random64.Mt19937_64(seed)
    for _ in range(samples):
        feed = {source.name: source.real(engine) for source in inputs}
        results = whole.run(names, feed)
        for layer, end in zip(layers, ends):
            codes = end.codes(feed)
            check_against(results, names, model, end, codes)
            layer["dtype"], layer["shape"] = codes.dtype.name, list(codes.shape)
            layer["fnv1a64"].append(fnv1a64(codes.tobytes()))
    version = importlib.metadata.version("onnxruntime")
    return {"schema": 1, "engine": "onnxruntime", "runtime": f"onnxruntime {version}, default options",
            "model": path.name, "sha256": hashlib.sha256(content).hexdigest(), "seed": seed,
            "samples": samples, "layers": layers}


def document(content):
    """JSON text with one layer per line."""
    layers = content.pop("layers")
    head = json.dumps(content, indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(layer) for layer in layers)
    return f'{head},\n "layers": [\n{lines}\n ]\n}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    random64.self_check()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for path in arguments.models:
        content = golden(path, arguments.samples, arguments.seed)
        print(f"{path.name}: {len(content['layers'])} layers, {arguments.samples} samples")
        (arguments.out / f"{path.stem}.golden.json").write_text(document(content))


if __name__ == "__main__":
    main()
