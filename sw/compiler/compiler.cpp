// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "sw/compiler/command_writer.h"
#include "sw/compiler/lower.h"
#include "sw/compiler/lower_firmware.h"
#include "sw/compiler/math.h"
#include "sw/compiler/memory_map.h"
#include "sw/compiler/rewrite.h"

namespace systole::compiler {
namespace {

// {N, H, W, C} of any shape: what does not fit in front is folded into W.
std::array<uint32_t, 4> image_dims(const std::vector<int64_t>& shape) {
  std::array<uint32_t, 4> dims{1, 1, 1, 1};
  const size_t rank = shape.size();
  if (rank == 0) return dims;
  dims[3] = static_cast<uint32_t>(shape[rank - 1]);
  if (rank >= 2) dims[0] = static_cast<uint32_t>(shape[0]);
  if (rank == 4) dims[1] = static_cast<uint32_t>(shape[1]);
  uint64_t width = 1;
  for (size_t i = rank == 4 ? 2 : 1; i + 1 < rank; ++i) width *= static_cast<uint64_t>(shape[i]);
  dims[2] = static_cast<uint32_t>(width);
  return dims;
}

class Compilation {
 public:
  Compilation(const graph::Graph& model, const Params& params, const CompileOptions& options)
      : model_(model),
        rewritten_(rewrite(model)),
        graph_(rewritten_.graph),
        machine_(npu::npu_config(params)),
        options_(options),
        memory_(map_memory(graph_)) {}

  CompileResult run() {
    describe();
    list_tensors();
    for (size_t i = 0; i < graph_.nodes.size(); ++i) compile_node(static_cast<int>(i));
    for (const OutputCopy& copy : memory_.copies) compile_copy(copy);
    end_segment();
    result_.image.commands = writer_.take();
    return std::move(result_);
  }

 private:
  void describe() {
    program::ProgramImage& image = result_.image;
    image.machine = {machine_.mac_array.rows, machine_.mac_array.cols, machine_.mac_array.acc_rows,
                     machine_.scratchpad.bytes, machine_.scratchpad.banks};
    image.model_name = graph_.name;
    image.backend_name = graph::to_string(graph_.backend);
    image.arena_bytes = static_cast<uint32_t>(memory_.arena_bytes);
    image.input_bytes = static_cast<uint32_t>(memory_.input_bytes);
    image.output_bytes = static_cast<uint32_t>(memory_.output_bytes);
    result_.arena_alive_bytes = memory_.arena_alive_bytes;
  }

  int list_tensor(int index, const Place& place) {
    const graph::Tensor& tensor = graph_.tensors[index];
    program::TensorInfo info;
    info.name = tensor.name;
    info.region = place.region;
    info.offset = place.offset;
    info.bytes = static_cast<uint32_t>(tensor.elements());
    info.dtype = tensor.dtype == graph::DType::kInt8 ? SYSTOLE_DTYPE_INT8 : SYSTOLE_DTYPE_UINT8;
    info.dims = image_dims(tensor.shape);
    info.scale = tensor.quant.scale[0];
    info.zero_point = tensor.quant.zero_point[0];
    result_.image.tensors.push_back(std::move(info));
    return static_cast<int>(result_.image.tensors.size()) - 1;
  }

  void list_once(int index) {
    if (result_.tensor_index[index] >= 0) return;
    result_.tensor_index[index] = list_tensor(index, memory_.places[index]);
  }

  // Inputs, outputs, the rest: the order that program_image.h promises.
  void list_tensors() {
    result_.tensor_index.assign(graph_.tensors.size(), -1);
    for (const graph::Port& port : graph_.inputs) list_once(port.tensor);
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const auto copy =
          std::find_if(memory_.copies.begin(), memory_.copies.end(),
                       [&](const OutputCopy& c) { return c.port == static_cast<int>(i); });
      if (copy == memory_.copies.end()) {
        list_once(graph_.outputs[i].tensor);
      } else {
        copy_index_.push_back(list_tensor(graph_.outputs[i].tensor, copy->to));
      }
    }
    for (const graph::Node& node : graph_.nodes) list_once(node.output);
  }

  void compile_node(int index) {
    const graph::Node& node = graph_.nodes[index];
    if (node.op == graph::OpType::kReshape) return;  // a view
    LayerPlan plan;
    plan.name = node.name;
    plan.op = graph::to_string(node.op);
    plan.node = rewritten_.origin[index];
    if (plan.node >= 0) {
      plan.op = graph::to_string(model_.nodes[plan.node].op);
      plan.macs = static_cast<uint64_t>(graph::macs(model_, model_.nodes[plan.node]));
    }
    LayerMemory memory;
    memory.input = place_of(node.input);
    for (const int input : node.more_inputs) memory.more_inputs.push_back(place_of(input));
    memory.output = memory_.places[node.output];
    memory.constants_offset = constants_offset();
    const auto layer = lower_node(graph_, node, memory, machine_, options_);
    const int output = result_.tensor_index[node.output];
    if (!layer) return emit_firmware(lower_firmware(graph_, node), std::move(plan), output);
    std::vector<uint32_t> inputs = {operand(node.input)};
    for (const int input : node.more_inputs) inputs.push_back(operand(input));
    emit(*layer, std::move(plan), std::move(inputs), output);
  }

  void compile_copy(const OutputCopy& copy) {
    const int tensor = graph_.outputs[copy.port].tensor;
    const LayerMemory memory = {copy.from, copy.to, 0, {}};
    LayerPlan plan;
    plan.name = graph_.tensors[tensor].name + " (output " + std::to_string(copy.port) + ")";
    plan.op = "copy";
    const LoweredLayer layer =
        lower_copy(static_cast<uint64_t>(graph_.tensors[tensor].elements()), memory, machine_);
    const int output = copy_index_[&copy - memory_.copies.data()];
    emit(layer, std::move(plan), {static_cast<uint32_t>(result_.tensor_index[tensor])}, output);
  }

  uint32_t constants_offset() const {
    return static_cast<uint32_t>(align_up(result_.image.constants.size(), kDramAlign));
  }

  void emit(const LoweredLayer& lowered, LayerPlan plan, std::vector<uint32_t> inputs, int output) {
    program::ProgramImage& image = result_.image;
    append_constants(lowered.constants);
    const uint16_t tag = static_cast<uint16_t>(image.layers.size());
    program::LayerInfo info;
    info.name = plan.name;
    info.op = plan.op;
    info.macs = plan.macs;
    info.input_tensors = std::move(inputs);
    info.output_tensor = static_cast<uint32_t>(output);
    info.commands_offset = static_cast<uint32_t>(writer_.bytes());
    in_segment_ = true;
    for (const Job& job : lowered.schedule.jobs()) {
      writer_.job(job, tag);
      if (job.unit == Unit::kRequant) plan.requant_tiles.push_back(job.origin);
    }
    writer_.fence();
    writer_.mark(tag);
    info.commands_bytes = static_cast<uint32_t>(writer_.bytes()) - info.commands_offset;
    plan.tiling = lowered.tiling;
    plan.reason = lowered.reason;
    plan.buffers = lowered.buffers;
    plan.prediction = lowered.prediction;
    plan.constants_bytes = lowered.constants.size();
    add_layer(std::move(info), std::move(plan));
  }

  void add_layer(program::LayerInfo info, LayerPlan plan) {
    constexpr size_t kMaxLayers = 65536;  // TAG has 16 bits
    constexpr uint64_t kMaxImage = 0xF0000000;
    program::ProgramImage& image = result_.image;
    if (image.layers.size() >= kMaxLayers) {
      throw graph::ModelError("model '" + graph_.name + "' has more than 65536 layers");
    }
    if (writer_.bytes() + image.constants.size() > kMaxImage) {
      throw graph::ModelError("layer '" + plan.name + "': the program grows beyond 32 bits");
    }
    image.layers.push_back(std::move(info));
    result_.layers.push_back(std::move(plan));
  }

  void emit_firmware(const FirmwareLayer& lowered, LayerPlan plan, int output) {
    end_segment();
    program::ProgramImage& image = result_.image;
    program::LayerInfo info;
    info.name = plan.name;
    info.op = plan.op;
    info.macs = plan.macs;
    info.kind = program::LayerKind::kFirmware;
    info.kernel = lowered.kernel;
    info.params_offset = constants_offset();
    info.params_bytes = static_cast<uint32_t>(lowered.params.size());
    append_constants(lowered.params);
    for (const int input : lowered.inputs) info.input_tensors.push_back(operand(input));
    info.output_tensor = static_cast<uint32_t>(output);
    plan.constants_bytes = image.constants.size() - info.params_offset;
    plan.tiling = "none";
    plan.reason = "a kernel on the RISC-V core";
    add_layer(std::move(info), std::move(plan));
  }

  // Index in image.tensors; a constant is appended to the constants at its first use.
  uint32_t operand(int tensor) {
    if (!graph_.tensors[tensor].is_constant()) {
      return static_cast<uint32_t>(result_.tensor_index[tensor]);
    }
    const auto [place, is_new] = constant_index_.try_emplace(tensor, 0);
    if (is_new) {
      const uint32_t offset = constants_offset();
      append_constants(graph_.tensors[tensor].data);
      place->second = list_tensor(tensor, {SYSTOLE_REGION_CONSTANTS, offset});
    }
    return static_cast<uint32_t>(place->second);
  }

  Place place_of(int tensor) {
    const program::TensorInfo& info = result_.image.tensors[operand(tensor)];
    return {info.region, info.offset};
  }

  // Behind the last of a run of NPU layers.
  void end_segment() {
    if (!in_segment_) return;
    writer_.end();
    in_segment_ = false;
  }

  void append_constants(const std::vector<uint8_t>& bytes) {
    std::vector<uint8_t>& constants = result_.image.constants;
    constants.resize(constants_offset());
    constants.insert(constants.end(), bytes.begin(), bytes.end());
  }

  const graph::Graph& model_;
  const RewrittenGraph rewritten_;
  const graph::Graph& graph_;  // the rewritten one
  const MachineConfig machine_;
  const CompileOptions& options_;
  const MemoryMap memory_;
  std::vector<int> copy_index_;  // per copy: the output's index in image.tensors
  CommandWriter writer_;
  std::map<int, int> constant_index_;  // per constant operand: index in image.tensors
  bool in_segment_ = false;            // the last layer was one of the NPU's
  CompileResult result_;
};

}  // namespace

uint64_t CompileResult::predicted_cycles() const {
  uint64_t sum = 0;
  for (const LayerPlan& layer : layers) sum += layer.prediction.cycles;
  return sum;
}

CompileResult compile(const graph::Graph& graph, const Params& params,
                      const CompileOptions& options) {
  return Compilation(graph, params, options).run();
}

std::string plan_text(const CompileResult& result) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (size_t i = 0; i < result.layers.size(); ++i) {
    const LayerPlan& layer = result.layers[i];
    fmt::format_to(out, "layer {} {} ({}): predicted {} cycles for {} MACs\n", i, layer.name,
                   layer.op, layer.prediction.cycles, layer.macs);
    fmt::format_to(out, "  tiles: {}\n  bound: {}\n  scratchpad:", layer.tiling, layer.reason);
    for (const BufferInfo& buffer : layer.buffers) {
      fmt::format_to(out, " {} {} x {} bytes at {};", buffer.name, buffer.slots, buffer.slot_bytes,
                     buffer.addr);
    }
    text += '\n';
  }
  fmt::format_to(out, "arena: {} bytes; {} are alive at once\n", result.image.arena_bytes,
                 result.arena_alive_bytes);
  return text;
}

}  // namespace systole::compiler
