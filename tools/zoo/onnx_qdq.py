# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Quantizes float ONNX networks with onnxruntime.quantization (QDQ) and runs ONNX Runtime on them.

    onnx_qdq.py FOLDER NAME... [--per-tensor NAME...] --out ../../tests/vectors/zoo

FOLDER holds what onnx_float.py wrote. Each NAME becomes NAME_qdq.onnx, .inputs.npy, .golden.json:
uint8 activations and int8 weights per channel; those after --per-tensor have one scale per weight
tensor.
"""
import argparse
import copy
import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType,
                                      quantize_static)
from onnxruntime.quantization.shape_inference import quant_pre_process

import numbers64

SCRIPT = "tools/zoo/onnx_qdq.py"
SAMPLES = 5
# Layers that move codes. A reader may take the QuantizeLinear behind them for nothing, so their
# goldens are found by the layer's name, not by that of the tensor.
MOVES = ("MaxPool", "Resize")


class _Images(CalibrationDataReader):
    def __init__(self, name, images):
        self._feeds = iter([{name: image[None]} for image in images])

    def get_next(self):
        return next(self._feeds, None)


def quantize(folder, name, per_channel, path):
    """Writes the QDQ model to `path`."""
    source, prepared = folder / f"{name}.float.onnx", folder / f"{name}.prepared.onnx"
    quant_pre_process(str(source), str(prepared))
    images = np.load(folder / f"{name}.calibration.npy")
    quantize_static(str(prepared), str(path), _Images("image", images), per_channel=per_channel,
                    quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8)
    model = onnx.load(str(path))
    del model.graph.value_info[:]  # a tenth of the file, and nobody needs it
    onnx.save(model, str(path))


def _results(model):
    """{tensor: layer}: what every layer's QuantizeLinear gives, by the name of its operator."""
    makers = {node.output[0]: node.name for node in model.graph.node if node.output}
    return {node.output[0]: makers.get(node.input[0], node.name)
            for node in model.graph.node if node.op_type == "QuantizeLinear"
            and node.input[0] not in {t.name for t in model.graph.initializer}}


def _session(model):
    """A session whose products are sums of integers: else it would not be the runtime's answer to
    the quantized model, but to the float one with rounded tensors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # it warns that optimized models are of this machine
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = f"{folder}/optimized.onnx"
        session = onnxruntime.InferenceSession(model.SerializeToString(), options,
                                               providers=["CPUExecutionProvider"])
        optimized = onnx.load(options.optimized_model_filepath)
    real = {node.op_type for node in optimized.graph.node} & {"Conv", "Gemm", "MatMul", "Add"}
    assert not real, f"ONNX Runtime computes {real} with real numbers"
    return session


def _with_outputs(model, tensors):
    """A copy of the model that also returns `tensors`."""
    wide = copy.deepcopy(model)
    inferred = onnx.shape_inference.infer_shapes(model)
    kinds = {info.name: info for info in inferred.graph.value_info}
    wide.graph.output.extend(kinds[tensor] for tensor in tensors)
    return wide


def _input_codes(model, name, shape):
    """uint8 codes of images, and their real values."""
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    node = next(n for n in model.graph.node if n.input and n.input[0] == "image")
    scale, zero_point = constants[node.input[1]], constants[node.input[2]]
    codes = numbers64.images(f"{name}/inputs", SAMPLES, shape)
    return codes, (codes.astype(np.float32) - zero_point.astype(np.float32)) * scale


def fnv1a64(data):
    """64-bit FNV-1a of bytes, 16 hex digits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def golden(path, name, shape):
    """(document, codes) of the model at `path`."""
    model = onnx.load(str(path))
    codes, real = _input_codes(model, name, shape)
    layers = _results(model)
    plain, wide = _session(model), _session(_with_outputs(model, layers))
    moves = {node.name for node in model.graph.node if node.op_type in MOVES}
    entries = {tensor: {"name": layer, "tensor": "" if layer in moves else tensor, "fnv1a64": []}
               for tensor, layer in layers.items()}
    answers = []
    for sample in real:
        expected = plain.run(None, {"image": sample[None]})[0]
        found = wide.run(["logits", *layers], {"image": sample[None]})
        assert np.array_equal(expected, found[0]), f"{path}: more outputs change the result"
        answers.append(int(expected.argmax()))
        for tensor, value in zip(layers, found[1:]):
            entries[tensor].update(dtype=value.dtype.name, shape=list(value.shape))
            entries[tensor]["fnv1a64"].append(fnv1a64(value.tobytes()))
    document = {"schema": 1, "engine": "onnxruntime",
                "runtime": f"ONNX Runtime {onnxruntime.__version__}",
                "script": SCRIPT, "model_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "inputs_sha256": hashlib.sha256(codes.tobytes()).hexdigest(),
                "layers": list(entries.values()), "outputs": {"predictions": answers}}
    return document, codes


def write(folder, name, per_channel, out):
    stem = f"{name}_qdq"
    path = out / f"{stem}.onnx"
    quantize(folder, name, per_channel, path)
    shape = np.load(folder / f"{name}.calibration.npy").shape[1:]
    document, codes = golden(path, name, shape)
    np.save(out / f"{stem}.inputs.npy", codes)
    (out / f"{stem}.golden.json").write_text(json.dumps(document, indent=1) + "\n")
    print(f"{stem}: {path.stat().st_size} bytes, {len(document['layers'])} layers, "
          f"answers {document['outputs']['predictions']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--per-tensor", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    for name in arguments.names + arguments.per_tensor:
        write(arguments.folder, name, name in arguments.names, arguments.out)


if __name__ == "__main__":
    main()
