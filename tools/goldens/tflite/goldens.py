# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs .tflite models with TensorFlow Lite's reference kernels and writes one golden file each.

    goldens.py MODEL.tflite... [--samples N] [--seed S] [--out FOLDER]

A golden file holds, for every operator's output and every sample, the FNV-1a hash of the bytes. The
inputs are random codes of the seed; sw/data/samples.cpp makes the same ones.
"""
import argparse
import hashlib
import importlib.metadata
import json
from pathlib import Path

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import random64

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "tflite"
OPERATOR_NAMES = {code: name for name, code in vars(schema.BuiltinOperator).items()
                  if not name.startswith("_")}


def fnv1a64(data):
    """64-bit FNV-1a of bytes, 16 hex digits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def layers_of(content):
    """(name, tensor) of every operator's output; names as sw/frontend gives them."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    graph = model.subgraphs[0]
    layers = []
    for index, operator in enumerate(graph.operators):
        code = model.operatorCodes[operator.opcodeIndex]
        name = f"{OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]}_{index}"
        outputs = [int(output) for output in operator.outputs]
        if len(outputs) == 1:
            layers.append((name, outputs[0]))
        else:
            layers += [(f"{name}/{i}", output) for i, output in enumerate(outputs)]
    return layers


def reader_of(interpreter, content, tensor):
    """The tensor whose codes are made at random: a float input's own, after QUANTIZE."""
    if interpreter.get_tensor(tensor).dtype != np.float32:
        return tensor
    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0)).subgraphs[0]
    return next(int(op.outputs[0]) for op in graph.operators if int(op.inputs[0]) == tensor)


def set_input(interpreter, tensor, details, engine):
    """Random codes; a float input gets their real values."""
    codes = np.frombuffer(engine.codes(int(np.prod(details["shape"]))), details["dtype"])
    codes = codes.reshape(details["shape"])
    if details["index"] != tensor:
        scale, zero_point = details["quantization"]
        codes = np.float32(scale) * (codes.astype(np.int32) - zero_point).astype(np.float32)
    interpreter.set_tensor(tensor, codes)


def golden(path, samples, seed):
    """The golden document of one model."""
    content = path.read_bytes()
    interpreter = Interpreter(model_content=content, num_threads=1,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                              experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    tensors = {details["index"]: details for details in interpreter.get_tensor_details()}
    layers = [{"name": name, "dtype": np.dtype(tensors[tensor]["dtype"]).name,
               "shape": [int(extent) for extent in tensors[tensor]["shape"]],
               "tensor_index": tensor, "fnv1a64": []}
              for name, tensor in layers_of(content)
              if tensors[tensor]["dtype"] in (np.int8, np.uint8)]
    inputs = [details["index"] for details in interpreter.get_input_details()]
    engine = random64.Mt19937_64(seed)
    for _ in range(samples):
        for tensor in inputs:
            codes = tensors[reader_of(interpreter, content, tensor)]
            set_input(interpreter, tensor, codes, engine)
        interpreter.invoke()
        for layer in layers:
            layer["fnv1a64"].append(fnv1a64(interpreter.get_tensor(layer["tensor_index"]).tobytes()))
    for layer in layers:
        del layer["tensor_index"]
    version = importlib.metadata.version("ai-edge-litert")
    return {"schema": 1, "engine": "tflite", "runtime": f"ai-edge-litert {version}, BUILTIN_REF",
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
    parser.add_argument("--samples", type=int, default=20)
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
