# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Writes small quantized ONNX models with what exporters emit, to tests/vectors/onnx.

    small_models.py [--seed S] [--out FOLDER]
"""
import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

from qdq import FLOAT, Qdq

FOLDER = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "onnx"


def low(model):
    """The zero point for values that are never negative."""
    return int(np.iinfo(model.dtype).min)


def convolutions(name, dtype, seed):
    """Strides, padding, groups; both kinds of bias; clamps that the output's range takes over."""
    m = Qdq(name, dtype, seed=seed)
    x = m.input([1, 3, 9, 8], 0.03, 100 if dtype == np.uint8 else -5)
    w, scales = m.weights([6, 3, 3, 3])
    y = m.node("Conv", [x, w, m.bias(6, 0.03, scales)], pads=[1, 0, 1, 2], strides=[2, 1])
    y = m.quantize(m.node("Relu", [y]), 0.05, low(m))
    w, _ = m.weights([6, 1, 3, 3], axis=0)
    bias = m.constant(m.random.normal(size=6).astype(FLOAT), "b")
    y = m.node("Conv", [y, w, bias], group=6, pads=[1, 1, 1, 1], dilations=[1, 1])
    bounds = [m.constant(FLOAT(0), "lo"), m.constant(FLOAT(100), "hi")]
    y = m.quantize(m.node("Clip", [y, *bounds]), 0.04, low(m))
    y = m.node("Conv", [y, m.weights([8, 6, 1, 2])[0]], auto_pad="SAME_LOWER")
    m.output(m.quantize(y, 0.11, 3))
    return m.model()


def matrices(name, dtype, seed):
    """Gemm and MatMul with every kind of bias, behind a flattened image."""
    m = Qdq(name, dtype, seed=seed)
    x = m.input([1, 4, 3, 2], 0.05, 7)
    y = m.quantize(m.node("Flatten", [x]), 0.05, 7)
    w, scales = m.weights([24, 10])
    y = m.quantize(m.node("Gemm", [y, w, m.bias(10, 0.05, scales)]), 0.2, 20)
    w, _ = m.weights([9, 10], axis=0)
    bias = m.constant(m.random.normal(size=9).astype(FLOAT), "b")
    y = m.quantize(m.node("Gemm", [y, w, bias], transB=1), 0.3, -3 if dtype == np.int8 else 40)
    y = m.quantize(m.node("MatMul", [y, m.weights([9, 11])[0]]), 0.4, 0)
    w, scales = m.weights([11, 5])
    y = m.node("Add", [m.node("MatMul", [y, w]), m.bias(5, 0.4, scales)])
    y = m.quantize(y, 0.5, 11)
    w = m.node("Transpose", [m.weights([7, 5])[0]], perm=[1, 0])
    bias = m.constant(m.random.normal(size=7).astype(FLOAT), "b")
    y = m.node("Relu", [m.node("Add", [bias, m.node("MatMul", [y, w])])])
    m.output(m.quantize(y, 0.6, low(m)))
    return m.model()


def moves(name, dtype, seed):
    """Operators that move values; two of them at a time between quantizations."""
    m = Qdq(name, dtype, opset=13, seed=seed)
    quantized = dict(scale=0.1, zero_point=5)
    integers = lambda *values: m.constant(np.array(values, np.int64), "i")
    x = m.input([1, 6, 4, 5], **quantized)
    pool = m.quantize(m.node("MaxPool", [x], kernel_shape=[2, 3], strides=[2, 1], pads=[0, 1, 0, 1],
                             ceil_mode=1), **quantized)
    parts = m.node("Split", [pool, integers(2, 4)], outputs=2, axis=1)
    parts = [m.quantize(part, **quantized) for part in parts]
    cut = m.node("Slice", [parts[1], integers(-3, 0), integers(2**62, 4), integers(1, 3),
                           integers(1, 2)])
    cut = m.quantize(cut, **quantized)
    first = m.quantize(m.node("Slice", [parts[0], integers(0), integers(2), integers(3)]), **quantized)
    y = m.quantize(m.node("Concat", [cut, first], axis=1), **quantized)
    y = m.quantize(m.node("Pad", [y, integers(0, 1, 0, 1, 0, 0, 1, 0)], mode="constant"), **quantized)
    # ShuffleNet's channels: {1, 6, 3, 3} as {1, 2, 3, 3, 3}.
    y = m.node("Reshape", [y, integers(1, 2, 3, 3, 3)])
    y = m.node("Transpose", [y], perm=[0, 2, 1, 3, 4])
    y = m.quantize(m.node("Reshape", [y, integers(0, -1, 3, 3)]), **quantized)
    scales = m.constant(np.array([1, 1, 2, 3], FLOAT), "scales")
    y = m.node("Resize", [y, "", scales], mode="nearest", nearest_mode="floor",
               coordinate_transformation_mode="asymmetric")
    y = m.quantize(y, **quantized)
    m.output(m.quantize(m.node("Transpose", [y], perm=[0, 2, 3, 1]), **quantized))
    flat = m.node("Squeeze", [m.node("Unsqueeze", [y, integers(1)]), integers(1)])
    flat = m.node("Reshape", [flat, integers(1, -1)])
    m.output(m.quantize(flat, **quantized))
    rows = m.node("Transpose", [m.node("Reshape", [y, integers(1, 6, -1)])], perm=[0, 2, 1])
    m.output(m.quantize(rows, **quantized))
    return m.model()


def channels_last(name, dtype, seed):
    """As converters from TensorFlow do it: NHWC at the edges, and shapes computed in the graph."""
    m = Qdq(name, dtype, opset=11, seed=seed)
    x = m.input([1, 5, 6, 3], 0.05, 3)
    y = m.node("Transpose", [x], perm=[0, 3, 1, 2])
    w, scales = m.weights([4, 3, 3, 3])
    y = m.quantize(m.node("Conv", [y, w, m.bias(4, 0.05, scales)], pads=[1, 1, 1, 1]), 0.1, 9)
    y = m.quantize(m.node("Transpose", [y], perm=[0, 2, 3, 1]), 0.1, 9)
    batch = m.node("Gather", [m.node("Shape", [y]), m.constant(np.int64(0))], axis=0)
    batch = m.node("Unsqueeze", [batch], axes=[0])
    shape = m.node("Concat", [batch, m.constant(np.array([-1], np.int64))], axis=0)
    y = m.quantize(m.node("Reshape", [y, shape]), 0.1, 9)
    m.output(m.quantize(m.node("MatMul", [y, m.weights([120, 6])[0]]), 0.7, 2))
    return m.model()


def one_element_wise(name, dtype, seed, build, shape=(1, 6, 4, 4), opset=17):
    """One operator between quantizations."""
    m = Qdq(name, dtype, opset=opset, seed=seed)
    m.output(build(m, m.input(list(shape))))
    return m.model()


def add(m, x):
    y = m.input([1, 6, 4, 4])
    return m.quantize(m.node("Add", [x, y]), 0.2, m.zero_point())


def multiply(m, x):
    gate = m.input([1, 6, 1, 1])
    return m.quantize(m.node("Mul", [x, gate]), 0.05, m.zero_point())


def add_constant(m, x):
    y = m.quantize(m.node("Add", [x, m.weights([6, 1, 1], dtype=m.dtype, scale=FLOAT([0.03]))[0]]),
                   0.1, 3)
    return m.quantize(m.node("Mul", [m.weights([4], dtype=m.dtype, scale=FLOAT([0.01]))[0], y]),
                      0.05, 4)


def functions(m, x):
    y = m.quantize(m.node("LeakyRelu", [x], alpha=0.2), 0.05, m.zero_point())
    y = m.quantize(m.node("Sigmoid", [y]), 1 / 256, low(m))
    m.output(y)
    y = m.quantize(m.node("Tanh", [x]), 1 / 128, 0 if m.dtype == np.int8 else 128)
    m.output(y)
    m.output(m.quantize(m.node("HardSigmoid", [x], alpha=1 / 6, beta=0.5), 1 / 255, low(m)))
    return m.quantize(m.node("HardSwish", [x]), 0.04, low(m) + 10)


def clamps(m, x):
    """Clamps with a layer of their own, and a requantization behind a clamp."""
    y = m.quantize(m.node("Relu", [x]), 0.07, 3)
    bounds = [m.constant(FLOAT(-0.5), "lo"), m.constant(FLOAT(1.5), "hi")]
    y = m.quantize(m.node("Clip", [y, *bounds]), 0.05, 9)
    return m.quantize(m.node("MaxPool", [y], kernel_shape=[1, 1]), 0.02, 1)


def softmax(m, x):
    m.output(m.quantize(m.node("Softmax", [x], axis=1), 1 / 256, low(m)))
    return m.quantize(m.node("Softmax", [x], axis=-1), 1 / 200, low(m) + 1)


def pools(m, x):
    y = m.node("AveragePool", [x], kernel_shape=[3, 2], pads=[1, 0, 1, 1], strides=[1, 1])
    y = m.quantize(y, 0.08, m.zero_point())
    return m.quantize(m.node("AveragePool", [y], kernel_shape=[3, 3], pads=[1, 1, 1, 1],
                             count_include_pad=1), 0.06, 1)


def global_pool(m, x):
    return m.quantize(m.node("GlobalAveragePool", [x]), 0.03, m.zero_point())


def mean(m, x):
    return m.quantize(m.node("ReduceMean", [x], axes=[2, 3], keepdims=0), 0.05, 3)


def concat(m, x):
    y = m.input([1, 3, 4, 4])
    return m.quantize(m.node("Concat", [x, y], axis=1), 0.15, m.zero_point())


def linear(m, x):
    scale, zero_point = 0.1, 3
    x = m.quantize(m.node("MaxPool", [x], kernel_shape=[1, 1]), scale, zero_point)
    scales = m.constant(np.array([1, 1, 2, 3], FLOAT), "scales")
    y = m.node("Resize", [x, "", scales], mode="linear",
               coordinate_transformation_mode="half_pixel")
    return m.quantize(y, scale, zero_point)


def float_network(seed, opset):
    """A small convolutional network as an exporter writes it, before quantization."""
    random = np.random.default_rng(seed)
    tensor = lambda name, *shape: numpy_helper.from_array(
        random.normal(0, 0.4, shape).astype(FLOAT), name)
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c1"], "conv1", pads=[1] * 4, strides=[2, 2]),
        helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], "conv2", pads=[1] * 4, group=8),
        helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
        helper.make_node("Conv", ["r2", "w3", "b3"], ["c3"], "conv3"),
        helper.make_node("MaxPool", ["c3"], ["p"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], "flatten"),
        helper.make_node("Gemm", ["f", "w4", "b4"], ["y"], "fc", transB=1),
    ]
    weights = [tensor("w1", 8, 3, 3, 3), tensor("b1", 8), tensor("w2", 8, 1, 3, 3), tensor("b2", 8),
               tensor("w3", 6, 8, 1, 1), tensor("b3", 6), tensor("w4", 5, 24), tensor("b4", 5)]
    graph = helper.make_graph(
        nodes, "small_cnn", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 5])], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


class Calibration(quantization.CalibrationDataReader):
    """Eight random images."""

    def __init__(self, seed):
        random = np.random.default_rng(seed)
        self.images = iter(random.normal(size=(1, 3, 8, 8)).astype(FLOAT) for _ in range(8))

    def get_next(self):
        image = next(self.images, None)
        return None if image is None else {"x": image}


def quantized_statically(seed, opset, form, activation, weight, per_channel, **extra):
    """The float network, quantized by ONNX Runtime's own tool."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / name) for name in ("float.onnx", "quantized.onnx")]
        onnx.save(float_network(seed, opset), paths[0])
        quantization.quantize_static(
            paths[0], paths[1], Calibration(seed), quant_format=form, activation_type=activation,
            weight_type=weight, per_channel=per_channel, extra_options=extra)
        return onnx.load(paths[1])


def all_models(seed):
    """(name, model) of each."""
    types = {"u8": np.uint8, "s8": np.int8}
    single = {"add": add, "mul": multiply, "add_constant": add_constant, "functions": functions,
              "clamps": clamps, "softmax": softmax, "pools": pools, "global_pool": global_pool,
              "mean": mean, "concat": concat, "linear": linear}
    for suffix, dtype in types.items():
        for build in (convolutions, matrices, moves, channels_last):
            name = f"{build.__name__}_{suffix}"
            yield name, build(name, dtype, seed)
        for stem, build in single.items():
            if (stem, suffix) == ("add_constant", "s8"):
                continue  # the runtime adds these as float32 on x86
            name = f"{stem}_{suffix}"
            yield name, one_element_wise(name, dtype, seed, build)
    form, kind = quantization.QuantFormat, quantization.QuantType
    yield "static_u8s8", quantized_statically(seed, 13, form.QDQ, kind.QUInt8, kind.QInt8, False)
    yield "static_s8s8", quantized_statically(seed, 17, form.QDQ, kind.QInt8, kind.QInt8, True)
    yield "static_symmetric", quantized_statically(
        seed, 21, form.QDQ, kind.QInt8, kind.QInt8, True, ActivationSymmetric=True)
    yield "static_qoperator", quantized_statically(
        seed, 13, form.QOperator, kind.QUInt8, kind.QInt8, True)
    yield "static_u8u8", quantized_statically(seed, 11, form.QDQ, kind.QUInt8, kind.QUInt8, False)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, model in all_models(arguments.seed):
        onnx.save(model, str(arguments.out / f"{name}.onnx"))


if __name__ == "__main__":
    main()
