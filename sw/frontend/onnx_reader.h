// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Reads ONNX models with quantized operators (the QOperator format) into the graph.
#pragma once

#include <string>

#include "sw/graph/graph.h"

namespace systole::frontend {

// The validated graph of the model in file `path`; its name is the file's stem.
//
// Shapes, weights and axes are converted from NCHW to NHWC. Clip and Relu become the clamp of the
// layer before them; QuantizeLinear and DequantizeLinear become real ports. A layer keeps the name
// of its ONNX node (`<Op>_<index>` where the file has none). The metadata property `systole.engine`
// names the backend; without it, ONNX Runtime's arithmetic applies. Beside a bias initializer N, a
// float32 initializer `N.float` holds the bias in real units.
//
// Throws graph::ModelError, one line that starts with `path`, for a file that cannot be read, is
// not ONNX, or uses what is not supported.
graph::Graph read_onnx(const std::string& path);

// The same for a file's content in memory; `path` names it in errors and in Graph::name.
graph::Graph parse_onnx(const std::string& content, const std::string& path);

}  // namespace systole::frontend
