// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/backends/operator_generator.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "tests/backends/random_stream.h"

namespace systole::backends {
namespace {

using graph::Backend;
using graph::DType;
using graph::Graph;
using graph::Node;
using graph::OpType;
using graph::Tensor;

enum Stream { kScales = 8, kZeroPoints = 9, kNarrow = 10 };  // the operands' codes have 0, 1, ...

constexpr float kFactors[] = {1, 2, 3, 5};
constexpr float kTies[] = {2, 6, 10, 14};
constexpr float kSlopes[] = {0.01f, 0.1f, 0.2f, 0.3f};

constexpr OpType kOperators[] = {
    OpType::kAdd,           OpType::kMul,           OpType::kAveragePool, OpType::kMean,
    OpType::kConcat,        OpType::kSoftmax,       OpType::kLogistic,    OpType::kTanh,
    OpType::kHardSwish,     OpType::kLeakyRelu,     OpType::kRequantize,  OpType::kClamp,
    OpType::kResizeNearest, OpType::kResizeBilinear};

OpType operator_of(const std::string& name) {
  for (const OpType op : kOperators) {
    if (name == to_string(op)) return op;
  }
  throw std::runtime_error("unknown operator: " + name);
}

// 2^(exponent + 0..spread) * [1, 2).
float make_scale(uint64_t raw, int exponent, int spread) {
  const int above = static_cast<int>((raw >> 32) % static_cast<uint64_t>(spread + 1));
  const uint32_t bits =
      static_cast<uint32_t>(127 + exponent + above) << 23 | static_cast<uint32_t>(raw & 0x7FFFFF);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// Of an operator with one or two operands; the output's is the last.
std::vector<float> make_scales(const OperatorCase& c, int index) {
  RandomStream stream(c.seed + static_cast<uint64_t>(index), kScales);
  const size_t operands = c.inputs.size();
  std::vector<uint64_t> raw(operands + 1);
  for (uint64_t& number : raw) number = stream.next();
  const auto choice = [&](size_t i) { return (raw[i] >> 40) % 4; };
  const float first = make_scale(raw[0], -8, 7);
  if (c.scale == "same") return std::vector<float>(operands + 1, first);
  if (c.scale == "256th") return {first, 1.0f / 256};
  if (c.scale == "128th") return {first, 1.0f / 128};
  const bool is_tied = index % 2 == 1 && c.scale != "product";
  std::vector<float> scales = {first};
  if (operands == 2) {
    scales.push_back(is_tied ? first * kFactors[choice(1)] : make_scale(raw[1], -8, 7));
  }
  if (is_tied) {
    scales.push_back(first * kTies[choice(operands)]);
  } else if (c.scale == "near") {
    scales.push_back(first * make_scale(raw[operands], -2, 3));
  } else if (c.scale == "sum") {
    const float larger = *std::max_element(scales.begin(), scales.end());
    scales.push_back(larger * make_scale(raw[operands], -1, 2));
  } else {
    const float product = first * scales[1];
    scales.push_back(product *
                     (index % 2 == 1 ? kTies[choice(operands)] : make_scale(raw[operands], 3, 5)));
  }
  return scales;
}

std::vector<int32_t> make_zero_points(const OperatorCase& c, int index,
                                      const graph::IntRange& range) {
  RandomStream stream(c.seed + static_cast<uint64_t>(index), kZeroPoints);
  const int32_t middle = (range.min + range.max + 1) / 2;
  std::vector<int32_t> points;
  for (size_t i = 0; i <= c.inputs.size(); ++i) {
    const uint64_t raw = stream.next();
    const int32_t other = range.min + static_cast<int32_t>(raw % 256);
    const int32_t choices[] = {range.min, range.max, middle, other};
    points.push_back(choices[raw >> 62]);
  }
  if (c.scale == "same") points.back() = points.front();
  if (c.scale == "256th") points.back() = range.min;
  if (c.scale == "128th") points.back() = middle;
  return points;
}

// Every third set has four neighbouring codes only.
std::vector<uint8_t> make_codes(const OperatorCase& c, int index, size_t operand, int32_t low,
                                int64_t count) {
  const uint64_t seed = c.seed + static_cast<uint64_t>(index);
  RandomStream stream(seed, operand);
  const bool is_narrow = index % 3 == 2;
  const uint64_t base = is_narrow ? RandomStream(seed, kNarrow).next() % 253 : 0;
  std::vector<uint8_t> codes(count);
  for (uint8_t& code : codes) {
    const uint64_t raw = stream.next();
    code = static_cast<uint8_t>(static_cast<uint64_t>(low) + base + (raw & (is_narrow ? 3 : 255)));
  }
  return codes;
}

std::vector<int64_t> output_shape(const OperatorCase& c, OpType op) {
  std::vector<int64_t> shape = c.inputs[0];
  const graph::Window& w = c.window;
  if (op == OpType::kAveragePool) {
    shape[0] = (shape[0] + w.pad.top + w.pad.bottom - w.kernel_h) / w.stride_h + 1;
    shape[1] = (shape[1] + w.pad.left + w.pad.right - w.kernel_w) / w.stride_w + 1;
  }
  if (op == OpType::kMean) shape[0] = shape[1] = 1;
  if (!c.out.empty()) std::copy(c.out.begin(), c.out.end(), shape.begin());
  if (op == OpType::kConcat) shape[2] += c.inputs[1][2];
  shape.insert(shape.begin(), 1);
  return shape;
}

Tensor make_activation(const std::string& name, DType dtype, std::vector<int64_t> shape,
                       float scale, int32_t zero_point) {
  Tensor tensor;
  tensor.name = name;
  tensor.dtype = dtype;
  tensor.shape = std::move(shape);
  tensor.quant = {{scale}, {zero_point}, -1};
  return tensor;
}

Node make_node(const OperatorCase& c, int index, OpType op, int32_t out_zero_point,
               const graph::IntRange& range) {
  Node node;
  node.op = op;
  node.name = "layer";
  node.input = 0;
  node.output = static_cast<int>(c.inputs.size());
  if (c.inputs.size() == 2) node.more_inputs = {1};
  node.window = c.window;
  node.count_include_pad = c.count_include_pad;
  if (op == OpType::kMean) node.axes = {1, 2};
  if (op == OpType::kConcat) node.axes = {3};
  if (op == OpType::kSoftmax) node.alpha = 1;
  if (op == OpType::kLeakyRelu) node.alpha = kSlopes[index % 4];
  node.align_corners = c.mode == "align_corners";
  node.half_pixel_centers = c.mode == "half_pixel";
  const bool is_fused = (op == OpType::kAdd || op == OpType::kMul) && index % 4 == 3;
  const bool is_clamp = op == OpType::kClamp || (is_fused && out_zero_point < range.max);
  node.clamp_min = is_clamp ? out_zero_point : range.min;
  node.clamp_max = range.max;
  return node;
}

void parse_window(const nlohmann::json& line, OperatorCase* c) {
  graph::Window& w = c->window;
  w.kernel_h = line.at("kernel").at(0);
  w.kernel_w = line.at("kernel").at(1);
  w.stride_h = line.at("stride").at(0);
  w.stride_w = line.at("stride").at(1);
  const int pad = line.at("pad");
  w.pad = {pad, pad, pad, pad};
  c->count_include_pad = line.at("count_include_pad");
}

}  // namespace

OperatorCase parse_operator_case(const nlohmann::json& line) {
  OperatorCase c;
  c.op = line.at("op");
  c.seed = line.at("seed");
  c.sets = line.at("sets");
  c.type = line.at("type");
  c.inputs = line.at("inputs").get<std::vector<std::vector<int64_t>>>();
  c.scale = line.at("scale");
  if (c.op == to_string(OpType::kAveragePool)) parse_window(line, &c);
  if (line.contains("out")) {
    c.out = line.at("out").get<std::vector<int64_t>>();
    c.mode = line.at("mode");
  }
  c.outputs = line.at("outputs");
  c.fnv1a64 = std::stoull(line.at("fnv1a64").get<std::string>(), nullptr, 16);
  return c;
}

OperatorSet make_operator_set(const OperatorCase& c, int index, Backend backend) {
  const OpType op = operator_of(c.op);
  const DType dtype = c.type == "s8" ? DType::kInt8 : DType::kUint8;
  const graph::IntRange range = graph::value_range(dtype);
  const std::vector<float> scales = make_scales(c, index);
  const std::vector<int32_t> zero_points = make_zero_points(c, index, range);
  OperatorSet set;
  Graph& graph = set.graph;
  graph.backend = backend;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    std::vector<int64_t> shape = {1};
    shape.insert(shape.end(), c.inputs[i].begin(), c.inputs[i].end());
    const std::string name = "in" + std::to_string(i);
    graph.tensors.push_back(make_activation(name, dtype, shape, scales[i], zero_points[i]));
    graph.inputs.push_back({static_cast<int>(i), name, false});
    set.inputs.push_back(make_codes(c, index, i, range.min, graph.tensors[i].elements()));
  }
  graph.tensors.push_back(
      make_activation("out", dtype, output_shape(c, op), scales.back(), zero_points.back()));
  graph.nodes = {make_node(c, index, op, zero_points.back(), range)};
  graph.outputs = {{static_cast<int>(c.inputs.size()), "out", false}};
  return set;
}

}  // namespace systole::backends
