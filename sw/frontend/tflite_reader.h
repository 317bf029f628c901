// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Reads quantized TensorFlow Lite models (FlatBuffers, schema version 3) into the graph.
#pragma once

#include <string>

#include "sw/graph/graph.h"

namespace systole::frontend {

// The validated graph of the model in file `path`; its name is the file's stem.
//
// int8 models with one scale per output channel and the older uint8 models with one per tensor. A
// fused activation becomes the layer's clamp; zero padding of an image becomes the padding of the
// convolution behind it; QUANTIZE and DEQUANTIZE at the edges become real ports. A layer is called
// <operator>_<index in the file>, such as CONV_2D_3.
//
// Throws graph::ModelError, one line that starts with `path`, for a file that cannot be read, is
// not a TensorFlow Lite model, or uses what is not supported.
graph::Graph read_tflite(const std::string& path);

// The same for a file's content in memory; `path` names it in errors and in Graph::name.
graph::Graph parse_tflite(const std::string& content, const std::string& path);

}  // namespace systole::frontend
