# SPDX-License-Identifier: Apache-2.0
# Copyright the Systole authors
"""Runs TensorFlow Lite's reference kernels on one-layer models that this script writes itself."""
import importlib.metadata

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

import goldens
from layers import output_shape

TENSOR_TYPES = {"u8": schema.TensorType.UINT8, "s8": schema.TensorType.INT8}
ACTIVATIONS = {"none": schema.ActivationFunctionType.NONE,
               "relu": schema.ActivationFunctionType.RELU,
               "relu6": schema.ActivationFunctionType.RELU6}


def is_depthwise(case):
    return case["op"] == "conv" and case["groups"] == case["in"][2] and case["groups"] > 1


def tensor(model, name, shape, tensor_type, scales, zero_points, data=None, axis=0):
    """Appends a tensor (and its buffer) to the model; returns its index."""
    buffer = schema.BufferT()
    if data is not None:
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
    model.buffers.append(buffer)
    result = schema.TensorT()
    result.name, result.shape, result.type = name, list(shape), tensor_type
    result.buffer = len(model.buffers) - 1
    result.quantization = schema.QuantizationParametersT()
    result.quantization.scale = np.asarray(scales, np.float32)
    result.quantization.zeroPoint = np.asarray(zero_points, np.int64)
    result.quantization.quantizedDimension = axis
    model.subgraphs[0].tensors.append(result)
    return len(model.subgraphs[0].tensors) - 1


def set_window(options, case):
    options.strideH, options.strideW = case["stride"]
    options.dilationHFactor, options.dilationWFactor = case["dilation"]
    options.padding = schema.Padding.SAME if any(case["pad"]) else schema.Padding.VALID


def operator(case):
    """(builtin code, version, options type, options)."""
    codes, kinds = schema.BuiltinOperator, schema.BuiltinOptions
    if case["op"] == "linear":
        options = schema.FullyConnectedOptionsT()
        chosen = codes.FULLY_CONNECTED, 4, kinds.FullyConnectedOptions, options
    elif is_depthwise(case):
        options = schema.DepthwiseConv2DOptionsT()
        options.depthMultiplier = case["out_c"] // case["in"][2]
        chosen = codes.DEPTHWISE_CONV_2D, 3, kinds.DepthwiseConv2DOptions, options
    else:
        options = schema.Conv2DOptionsT()
        chosen = codes.CONV_2D, 3, kinds.Conv2DOptions, options
    if case["op"] == "conv":
        set_window(options, case)
    options.fusedActivationFunction = ACTIVATIONS[case["activation"]]
    return chosen


def add_tensors(model, case, layer):
    """(inputs, outputs) of the operator."""
    types = [TENSOR_TYPES[name] for name in case["types"]]
    weights, axis = layer.weights, 0
    if is_depthwise(case):  # [1, KH, KW, OC]
        weights, axis = weights.transpose(3, 1, 2, 0), 3
    inputs = [
        tensor(model, "in", layer.input.shape, types[0], [layer.in_scale], [case["zp"][0]]),
        tensor(model, "weights", weights.shape, types[1], layer.weight_scales,
               layer.weight_zero_points, weights, axis)]
    bias = layer.bias if layer.bias is not None else np.zeros(case["out_c"], np.int32)
    scales = layer.in_scale * layer.weight_scales
    inputs.append(tensor(model, "bias", bias.shape, schema.TensorType.INT32, scales,
                         np.zeros(scales.size), bias))
    output = tensor(model, "out", output_shape(case), types[2], [layer.out_scale],
                    [case["zp"][1]])
    return inputs, [output]


def model_bytes(case, layer):
    """The .tflite file of one layer."""
    model = schema.ModelT()
    model.version, model.buffers, model.subgraphs = 3, [schema.BufferT()], [schema.SubGraphT()]
    graph = model.subgraphs[0]
    graph.tensors = []
    inputs, outputs = add_tensors(model, case, layer)
    code = schema.OperatorCodeT()
    step = schema.OperatorT()
    code.builtinCode, code.version, step.builtinOptionsType, step.builtinOptions = operator(case)
    code.deprecatedBuiltinCode = code.builtinCode
    model.operatorCodes = [code]
    step.opcodeIndex, step.inputs, step.outputs = 0, inputs, outputs
    graph.operators, graph.inputs, graph.outputs = [step], inputs[:1], outputs
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def run_case(case, layer):
    """Output codes, NHWC or [N, OC]."""
    interpreter = Interpreter(model_content=model_bytes(case, layer), num_threads=1,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], layer.input)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def main():
    arguments = goldens.options(__doc__).parse_args()
    source = f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')} (reference kernels)"
    goldens.write(arguments, "tflite", source, "NHWC", run_case)


if __name__ == "__main__":
    main()
