// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Pad, Resize and Upsample.
#include <algorithm>
#include <cmath>
#include <utility>

#include "sw/frontend/onnx_builder.h"

namespace systole::frontend {
namespace {

using graph::OpType;

// Before and after each axis: an input since opset 11, an attribute before.
Shape read_pads(const OnnxBuilder& builder, const OnnxNode& node, size_t rank) {
  Shape pads =
      node.has_input(1) ? builder.int64_constant(node, 1, "pads") : node.ints_attribute("pads");
  if (node.has_input(3)) {  // opset 18: only these axes
    const Shape axes = builder.int64_constant(node, 3, "axes");
    Shape all(2 * rank, 0);
    if (pads.size() != 2 * axes.size()) node.fail("has not two paddings per axis");
    for (size_t i = 0; i < axes.size(); ++i) {
      const int axis = normalized_axis(node, axes[i], rank);
      all[axis] = pads[i];
      all[axis + rank] = pads[i + axes.size()];
    }
    pads = all;
  }
  if (pads.size() != 2 * rank) node.fail("has not two paddings per axis");
  for (const int64_t pad : pads) {
    if (pad < 0 || pad > graph::kMaxWindowValue) {
      node.fail("padding " + std::to_string(pad) + " is out of range");
    }
  }
  return pads;
}

// The graph pads with real 0.
void check_pad_value(const OnnxBuilder& builder, const OnnxNode& node, const Value& value) {
  float padding = node.float_attribute("value", 0);
  int32_t zero = 0;
  if (node.has_input(2)) {
    const Constant constant = builder.constant(node, 2, "padding value");
    if (constant.elements() != 1) node.fail("has not one padding value");
    padding = constant.type == onnx::TensorProto::FLOAT
                  ? constant.values<float>()[0]
                  : static_cast<float>(integers(constant).at(0));
  }
  if (value.kind == Value::Kind::kQuantized) {
    const graph::Quantization& quant = builder.quantization_of(value.tensor);
    if (quant.zero_point.empty()) node.fail("pads a tensor of unknown zero point");
    zero = quant.zero_point[0];
  }
  if (padding != static_cast<float>(zero)) {
    node.fail("pads with " + std::to_string(padding) + "; only real 0 is supported");
  }
}

// Output extents of {height, width}, and input pixels per output pixel.
struct Target {
  int64_t extent[2];
  float step[2];
};

// Floats of the i-th input or, where it is absent or empty, none.
std::vector<float> optional_floats(const OnnxBuilder& builder, const OnnxNode& node, int input) {
  if (!node.has_input(input)) return {};
  const Constant constant = builder.constant(node, input, "scales");
  if (constant.type != onnx::TensorProto::FLOAT) node.fail("scales are not float32");
  return constant.values<float>();
}

// The positions of `axes` (opset 18; else all) in lists of sizes and scales.
Shape resized_axes(const OnnxNode& node, size_t rank) {
  Shape axes = node.ints_attribute("axes");
  for (int64_t& axis : axes) axis = normalized_axis(node, axis, rank);
  if (axes.empty()) {
    for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int64_t>(i));
  }
  return axes;
}

Target target_of(const OnnxBuilder& builder, const OnnxNode& node, const Shape& in) {
  const bool has_roi = node.op() == "Resize" && builder.opset() >= 11;
  std::vector<float> scales = optional_floats(builder, node, has_roi ? 2 : 1);
  if (node.op() == "Upsample" && scales.empty()) scales = node.floats_attribute("scales");
  const Shape sizes =
      has_roi && node.has_input(3) ? builder.int64_constant(node, 3, "sizes") : Shape();
  const Shape axes = resized_axes(node, in.size());
  if (scales.empty() == sizes.empty()) node.fail("needs either scales or sizes");
  if (std::max(scales.size(), sizes.size()) != axes.size()) {
    node.fail("has not one scale or size per axis");
  }
  Target target{{in[2], in[3]}, {1, 1}};
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t extent = in[axes[i]];
    const float scale =
        scales.empty() ? static_cast<float>(sizes[i]) / static_cast<float>(extent) : scales[i];
    const float product = std::floor(static_cast<float>(extent) * scale);
    if (!(product >= 1) || !(product <= 65536)) node.fail("its output would be empty or too large");
    const int64_t out = scales.empty() ? sizes[i] : static_cast<int64_t>(product);
    if (axes[i] < 2) {
      if (out != extent) node.fail("only an image's height and width can be resized");
      continue;
    }
    target.extent[axes[i] - 2] = out;
    target.step[axes[i] - 2] = 1 / scale;
  }
  return target;
}

// Where output index `o` lies in the input, as ONNX Runtime computes it.
float position(const std::string& mode, int64_t o, int64_t in, int64_t out, float step) {
  const float x = static_cast<float>(o);
  if (mode == "asymmetric") return x * step;
  if (mode == "align_corners") {
    return out == 1 ? 0 : x * static_cast<float>(in - 1) / static_cast<float>(out - 1);
  }
  if (mode == "pytorch_half_pixel" && out == 1) return 0;
  return (x + 0.5f) * step - 0.5f;
}

float rounded(const std::string& mode, float x) {
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  if (mode == "round_prefer_ceil") return std::floor(x + 0.5f);
  return std::ceil(x - 0.5f);
}

// The graph's own choice of pixels, section 6.13 of docs/arithmetic.md.
int64_t graph_nearest(const graph::Node& layer, int64_t o, int64_t in, int64_t out) {
  const bool aligned = layer.align_corners && out > 1;
  const float scale = aligned ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                              : static_cast<float>(in) / static_cast<float>(out);
  const float x = (static_cast<float>(o) + (layer.half_pixel_centers ? 0.5f : 0.0f)) * scale;
  const float index = layer.align_corners ? std::round(x) : std::floor(x);
  return std::clamp<int64_t>(static_cast<int64_t>(index), 0, in - 1);
}

bool picks_the_same(const graph::Node& layer, const OnnxNode& node, const std::string& mode,
                    const Shape& in, const Target& target) {
  const std::string nearest = node.op() == "Upsample"
                                  ? "floor"
                                  : node.string_attribute("nearest_mode", "round_prefer_floor");
  for (int i = 0; i < 2; ++i) {
    const int64_t extent = in[2 + i];
    for (int64_t o = 0; o < target.extent[i]; ++o) {
      const float x = rounded(nearest, position(mode, o, extent, target.extent[i], target.step[i]));
      const int64_t onnx = std::clamp<int64_t>(static_cast<int64_t>(x), 0, extent - 1);
      if (onnx != graph_nearest(layer, o, extent, target.extent[i])) return false;
    }
  }
  return true;
}

// The graph knows three ways to pick the nearest pixel; ONNX's fifteen mostly agree with one.
void set_nearest(const OnnxNode& node, const std::string& mode, const Shape& in,
                 const Target& target, graph::Node* layer) {
  layer->op = OpType::kResizeNearest;
  for (const bool half : {false, true}) {
    for (const bool aligned : {false, true}) {
      layer->half_pixel_centers = half;
      layer->align_corners = aligned;
      if (picks_the_same(*layer, node, mode, in, target)) return;
    }
  }
  node.fail("picks pixels (" + mode + ", nearest_mode) in a way that is not supported");
}

void set_linear(const OnnxNode& node, const std::string& mode, const Shape& in,
                const Target& target, graph::Node* layer) {
  layer->op = OpType::kResizeBilinear;
  layer->align_corners = mode == "align_corners";
  layer->half_pixel_centers = mode == "half_pixel" || mode == "pytorch_half_pixel";
  for (int i = 0; i < 2; ++i) {
    const float exact = static_cast<float>(in[2 + i]) / static_cast<float>(target.extent[i]);
    if (!layer->align_corners && target.step[i] != exact) {
      node.fail("its scale is not the quotient of its output and input, which is not supported");
    }
    if (mode == "pytorch_half_pixel" && target.extent[i] == 1 && in[2 + i] != 1) {
      node.fail("pytorch_half_pixel with an output of one pixel is not supported");
    }
  }
}

// ONNX Runtime interpolates real values and then rounds them; codes it would truncate.
void add_linear(OnnxBuilder& builder, const OnnxNode& node, graph::Node layer, const Value& value,
                const Shape& shape) {
  const bool is_onnx_runtime = builder.graph().backend == graph::Backend::kOnnxRuntime;
  if (value.kind == Value::Kind::kQuantized) {
    if (is_onnx_runtime) node.fail("interpolates codes; only real values are supported");
    return builder.add_moved(node, std::move(layer), value, shape, value.order);
  }
  const QuantizationInput output = builder.quantization_ahead(node);
  const graph::Quantization& input = builder.quantization_of(value.tensor);
  if (output.dtype != builder.tensor(value).dtype || output.quant.scale != input.scale ||
      output.quant.zero_point != input.zero_point) {
    node.fail("its result has another scale or zero point than its input, which is not supported");
  }
  builder.add_layer(node, std::move(layer), output, shape, value.order);
}

std::string coordinate_mode(const OnnxBuilder& builder, const OnnxNode& node) {
  const bool has_modes = node.op() == "Resize" && builder.opset() >= 11;
  if (!has_modes) return "asymmetric";
  const std::string mode = node.string_attribute("coordinate_transformation_mode", "half_pixel");
  if (mode != "half_pixel" && mode != "pytorch_half_pixel" && mode != "asymmetric" &&
      mode != "align_corners") {
    node.fail("coordinate_transformation_mode '" + mode + "' is not supported");
  }
  return mode;
}

}  // namespace

void read_pad(OnnxBuilder& builder, const OnnxNode& node) {
  const std::string mode = node.string_attribute("mode", "constant");
  if (mode != "constant") node.fail("mode '" + mode + "' is not supported");
  const Value value = builder.unflattened(node.name(), builder.movable(node, 0));
  const size_t rank = value.onnx_shape.size();
  const Shape pads = read_pads(builder, node, rank);
  check_pad_value(builder, node, value);
  Shape shape = value.onnx_shape;
  Shape before(rank);
  for (size_t i = 0; i < rank; ++i) {
    before[i] = pads[i];
    shape[i] += pads[i] + pads[i + rank];
  }
  if (shape == value.onnx_shape) return builder.add_alias(node, value);
  graph::Node layer;
  layer.op = OpType::kPad;
  layer.begin = permuted(before, value.order);
  builder.add_moved(node, std::move(layer), value, shape, value.order);
}

void read_resize(OnnxBuilder& builder, const OnnxNode& node) {
  if (builder.movable(node, 0).onnx_shape.size() != 4) node.fail("its input is not a 2-D image");
  const Value value = builder.in_order(node.name(), builder.movable(node, 0), usual_order(4));
  const std::string mode = coordinate_mode(builder, node);
  if (node.int_attribute("antialias", 0) != 0 || node.int_attribute("exclude_outside", 0) != 0 ||
      node.string_attribute("keep_aspect_ratio_policy", "stretch") != "stretch") {
    node.fail("antialias, exclude_outside and aspect ratio policies are not supported");
  }
  const Target target = target_of(builder, node, value.onnx_shape);
  const std::string interpolation = node.string_attribute("mode", "nearest");
  graph::Node layer;
  layer.input = value.tensor;
  const Shape shape = {1, value.onnx_shape[1], target.extent[0], target.extent[1]};
  if (interpolation == "nearest") {
    set_nearest(node, mode, value.onnx_shape, target, &layer);
    return builder.add_moved(node, std::move(layer), value, shape, value.order);
  }
  if (interpolation != "linear" && interpolation != "bilinear") {
    node.fail("mode '" + interpolation + "' is not supported");
  }
  set_linear(node, mode, value.onnx_shape, target, &layer);
  add_linear(builder, node, std::move(layer), value, shape);
}

}  // namespace systole::frontend
