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
#include "sw/compiler/on_chip.h"
#include "sw/compiler/prefetch.h"
#include "sw/compiler/rewrite.h"
#include "sw/compiler/schedule_edit.h"

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
        on_chip_(graph_, view_roots(graph_), machine_.scratchpad.bytes),
        memory_(map_memory(graph_)) {}

  CompileResult run() {
    keep_tensors_on_chip();
    describe();
    list_tensors();
    for (size_t i = 0; i < graph_.nodes.size(); ++i) compile_node(static_cast<int>(i));
    for (const OutputCopy& copy : memory_.copies) compile_copy(copy);
    flush();
    end_segment();
    result_.image.commands = writer_.take();
    return std::move(result_);
  }

 private:
  // An NPU layer whose commands are not written yet: it may load the next one's first weights.
  struct HeldLayer {
    LoweredLayer lowered;
    LayerPlan plan;
    std::vector<uint32_t> inputs;
    int output = -1;
    uint64_t buffer_bytes = 0;
  };

  // Decides which tensors stay in the scratchpad; all others get places in DRAM.
  void keep_tensors_on_chip() {
    if (!options_.keep_on_chip) return;
    std::vector<bool> is_npu(graph_.nodes.size(), false);
    choose_on_chip(&on_chip_, graph_, [&](int index) -> std::optional<uint64_t> {
      const auto cycles = cycles_of(index);
      const size_t n = static_cast<size_t>(index);
      is_npu[n] = is_npu[n] || cycles;
      if (is_npu[n]) return cycles;
      if (touches_scratchpad(graph_.nodes[n])) return std::nullopt;  // out of the core's reach
      return 0;  // the firmware's layers cost the same anyway
    });
    std::vector<bool> stays(graph_.tensors.size(), false);
    for (const Resident& resident : on_chip_.residents()) {
      stays[static_cast<size_t>(resident.tensor)] = !resident.is_stored;
    }
    memory_ = map_memory(graph_, stays);
  }

  bool touches_scratchpad(const graph::Node& node) const {
    const LayerMemory memory = memory_of(node);
    return memory.input.on_chip() || memory.output.on_chip() ||
           std::any_of(memory.more_inputs.begin(), memory.more_inputs.end(),
                       [](const Place& place) { return place.on_chip(); });
  }

  // nullopt: the NPU does not do the layer, or not beside the tensors that stay.
  std::optional<uint64_t> cycles_of(int index) const {
    try {
      CompileOptions options = options_;
      options.constants = false;
      const auto layer = lower(index, 0, options);
      if (layer) return layer->prediction.cycles;
    } catch (const graph::ModelError&) {
    }
    return std::nullopt;
  }

  Place place_of(const graph::Node& node, int tensor) const {
    if (graph_.tensors[tensor].is_constant()) {
      const auto known = constant_offset_.find(tensor);
      return {SYSTOLE_REGION_CONSTANTS, known == constant_offset_.end() ? 0 : known->second, 0};
    }
    const Resident* resident = on_chip_.read_by(node, tensor);
    return resident != nullptr ? resident->place() : memory_.places[tensor];
  }

  LayerMemory memory_of(const graph::Node& node) const {
    LayerMemory memory;
    memory.input = place_of(node, node.input);
    for (const int input : node.more_inputs) memory.more_inputs.push_back(place_of(node, input));
    memory.output = memory_.places[node.output];
    if (const Resident* resident = on_chip_.find(node.output)) {
      if (resident->is_stored) memory.stored = memory.output;
      memory.output = resident->place();
    }
    return memory;
  }

  // nullopt: the firmware does it. Requires: operand() was called for the layer's constants.
  std::optional<LoweredLayer> lower(int index, uint32_t constants_offset,
                                    const CompileOptions& options) const {
    const graph::Node& node = graph_.nodes[index];
    LayerMemory memory = memory_of(node);
    memory.constants_offset = constants_offset;
    MachineConfig machine = machine_;
    machine.buffer_bytes = static_cast<uint32_t>(on_chip_.buffer_bytes(index));
    auto layer = lower_node(graph_, node, memory, machine, options);
    const Resident* resident = on_chip_.find(node.output);
    if (layer && resident != nullptr) {
      layer->schedule = with_loads(layer->schedule, frame_jobs(resident->frame, resident->addr));
      layer->schedule.assign_tokens();
      layer->prediction = predict(layer->schedule, machine);
    }
    if (!layer) return layer;
    on_chip_.check(index, layer->schedule);
    list_residents(node, &layer->buffers);
    return layer;
  }

  // What stays, among the layer's buffers.
  void list_residents(const graph::Node& node, std::vector<BufferInfo>* buffers) const {
    const auto list = [&](const char* name, const Resident* resident) {
      if (resident == nullptr) return;
      buffers->push_back({name, resident->addr, static_cast<uint64_t>(resident->frame.bytes()), 1});
    };
    list("input that stays", on_chip_.read_by(node, node.input));
    for (const int input : node.more_inputs) {
      list("input that stays", on_chip_.read_by(node, input));
    }
    list("output that stays", on_chip_.find(node.output));
  }

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
    if (place.on_chip()) {
      // A view of a dense tensor has rows of its own.
      const uint32_t row = info.dims[2] * info.dims[3];
      info.row_bytes = info.dims[0] * info.dims[1] == 1 ? row : place.row_bytes;
    }
    result_.image.tensors.push_back(std::move(info));
    return static_cast<int>(result_.image.tensors.size()) - 1;
  }

  void list_once(int index) {
    if (result_.tensor_index[index] >= 0) return;
    const Resident* resident = on_chip_.find(index);
    const bool stays = resident != nullptr && !resident->is_stored;
    result_.tensor_index[index] =
        list_tensor(index, stays ? resident->place() : memory_.places[index]);
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

  // nullopt: the firmware does it, also what the units have no room or no counters for. Throws what
  // they say when the firmware cannot do it either.
  std::optional<LoweredLayer> lower_for_units(int index) {
    try {
      return lower(index, constants_offset(), options_);
    } catch (const graph::ModelError& refused) {
      try {
        lower_firmware(graph_, graph_.nodes[index]);
      } catch (const graph::ModelError&) {
        throw refused;
      }
      return std::nullopt;
    }
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
    const int output = result_.tensor_index[node.output];
    std::vector<uint32_t> inputs = {operand(node.input)};
    for (const int input : node.more_inputs) inputs.push_back(operand(input));
    auto layer = lower_for_units(index);
    if (!layer) return emit_firmware(lower_firmware(graph_, node), std::move(plan), output);
    hold({std::move(*layer), std::move(plan), std::move(inputs), output,
          on_chip_.buffer_bytes(index)});
  }

  void compile_copy(const OutputCopy& copy) {
    const int tensor = graph_.outputs[copy.port].tensor;
    LayerMemory memory;
    memory.input = copy.from;
    memory.output = copy.to;
    LayerPlan plan;
    plan.name = graph_.tensors[tensor].name + " (output " + std::to_string(copy.port) + ")";
    plan.op = "copy";
    hold({lower_copy(static_cast<uint64_t>(graph_.tensors[tensor].elements()), memory, machine_),
          std::move(plan),
          {static_cast<uint32_t>(result_.tensor_index[tensor])},
          copy_index_[&copy - memory_.copies.data()],
          machine_.scratchpad.bytes});
  }

  uint32_t constants_offset() const {
    return static_cast<uint32_t>(align_up(result_.image.constants.size(), kDramAlign));
  }

  // The layer held so far takes of this one's loads what it can, and is written.
  void hold(HeldLayer layer) {
    append_constants(layer.lowered.constants);
    if (held_ && options_.prefetch) {
      prefetch({&held_->lowered, held_->buffer_bytes}, {&layer.lowered, layer.buffer_bytes},
               machine_);
    }
    flush();
    held_ = std::move(layer);
  }

  void flush() {
    if (!held_) return;
    emit(held_->lowered, std::move(held_->plan), std::move(held_->inputs), held_->output);
    held_.reset();
  }

  void emit(const LoweredLayer& lowered, LayerPlan plan, std::vector<uint32_t> inputs, int output) {
    program::ProgramImage& image = result_.image;
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
      if (job.unit == Unit::kRequant) plan.requant_results.push_back(job.results);
    }
    writer_.fence();
    writer_.mark(tag);
    info.commands_bytes = static_cast<uint32_t>(writer_.bytes()) - info.commands_offset;
    plan.tiling = lowered.tiling;
    plan.reason = lowered.reason;
    plan.runner_up = lowered.runner_up;
    plan.buffers = lowered.buffers;
    plan.prediction = lowered.prediction;
    plan.prefetched_bytes = lowered.prefetched_bytes;
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
    flush();
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
      constant_offset_[tensor] = offset;
      place->second = list_tensor(tensor, {SYSTOLE_REGION_CONSTANTS, offset});
    }
    return static_cast<uint32_t>(place->second);
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
  OnChip on_chip_;
  MemoryMap memory_;
  std::optional<HeldLayer> held_;
  std::vector<int> copy_index_;  // per copy: the output's index in image.tensors
  CommandWriter writer_;
  std::map<int, int> constant_index_;        // per constant operand: index in image.tensors
  std::map<int, uint32_t> constant_offset_;  // and where it lies
  bool in_segment_ = false;                  // the last layer was one of the NPU's
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
    fmt::format_to(out, "  tiles: {}\n  bound: {}\n", layer.tiling, layer.reason);
    if (!layer.runner_up.empty()) fmt::format_to(out, "  runner-up: {}\n", layer.runner_up);
    fmt::format_to(out, "  scratchpad:");
    for (const BufferInfo& buffer : layer.buffers) {
      fmt::format_to(out, " {} {} x {} bytes at {};", buffer.name, buffer.slots, buffer.slot_bytes,
                     buffer.addr);
    }
    if (layer.prefetched_bytes != 0) {
      fmt::format_to(out, " the next layer's first {} bytes of constants;", layer.prefetched_bytes);
    }
    text += '\n';
  }
  fmt::format_to(out, "arena: {} bytes; {} are alive at once\n", result.image.arena_bytes,
                 result.arena_alive_bytes);
  return text;
}

}  // namespace systole::compiler
