# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs ONNX Runtime's quantized operators: QLinearConv, QGemm and, without a bias, QLinearMatMul."""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import goldens
from layers import DTYPES

ONNX_TYPES = {"u8": TensorProto.UINT8, "s8": TensorProto.INT8}


def constants(case, layer):
    """The initializers that all three operators have."""
    types = case["types"]
    weights = layer.weights.T if case["op"] == "linear" else layer.weights.transpose(0, 3, 1, 2)
    zero_points = layer.weight_zero_points.astype(DTYPES[types[1]])
    single = (lambda values: values) if case["per_channel"] else (lambda values: values[0])
    arrays = {
        "in_scale": layer.in_scale, "in_zero": DTYPES[types[0]](case["zp"][0]),
        "weights": np.ascontiguousarray(weights),
        "weight_scale": single(layer.weight_scales), "weight_zero": single(zero_points),
        "out_scale": layer.out_scale, "out_zero": DTYPES[types[2]](case["zp"][1]),
    }
    if layer.bias is not None:
        arrays["bias"] = layer.bias
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]


def node(case):
    """The operator; its inputs are named as in constants()."""
    left = ["in", "in_scale", "in_zero", "weights", "weight_scale", "weight_zero"]
    right, bias = ["out_scale", "out_zero"], [] if case["bias"] is None else ["bias"]
    if case["op"] == "conv":
        return helper.make_node(
            "QLinearConv", left + right + bias, ["out"], strides=case["stride"], pads=case["pad"],
            dilations=case["dilation"], group=case["groups"], kernel_shape=case["kernel"])
    if bias:
        return helper.make_node("QGemm", left + bias + right, ["out"], domain="com.microsoft")
    return helper.make_node("QLinearMatMul", left + right, ["out"])


def model(case, layer, shape):
    inputs = [helper.make_tensor_value_info("in", ONNX_TYPES[case["types"][0]], shape)]
    outputs = [helper.make_tensor_value_info("out", ONNX_TYPES[case["types"][2]], None)]
    graph = helper.make_graph([node(case)], "layer", inputs, outputs, constants(case, layer))
    opsets = [helper.make_opsetid("", 13), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def run_case(case, layer):
    """Output codes, NCHW or [N, OC]."""
    codes = layer.input if case["op"] == "linear" else layer.input.transpose(0, 3, 1, 2)
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model(case, layer, codes.shape).SerializeToString(), settings, ["CPUExecutionProvider"])
    return session.run(None, {"in": np.ascontiguousarray(codes)})[0]


def main():
    arguments = goldens.options(__doc__).parse_args()
    source = f"ONNX Runtime {onnxruntime.__version__} (CPU), onnx {onnx.__version__}"
    goldens.write(arguments, "onnxruntime", source, "NCHW", run_case)


if __name__ == "__main__":
    main()
