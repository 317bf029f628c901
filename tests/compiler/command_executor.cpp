// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/compiler/command_executor.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "hw/vector/vector_kernel.h"
#include "sw/program/scratchpad_tensor.h"

namespace systole::test {
namespace {

namespace npu = regs::npu;
using program::Opcode;

constexpr int kIssue = -1;  // the sequencer's step among the choices
constexpr uint32_t kUnitBases[5] = {npu::kDmaLoad, npu::kDmaStore, npu::kMacArray, npu::kRequant,
                                    npu::kVector};

int unit_of(uint32_t base) {
  for (int u = 0; u < 5; ++u) {
    if (kUnitBases[u] == base) return u;
  }
  throw std::runtime_error("START of no unit");
}

// The value of a register that the list must have written itself.
class Registers {
 public:
  Registers(const std::map<uint32_t, uint32_t>& values, uint32_t base)
      : values_(values), base_(base) {}
  uint32_t operator()(uint32_t offset) const {
    const auto found = values_.find(base_ + offset);
    if (found == values_.end()) throw std::runtime_error("a job register was never written");
    return found->second;
  }
  uint32_t operator()(uint32_t offset, const regs::Field& field) const {
    return field.get((*this)(offset));
  }

 private:
  const std::map<uint32_t, uint32_t>& values_;
  uint32_t base_;
};

void require_no_fault(const Fault& fault, const char* unit) {
  if (!fault) return;
  throw std::runtime_error(std::string(unit) + " job faults: code " +
                           std::to_string(static_cast<uint32_t>(fault.code)) + ", info " +
                           std::to_string(fault.info) + ", address " + std::to_string(fault.addr));
}

}  // namespace

CommandExecutor::CommandExecutor(const program::ProgramImage& image, const Params& params,
                                 uint32_t seed)
    : image_(image), machine_(systole::npu::npu_config(params)), random_(seed) {
  decode();
}

void CommandExecutor::decode() {
  std::map<uint32_t, uint32_t> registers;
  program::for_each_command(image_.commands, [&](const program::Command& command) {
    if (command.opcode != Opcode::kWrite) {
      events_.push_back({command.opcode, -1, command.offset, {}});
      return;
    }
    for (uint32_t i = 0; i < command.count; ++i) {
      const uint32_t offset = command.offset + 4 * i;
      registers[offset] = command.data[i];
      if (std::strcmp(program::find_register(offset).info->name, "START") != 0) continue;
      Event event{Opcode::kWrite, -1, 0, {}};
      event.job.base = program::find_register(offset).block->base;
      event.unit = unit_of(event.job.base);
      event.job.registers = registers;
      const uint32_t tokens = registers.at(offset - 4);  // TOKENS stands before START in every unit
      event.job.wait = regs::dma::tokens::kWait.get(tokens);
      event.job.signal = regs::dma::tokens::kSignal.get(tokens);
      events_.push_back(std::move(event));
    }
  });
}

void CommandExecutor::reset(const std::vector<uint8_t>& input) {
  next_event_ = 0;
  next_layer_ = 0;
  jobs_run_ = 0;
  for (auto& queue : queues_) queue.clear();
  for (uint32_t& semaphore : semaphores_) semaphore = 0;
  at_mark_.clear();
  // Nothing may rely on what memories hold at the start.
  spad_.resize(machine_.scratchpad.bytes);
  for (uint8_t& byte : spad_) byte = static_cast<uint8_t>(random_());
  acc_.resize(size_t{machine_.mac_array.acc_rows} * machine_.mac_array.cols);
  for (int32_t& word : acc_) word = static_cast<int32_t>(random_());
  table_.assign(requant::kTableEntries, {static_cast<uint32_t>(random_()), 0, 0});
  for (uint32_t& word : tables_.a) word = static_cast<uint32_t>(random_());
  for (uint32_t& word : tables_.b) word = static_cast<uint32_t>(random_());
  regions_[SYSTOLE_REGION_CONSTANTS] = image_.constants;
  regions_[SYSTOLE_REGION_ARENA].assign(image_.arena_bytes, 0xA5);
  regions_[SYSTOLE_REGION_INPUT] = input;
  regions_[SYSTOLE_REGION_OUTPUT].assign(image_.output_bytes, 0x5A);
}

bool CommandExecutor::can_issue(uint32_t queue_depth) const {
  if (next_event_ >= events_.size()) return false;
  const Event& event = events_[next_event_];
  if (event.unit >= 0) return queues_[event.unit].size() < queue_depth;
  for (const auto& queue : queues_) {
    if (!queue.empty()) return false;  // FENCE, MARK (which follows a FENCE here) and END
  }
  return true;
}

bool CommandExecutor::can_run(int unit) const {
  if (queues_[unit].empty()) return false;
  const uint32_t wait = queues_[unit].front().wait;
  for (int s = 0; s < 16; ++s) {
    if ((wait >> s & 1) != 0 && semaphores_[s] == 0) return false;
  }
  return true;
}

int CommandExecutor::choose(Policy policy, const std::vector<int>& choices) {
  // The order of preference of each policy; units as in kUnitBases.
  static const std::map<Policy, std::vector<int>> kOrders = {
      {Policy::kListOrder, {0, 1, 2, 3, 4, kIssue}},
      {Policy::kEagerSequencer, {kIssue, 0, 1, 2, 3, 4}},
      {Policy::kLoadsFirst, {0, kIssue, 2, 4, 3, 1}},
      {Policy::kStoresLast, {kIssue, 0, 2, 4, 3, 1}},
      {Policy::kStoresFirst, {kIssue, 1, 3, 4, 2, 0}},
  };
  if (policy == Policy::kRandom) return choices[random_() % choices.size()];
  for (const int preferred : kOrders.at(policy)) {
    for (const int choice : choices) {
      if (choice == preferred) return choice;
    }
  }
  throw std::runtime_error("no choice");
}

void CommandExecutor::run(const std::vector<uint8_t>& input, Policy policy, uint32_t queue_depth) {
  reset(input);
  run_firmware_layers();
  while (next_event_ < events_.size()) {
    std::vector<int> choices;
    if (can_issue(queue_depth)) choices.push_back(kIssue);
    for (int u = 0; u < 5; ++u) {
      if (can_run(u)) choices.push_back(u);
    }
    if (choices.empty()) {
      throw std::runtime_error("deadlock at event " + std::to_string(next_event_) + " of " +
                               std::to_string(events_.size()));
    }
    const int choice = choose(policy, choices);
    if (choice == kIssue) {
      issue();
    } else {
      run_head(choice);
    }
  }
  for (int s = 0; s < 16; ++s) {
    if (semaphores_[s] != 0) throw std::runtime_error("tokens left in " + std::to_string(s));
  }
}

void CommandExecutor::issue() {
  const Event& event = events_[next_event_++];
  if (event.unit >= 0) queues_[event.unit].push_back(event.job);
  if (event.opcode == Opcode::kMark) {
    const uint32_t output = image_.layers.at(event.tag).output_tensor;
    at_mark_[output] = tensor(output);
    next_layer_ = event.tag + 1;
  }
  if (event.opcode == Opcode::kEnd) run_firmware_layers();
}

// Those between the segments of the list.
void CommandExecutor::run_firmware_layers() {
  for (; next_layer_ < image_.layers.size(); ++next_layer_) {
    const program::LayerInfo& layer = image_.layers[next_layer_];
    if (layer.kind != program::LayerKind::kFirmware) return;
    if (!firmware_) throw std::runtime_error("layer " + layer.name + " is the firmware's");
    std::vector<std::vector<uint8_t>> inputs;
    for (const uint32_t index : layer.input_tensors) inputs.push_back(tensor(index));
    const std::vector<uint8_t> output = firmware_(next_layer_, inputs);
    const program::TensorInfo& info = image_.tensors.at(layer.output_tensor);
    if (output.size() != info.bytes) throw std::runtime_error("a firmware layer's size is wrong");
    std::copy(output.begin(), output.end(), regions_[info.region].begin() + info.offset);
    at_mark_[layer.output_tensor] = output;
  }
}

void CommandExecutor::run_head(int unit) {
  const QueuedJob job = queues_[unit].front();
  queues_[unit].pop_front();
  for (int s = 0; s < 16; ++s) {
    if (job.wait >> s & 1) --semaphores_[s];
  }
  execute(job);
  ++jobs_run_;
  for (int s = 0; s < 16; ++s) {
    if ((job.signal >> s & 1) != 0 && ++semaphores_[s] > 255) {
      throw std::runtime_error("semaphore " + std::to_string(s) + " overflows");
    }
  }
}

void CommandExecutor::execute(const QueuedJob& job) {
  switch (job.base) {
    case npu::kDmaLoad:
    case npu::kDmaStore:
      return run_dma(job, job.base == npu::kDmaLoad);
    case npu::kMacArray:
      return run_mac_array(job);
    case npu::kRequant:
      return run_requant(job);
    default:
      return run_vector(job);
  }
}

std::vector<uint8_t>& CommandExecutor::region(uint32_t index) { return regions_[index]; }

void CommandExecutor::run_dma(const QueuedJob& queued, bool is_load) {
  namespace r = regs::dma;
  const Registers reg(queued.registers, queued.base);
  dma::Job job;
  job.dram_addr = reg(r::kDramAddr);
  job.spad_addr = reg(r::kSpadAddr);
  job.size0 = reg(r::kSize0);
  job.size1 = reg(r::kSize1);
  job.size2 = reg(r::kSize2);
  job.dram_stride1 = reg(r::kDramStride1);
  job.dram_stride2 = reg(r::kDramStride2);
  job.spad_stride1 = reg(r::kSpadStride1);
  job.spad_stride2 = reg(r::kSpadStride2);
  job.before1 = reg(r::kPad, r::pad::kBefore1);
  job.after1 = reg(r::kPad, r::pad::kAfter1);
  job.before2 = reg(r::kPad, r::pad::kBefore2);
  job.after2 = reg(r::kPad, r::pad::kAfter2);
  job.pad_value = static_cast<uint8_t>(reg(r::kPadValue));
  const auto direction = is_load ? dma::Direction::kLoad : dma::Direction::kStore;
  require_no_fault(dma::check(job, direction, machine_.scratchpad), is_load ? "load" : "store");
  std::vector<uint8_t>& memory = region(reg(r::kRegion));
  if (is_load) dma::fill_padding(job, spad_.data());
  dma::for_each_run(job, [&](const dma::Run& run) {
    if (uint64_t{run.dram_addr} + run.bytes > memory.size()) {
      throw std::runtime_error("a DMA job leaves its region");
    }
    uint8_t* dram = memory.data() + run.dram_addr;
    uint8_t* spad = spad_.data() + run.spad_addr;
    std::memcpy(is_load ? spad : dram, is_load ? dram : spad, run.bytes);
    return true;
  });
}

void CommandExecutor::run_mac_array(const QueuedJob& queued) {
  namespace r = regs::mac_array;
  const Registers reg(queued.registers, queued.base);
  mac_array::Job job;
  job.in_addr = reg(r::kInAddr);
  job.wgt_addr = reg(r::kWgtAddr);
  job.acc_row = reg(r::kAccAddr);
  job.k_len = reg(r::kKLen);
  job.out_channels = reg(r::kOutChannels);
  job.kx = reg(r::kKLoops, r::k_loops::kKx);
  job.ky = reg(r::kKLoops, r::k_loops::kKy);
  job.kx_stride = reg(r::kKxStride);
  job.ky_stride = reg(r::kKyStride);
  job.x = reg(r::kOutSize, r::out_size::kX);
  job.y = reg(r::kOutSize, r::out_size::kY);
  job.x_stride = reg(r::kXStride);
  job.y_stride = reg(r::kYStride);
  job.in_zp = r::zero_point::kInZp.get_signed(reg(r::kZeroPoint));
  job.wgt_zp = r::zero_point::kWgtZp.get_signed(reg(r::kZeroPoint));
  job.in_signed = reg(r::kMode, r::mode::kInSigned) != 0;
  job.wgt_signed = reg(r::kMode, r::mode::kWgtSigned) != 0;
  job.accumulate = reg(r::kMode, r::mode::kAccumulate) != 0;
  job.wgt_zp_line = reg(r::kMode, r::mode::kWgtZpLine) != 0;
  require_no_fault(mac_array::check(job, machine_.mac_array, machine_.scratchpad), "mac_array");
  mac_array::run(job, machine_.mac_array, spad_.data(), acc_.data());
}

void CommandExecutor::run_requant(const QueuedJob& queued) {
  namespace r = regs::requant;
  const Registers reg(queued.registers, queued.base);
  requant::Job job;
  job.acc_row = reg(r::kAccAddr);
  job.out_addr = reg(r::kOutAddr);
  job.out_channels = reg(r::kOutChannels);
  job.x = reg(r::kOutSize, r::out_size::kX);
  job.y = reg(r::kOutSize, r::out_size::kY);
  job.x_stride = reg(r::kXStride);
  job.y_stride = reg(r::kYStride);
  job.mode.arith = static_cast<requant::Arith>(reg(r::kMode, r::mode::kArith));
  job.mode.zp_first = reg(r::kMode, r::mode::kZpFirst) != 0;
  job.mode.ties_up = reg(r::kMode, r::mode::kTiesUp) != 0;
  job.mode.overflow = static_cast<requant::Overflow>(reg(r::kMode, r::mode::kOverflow));
  job.mode.out_signed = reg(r::kMode, r::mode::kOutSigned) != 0;
  job.mode.acc_fp32 = reg(r::kMode, r::mode::kAccFp32) != 0;
  job.per_tensor = reg(r::kMode, r::mode::kPerTensor) != 0;
  job.param_load = reg(r::kMode, r::mode::kParamLoad) != 0;
  job.tensor.zero_point = r::zero_point::kZp.get_signed(reg(r::kZeroPoint));
  job.tensor.qmin = r::clamp::kQmin.get_signed(reg(r::kClamp));
  job.tensor.qmax = r::clamp::kQmax.get_signed(reg(r::kClamp));
  job.tensor.aux = reg(r::kAux);
  job.tensor.avg_count = reg(r::kAvgCount);
  job.param_addr = reg(r::kParamAddr);
  require_no_fault(requant::check(job, machine_.requant, machine_.scratchpad), "requant");
  if (job.param_load) requant::load_params(job, spad_.data(), table_.data());
  requant::run(job, machine_.requant, acc_.data(), table_.data(), spad_.data());
}

void CommandExecutor::run_vector(const QueuedJob& queued) {
  namespace r = regs::vector;
  const Registers reg(queued.registers, queued.base);
  vector::Job job;
  job.in_addr = reg(r::kInAddr);
  job.out_addr = reg(r::kOutAddr);
  job.channels = reg(r::kChannels);
  job.x = reg(r::kOutSize, r::out_size::kX);
  job.y = reg(r::kOutSize, r::out_size::kY);
  job.in_x_stride = reg(r::kInXStride);
  job.in_y_stride = reg(r::kInYStride);
  job.out_x_stride = reg(r::kOutXStride);
  job.out_y_stride = reg(r::kOutYStride);
  job.kx = reg(r::kWindow, r::window::kKx);
  job.ky = reg(r::kWindow, r::window::kKy);
  job.kx_stride = reg(r::kKxStride);
  job.ky_stride = reg(r::kKyStride);
  job.op = reg(r::kMode, r::mode::kOp);
  job.is_signed = reg(r::kMode, r::mode::kSigned) != 0;
  job.qmin = r::clamp::kQmin.get_signed(reg(r::kClamp));
  job.qmax = r::clamp::kQmax.get_signed(reg(r::kClamp));
  job.in2_addr = reg(r::kIn2Addr);
  job.in2_x_stride = reg(r::kIn2XStride);
  job.in2_y_stride = reg(r::kIn2YStride);
  job.in2_splat = reg(r::kMode, r::mode::kIn2Splat) != 0;
  job.acc_row = reg(r::kAccAddr);
  job.load_a = reg(r::kMode, r::mode::kLoadA) != 0;
  job.load_b = reg(r::kMode, r::mode::kLoadB) != 0;
  job.table_addr = reg(r::kTableAddr);
  require_no_fault(vector::check(job, machine_.vector, machine_.scratchpad), "vector");
  vector::load_tables(job, spad_.data(), &tables_);
  vector::run(job, machine_.vector, tables_, spad_.data(), acc_.data());
}

std::vector<uint8_t> CommandExecutor::tensor(size_t index) const {
  const program::TensorInfo& info = image_.tensors.at(index);
  if (info.region == SYSTOLE_REGION_SCRATCHPAD) {
    return program::scratchpad_tensor(info, spad_.data());
  }
  const auto begin = regions_[info.region].begin() + info.offset;
  return std::vector<uint8_t>(begin, begin + info.bytes);
}

const std::vector<uint8_t>& CommandExecutor::output_at_mark(size_t tensor) const {
  return at_mark_.at(tensor);
}

}  // namespace systole::test
