// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/compiler/npu_runner.h"

#include <array>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "hw/npu/npu_core.h"
#include "sw/program/scratchpad_tensor.h"

namespace systole::test {
namespace {

namespace seq = regs::sequencer;

constexpr uint32_t kAlign = 64;

// Memory from address 0.
class FlatMemory : public MemoryBus {
 public:
  bool read(uint32_t address, uint8_t* data, uint32_t bytes) override {
    if (!holds(address, bytes)) return false;
    std::memcpy(data, memory.data() + address, bytes);
    return true;
  }
  bool write(uint32_t address, const uint8_t* data, uint32_t bytes) override {
    if (!holds(address, bytes)) return false;
    std::memcpy(memory.data() + address, data, bytes);
    return true;
  }
  uint64_t take_delay_cycles() override { return 0; }

  // Reserves a part; returns where it begins.
  uint32_t add(const void* data, size_t bytes, size_t reserved) {
    const size_t begin = (memory.size() + kAlign - 1) / kAlign * kAlign;
    memory.resize(begin + reserved);
    if (bytes != 0) std::memcpy(memory.data() + begin, data, bytes);
    return static_cast<uint32_t>(begin);
  }

  std::vector<uint8_t> memory;

 private:
  bool holds(uint32_t address, uint32_t bytes) const {
    return uint64_t{address} + bytes <= memory.size();
  }
};

class Watcher : public npu::NpuObserver {
 public:
  void on_start(uint64_t cycle) override { start = cycle; }
  void on_mark(uint16_t tag, uint64_t cycle) override {
    marks.push_back(cycle);
    on_layer(tag);
  }
  void on_done(uint64_t cycle) override { end = cycle; }
  void on_fault(const Fault& fault, UnitId unit, uint16_t tag, uint64_t /*cycle*/) override {
    throw std::runtime_error("fault " + std::to_string(static_cast<uint32_t>(fault.code)) +
                             " of unit " + std::to_string(static_cast<uint32_t>(unit)) +
                             " in layer " + std::to_string(tag));
  }
  uint64_t start = 0, end = 0;
  std::vector<uint64_t> marks;
  std::function<void(uint16_t)> on_layer;
};

class Runner {
 public:
  Runner(const program::ProgramImage& image, const Params& params,
         const std::vector<uint8_t>& input)
      : image_(image), core_(npu::npu_config(params), {}, memory_, &watcher_) {
    const auto& commands = image.commands;
    const uint32_t list = memory_.add(commands.data(), commands.size() * 4, commands.size() * 4);
    bases_[SYSTOLE_REGION_CONSTANTS] =
        memory_.add(image.constants.data(), image.constants.size(), image.constants.size());
    bases_[SYSTOLE_REGION_ARENA] = memory_.add(nullptr, 0, image.arena_bytes);
    bases_[SYSTOLE_REGION_INPUT] = memory_.add(input.data(), input.size(), input.size());
    bases_[SYSTOLE_REGION_OUTPUT] = memory_.add(nullptr, 0, image.output_bytes);
    write(seq::kCmdAddr, list);
    write(seq::kCmdBytes, static_cast<uint32_t>(commands.size() * 4));
    write(seq::kPerfAddr, memory_.add(nullptr, 0, 256 * (image.layers.size() + 1)));
    for (uint32_t i = 0; i < bases_.size(); ++i) write(seq::kBase + 4 * i, bases_[i]);
    write(seq::kIrqEnable, 3);
    result_.tensors.resize(image.tensors.size());
    watcher_.on_layer = [this](uint16_t tag) { read(image_.layers.at(tag).output_tensor); };
  }

  NpuRun run() {
    write(seq::kCtrl, seq::ctrl::kStart.put(1));
    uint64_t cycle = 0;
    while (!core_.irq()) {
      cycle = core_.next_event();
      if (cycle == UINT64_MAX) throw std::runtime_error("the NPU stopped");
      core_.advance(cycle);
    }
    result_.cycles = watcher_.end - watcher_.start;
    uint64_t previous = watcher_.start;
    for (const uint64_t mark : watcher_.marks) {
      result_.layer_cycles.push_back(mark - previous);
      previous = mark;
    }
    return result_;
  }

 private:
  void write(uint32_t offset, uint32_t word) {
    core_.write(regs::npu::kSequencer + offset, word, 0);
  }

  void read(uint32_t tensor) {
    const program::TensorInfo& info = image_.tensors[tensor];
    if (info.region == SYSTOLE_REGION_SCRATCHPAD) {
      result_.tensors[tensor] = program::scratchpad_tensor(info, core_.scratchpad());
      return;
    }
    const auto begin = memory_.memory.begin() + bases_[info.region] + info.offset;
    result_.tensors[tensor].assign(begin, begin + info.bytes);
  }

  const program::ProgramImage& image_;
  FlatMemory memory_;
  Watcher watcher_;
  npu::NpuCore core_;
  std::array<uint32_t, 5> bases_{};
  NpuRun result_;
};

}  // namespace

NpuRun run_on_npu(const program::ProgramImage& image, const Params& params,
                  const std::vector<uint8_t>& input) {
  return Runner(image, params, input).run();
}

}  // namespace systole::test
