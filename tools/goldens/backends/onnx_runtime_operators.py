# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs ONNX Runtime's operators without weights: the QLinear ones of com.microsoft, and where there
is none, DequantizeLinear, the operator and QuantizeLinear."""
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from layers import DTYPES, RANGES
from onnx_runtime import ONNX_TYPES
from operators import operator_options, write_operators

QLINEAR = {"add": "QLinearAdd", "mul": "QLinearMul", "average_pool": "QLinearAveragePool",
           "concat": "QLinearConcat",
           "logistic": "QLinearSigmoid", "leaky_relu": "QLinearLeakyRelu",
           "softmax": "QLinearSoftmax"}
REAL = {"resize_bilinear": "Resize", "resize_nearest": "Resize", "mean": "ReduceMean",
        "tanh": "Tanh", "hard_swish": "HardSwish", "clamp": "Relu", "requantize": None}


def planes(codes):
    """N, C, H, W of images."""
    return np.ascontiguousarray(codes.transpose(0, 3, 1, 2) if codes.ndim == 4 else codes)


def parameters(case, operator):
    """Scale and zero point of each operand and of the output, as initializers."""
    arrays = {}
    for i, (scale, zero) in enumerate(zip(operator.scales, operator.zero_points)):
        arrays[f"scale{i}"], arrays[f"zero{i}"] = scale, DTYPES[case["type"]](zero)
    if "out" in case:
        arrays["sizes"] = np.array([1, case["inputs"][0][2], *case["out"]], np.int64)
    if case["op"] == "mean":
        arrays["axes"] = np.array([2, 3], np.int64)
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]


def attributes(case, operator):
    if "whole" in case:
        return {"channels_last": 0}
    if case["op"] == "average_pool":
        return {"kernel_shape": case["kernel"], "strides": case["stride"],
                "pads": [case["pad"]] * 4, "count_include_pad": int(case["count_include_pad"])}
    if "out" in case:
        return {"mode": "linear" if case["op"] == "resize_bilinear" else "nearest",
                "nearest_mode": "floor", "coordinate_transformation_mode": case["mode"]}
    return {"concat": {"axis": 1}, "softmax": {"axis": -1, "opset": 13},
            "leaky_relu": {"alpha": float(operator.slope)},
            "mean": {"keepdims": 1}}.get(case["op"], {})


def nodes(case, operator):
    last = len(operator.codes)
    groups = [name for i in range(last) for name in (f"in{i}", f"scale{i}", f"zero{i}")]
    out = [f"scale{last}", f"zero{last}"]
    if case["op"] in QLINEAR:
        names = out + groups if case["op"] == "concat" else groups + out
        kind = "QLinearGlobalAveragePool" if "whole" in case else QLINEAR[case["op"]]
        return [helper.make_node(kind, names, ["out"], domain="com.microsoft",
                                 **attributes(case, operator))]
    real = REAL[case["op"]]
    chain = [helper.make_node("DequantizeLinear", groups, ["real"])]
    if real:
        more = {"resize_bilinear": ["", "", "sizes"], "resize_nearest": ["", "", "sizes"],
                "mean": ["axes"]}.get(case["op"], [])
        chain.append(helper.make_node(real, ["real", *more], ["result"],
                                      **attributes(case, operator)))
    chain.append(helper.make_node("QuantizeLinear", ["result" if real else "real", *out], ["out"]))
    return chain


def run(case, operator):
    """Output codes, N, H, W, C or N, K."""
    feeds = {f"in{i}": planes(codes) for i, codes in enumerate(operator.codes)}
    kind = ONNX_TYPES[case["type"]]
    graph = helper.make_graph(
        nodes(case, operator), "layer",
        [helper.make_tensor_value_info(name, kind, value.shape) for name, value in feeds.items()],
        [helper.make_tensor_value_info("out", kind, None)], parameters(case, operator))
    opsets = [helper.make_opsetid("", 19), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings,
                                           ["CPUExecutionProvider"])
    output = session.run(None, feeds)[0]
    if operator.relu:  # a clamp of codes
        output = np.maximum(output, DTYPES[case["type"]](operator.zero_points[-1]))
    assert RANGES[case["type"]][0] <= output.min()
    return output.transpose(0, 2, 3, 1) if output.ndim == 4 else output


def main():
    arguments = operator_options(__doc__).parse_args()
    source = f"ONNX Runtime {onnxruntime.__version__} (CPU), onnx {onnx.__version__}"
    write_operators(arguments, "onnxruntime", source, run)


if __name__ == "__main__":
    main()
