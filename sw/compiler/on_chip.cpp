// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/on_chip.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include "sw/compiler/arena.h"
#include "sw/compiler/average.h"
#include "sw/compiler/axis.h"
#include "sw/compiler/conv_shape.h"
#include "sw/compiler/math.h"
#include "sw/quant/pointwise.h"

namespace systole::compiler {
namespace {

bool is_window(graph::OpType op) {
  return op == graph::OpType::kConv2d || op == graph::OpType::kMaxPool;
}

// Two operands of the output's shape, none of them a constant.
bool is_elementwise(const graph::Graph& graph, const graph::Node& node) {
  if (node.op != graph::OpType::kAdd && node.op != graph::OpType::kMul) return false;
  const auto& shape = graph.tensors[node.output].shape;
  const graph::Tensor& first = graph.tensors[node.input];
  const graph::Tensor& second = graph.tensors[node.more_inputs[0]];
  return !first.is_constant() && !second.is_constant() && first.shape == shape &&
         second.shape == shape;
}

// Whether a layer's lowering can write its output where it stays.
bool writes_on_chip(const graph::Graph& graph, const graph::Node& node) {
  return is_window(node.op) || node.op == graph::OpType::kFullyConnected ||
         is_elementwise(graph, node) || quant::is_pointwise(node.op);
}

// The operands of a layer, constants included.
std::vector<int> operands_of(const graph::Node& node) {
  std::vector<int> operands = {node.input};
  operands.insert(operands.end(), node.more_inputs.begin(), node.more_inputs.end());
  return operands;
}

int64_t missing_after(const Axis& axis) {
  const int64_t end = (axis.out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
  return std::max<int64_t>(0, end - axis.pad - axis.in);
}

DmaJob fill_job(uint64_t addr, uint64_t bytes, uint64_t rows, uint64_t stride, uint8_t value) {
  DmaJob fill;
  fill.region = SYSTOLE_REGION_CONSTANTS;
  fill.job.spad_addr = static_cast<uint32_t>(addr);
  fill.job.size0 = static_cast<uint32_t>(bytes);
  fill.job.size1 = 0;
  fill.job.before1 = 1;
  fill.job.size2 = static_cast<uint32_t>(rows);
  fill.job.spad_stride2 = rows == 1 ? 0 : static_cast<uint32_t>(stride);
  fill.job.pad_value = value;
  return fill;
}

}  // namespace

std::vector<DmaJob> frame_jobs(const Frame& frame, uint32_t addr) {
  std::vector<DmaJob> jobs;
  const uint64_t row = static_cast<uint64_t>(frame.row_bytes());
  const uint64_t image = addr + static_cast<uint64_t>(frame.lead_bytes());
  const uint64_t gap = static_cast<uint64_t>(frame.beside * frame.channels);
  const uint64_t height = static_cast<uint64_t>(frame.height);
  if (image != addr) jobs.push_back(fill_job(addr, image - addr, 1, 0, frame.fill));
  if (gap != 0) jobs.push_back(fill_job(image + row - gap, gap, height, row, frame.fill));
  if (frame.below != 0) {
    const uint64_t bytes = static_cast<uint64_t>(frame.below) * row;
    jobs.push_back(fill_job(image + height * row, bytes, 1, 0, frame.fill));
  }
  return jobs;
}

// The padding that a layer reads around its input; nullopt: its lowering cannot read it where it
// stays.
std::optional<OnChip::Border> OnChip::border_of(const graph::Node& node) const {
  if (node.op == graph::OpType::kFullyConnected || is_elementwise(graph_, node) ||
      sums_pixels(graph_, node) || quant::is_pointwise(node.op)) {
    return Border{};
  }
  if (!is_window(node.op)) return std::nullopt;
  const graph::Window& w = node.window;
  const auto& in = graph_.tensors[node.input].shape;
  const auto& out = graph_.tensors[node.output].shape;
  const Axis height = {in[1], out[1], w.kernel_h, w.stride_h, w.dilation_h, w.pad.top};
  const Axis width = {in[2], out[2], w.kernel_w, w.stride_w, w.dilation_w, w.pad.left};
  const Border border = {height.pad, missing_after(height), width.pad, missing_after(width)};
  const bool has_padding = border.above + border.below + border.before + border.after != 0;
  // What pads a maximum is the lowest value, not the zero point.
  if (has_padding && node.op == graph::OpType::kMaxPool) return std::nullopt;
  return border;
}

OnChip::OnChip(const graph::Graph& graph, std::vector<int> roots, uint64_t scratchpad_bytes)
    : graph_(graph),
      roots_(std::move(roots)),
      scratchpad_bytes_(scratchpad_bytes),
      by_tensor_(graph.tensors.size(), -1),
      buffer_bytes_(graph.nodes.size(), scratchpad_bytes) {}

std::vector<Resident> OnChip::candidates() const {
  std::vector<Resident> result;
  for (size_t n = 0; n < graph_.nodes.size(); ++n) {
    if (const auto resident = candidate(static_cast<int>(n))) result.push_back(*resident);
  }
  return result;
}

std::optional<Resident> OnChip::candidate(int index) const {
  const graph::Node& node = graph_.nodes[static_cast<size_t>(index)];
  if (!writes_on_chip(graph_, node)) return std::nullopt;
  const graph::Tensor& tensor = graph_.tensors[node.output];
  Resident resident;
  resident.tensor = node.output;
  resident.first_node = index;
  Frame& frame = resident.frame;
  const auto& shape = tensor.shape;
  frame.channels = shape.back();
  if (shape.size() == 4) frame.height = shape[1], frame.width = shape[2];
  if (frame.height * frame.width * frame.channels != tensor.elements()) return std::nullopt;
  frame.fill = static_cast<uint8_t>(tensor.quant.zero_point[0]);
  bool reads_view = false;
  for (size_t n = static_cast<size_t>(index) + 1; n < graph_.nodes.size(); ++n) {
    const graph::Node& reader = graph_.nodes[n];
    if (is_view(reader.op)) continue;
    bool reads = false;
    for (const int operand : operands_of(reader)) {
      if (roots_[operand] != node.output) continue;
      reads = true;
      reads_view |= operand != node.output;
    }
    if (!reads) continue;
    const auto border = border_of(reader);
    if (!border) {
      resident.is_stored = true;
      continue;
    }
    resident.last_node = static_cast<int>(n);
    frame.above = std::max(frame.above, border->above);
    frame.below = std::max(frame.below, border->below);
    frame.beside = std::max({frame.beside, border->before, border->after});
  }
  if (resident.last_node == 0) return std::nullopt;          // nobody reads it here
  if (reads_view && !frame.is_dense()) return std::nullopt;  // a view has another shape
  for (const graph::Port& port : graph_.outputs) {
    resident.is_stored |= roots_[port.tensor] == node.output;
  }
  return resident;
}

bool OnChip::choose(std::vector<Resident> residents) {
  std::vector<ArenaTensor> tensors;
  for (const Resident& r : residents) {
    const uint64_t bytes = align_up(static_cast<uint64_t>(r.frame.bytes()), kDramAlign);
    tensors.push_back({bytes, r.first_node, r.last_node, 0});
  }
  const uint64_t used = place_arena(&tensors, 0);
  if (used > scratchpad_bytes_) return false;
  std::fill(by_tensor_.begin(), by_tensor_.end(), -1);
  std::fill(buffer_bytes_.begin(), buffer_bytes_.end(), scratchpad_bytes_);
  for (size_t i = 0; i < residents.size(); ++i) {
    Resident& r = residents[i];
    // From the end downwards.
    r.addr = static_cast<uint32_t>(scratchpad_bytes_ - tensors[i].offset - tensors[i].bytes);
    by_tensor_[static_cast<size_t>(r.tensor)] = static_cast<int>(i);
    for (int n = r.first_node; n <= r.last_node; ++n) {
      uint64_t& limit = buffer_bytes_[static_cast<size_t>(n)];
      limit = std::min<uint64_t>(limit, r.addr);
    }
  }
  residents_ = std::move(residents);
  return true;
}

const Resident* OnChip::find(int tensor) const {
  const int index = by_tensor_[static_cast<size_t>(roots_[static_cast<size_t>(tensor)])];
  return index < 0 ? nullptr : &residents_[static_cast<size_t>(index)];
}

const Resident* OnChip::read_by(const graph::Node& node, int input) const {
  return border_of(node) ? find(input) : nullptr;
}

void OnChip::check(int index, const Schedule& schedule) const {
  const graph::Node& node = graph_.nodes[static_cast<size_t>(index)];
  const Resident* output = find(node.output);
  std::vector<const Resident*> readable = {output};
  for (const int operand : operands_of(node)) readable.push_back(read_by(node, operand));
  const auto holds = [](const Resident* resident, const scratchpad::Range& range) {
    return resident != nullptr && range.begin >= resident->addr &&
           range.end <= resident->addr + static_cast<uint64_t>(resident->frame.bytes());
  };
  for (const Job& job : schedule.jobs()) {
    const scratchpad::Footprint used = footprint(job);
    bool is_good = used.write.end <= buffer_bytes(index) || holds(output, used.write);
    for (const scratchpad::Range& range : used.read) {
      is_good = is_good && (range.end <= buffer_bytes(index) ||
                            std::any_of(readable.begin(), readable.end(),
                                        [&](const Resident* r) { return holds(r, range); }));
    }
    if (!is_good) throw std::logic_error("layer '" + node.name + "' leaves its scratchpad memory");
  }
}

namespace {

// Remembers what layers cost in the memory that they had.
class Costs {
 public:
  Costs(const OnChip& on_chip, const graph::Graph& graph, const LayerCost& cost)
      : on_chip_(on_chip), graph_(graph), cost_(cost) {}

  // Of all layers; nullopt: one cannot be lowered.
  std::optional<uint64_t> total() {
    uint64_t sum = 0;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (is_view(graph_.nodes[n].op)) continue;
      const auto cycles = of(static_cast<int>(n));
      if (!cycles) return std::nullopt;
      sum += *cycles;
    }
    return sum;
  }

 private:
  // Node, which operands are here, whether the output is, what is left for buffers.
  using Key = std::tuple<int, std::vector<bool>, int, uint64_t>;

  std::optional<uint64_t> of(int index) {
    const graph::Node& node = graph_.nodes[static_cast<size_t>(index)];
    const Resident* output = on_chip_.find(node.output);
    const int writes = output == nullptr ? 0 : output->is_stored ? 2 : 1;
    std::vector<bool> reads;
    for (const int operand : operands_of(node)) {
      reads.push_back(on_chip_.read_by(node, operand) != nullptr);
    }
    const Key key = {index, reads, writes, on_chip_.buffer_bytes(index)};
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    return known_[key] = cost_(index);
  }

  const OnChip& on_chip_;
  const graph::Graph& graph_;
  const LayerCost& cost_;
  std::map<Key, std::optional<uint64_t>> known_;
};

}  // namespace

void choose_on_chip(OnChip* on_chip, const graph::Graph& graph, const LayerCost& cost) {
  Costs costs(*on_chip, graph, cost);
  auto best = costs.total();
  std::vector<Resident> chosen;
  for (const Resident& candidate : on_chip->candidates()) {
    std::vector<Resident> more = chosen;
    more.push_back(candidate);
    if (!on_chip->choose(more)) continue;
    const auto total = costs.total();
    if (!total || (best && *total >= *best)) continue;
    best = total;
    chosen = std::move(more);
  }
  on_chip->choose(chosen);
}

}  // namespace systole::compiler
