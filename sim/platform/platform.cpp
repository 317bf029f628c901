// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/platform.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace systole {
namespace {

CpuConfig cpu_config(const PlatformConfig& config) {
  if (config.dram_bytes == 0 || config.dram_bytes % 4096 != 0 ||
      config.dram_bytes > (1ull << 32) - kDramBase) {
    throw std::invalid_argument("DRAM size is not a multiple of 4 KiB between 4 KiB and 2 GiB");
  }
  CpuConfig cpu = config.cpu;
  cpu.memory = {{kDramBase, config.dram_bytes}};
  return cpu;
}

std::function<void(uint8_t)> console_of(const PlatformConfig& config) {
  if (config.console) return config.console;
  return [](uint8_t byte) { std::fputc(byte, stdout); };
}

}  // namespace

Platform::Platform(const sc_core::sc_module_name& name, const PlatformConfig& config)
    : sc_module(name),
      cpu("cpu", cpu_config(config)),
      bus("bus"),
      dram("dram", config.dram_bytes),
      uart("uart", console_of(config)),
      clint("clint", kMtimeHz),
      plic("plic"),
      finisher("finisher", [this](int code) { finish(code); }) {
  cpu.bus.bind(bus.initiators);
  bus.map("dram", kDramBase, config.dram_bytes, dram.bus);
  bus.map("uart", kUartBase, kUartSize, uart.bus);
  bus.map("clint", kClintBase, kClintSize, clint.bus);
  bus.map("plic", kPlicBase, kPlicSize, plic.bus);
  bus.map("finisher", kFinisherBase, kFinisherSize, finisher.bus);
  clint.msip(msip_);
  clint.mtip(mtip_);
  plic.meip(meip_);
  uart.irq(uart_irq_);
  plic.irq[kUartIrq](uart_irq_);
  cpu.msip(msip_);
  cpu.mtip(mtip_);
  cpu.meip(meip_);
  cpu.set_time_source([this](const sc_core::sc_time& when) { return clint.mtime(when); });
  cpu.set_on_halt([this](CpuModel::Halt reason) { core_halted(reason); });
}

void Platform::connect_npu(tlm::tlm_target_socket<>& registers, tlm::tlm_initiator_socket<>& dma,
                           sc_core::sc_out<bool>& irq) {
  bus.map("npu", kNpuBase, kNpuSize, registers);
  dma.bind(bus.initiators);
  irq(npu_irq_);
  plic.irq[kNpuIrq](npu_irq_);
}

void Platform::write_memory(uint32_t address, const uint8_t* bytes, size_t size_bytes) {
  const uint64_t offset = uint64_t{address} - kDramBase;
  if (address < kDramBase || offset > dram.size_bytes() ||
      dram.size_bytes() - offset < size_bytes) {
    throw std::out_of_range("address range is not inside DRAM");
  }
  if (size_bytes != 0) std::memcpy(dram.data() + offset, bytes, size_bytes);
  cpu.core().invalidate_code();
}

void Platform::load(const ElfImage& image) {
  for (const ElfImage::Segment& segment : image.segments) {
    const uint64_t end = uint64_t{segment.address} + segment.memory_bytes;
    if (segment.address < kDramBase || end > kDramBase + dram.size_bytes()) {
      throw ElfError(image.path + ": a segment at " + hex_address(segment.address) + " of " +
                     std::to_string(segment.memory_bytes) + " bytes lies outside DRAM");
    }
    uint8_t* memory = dram.data() + (segment.address - kDramBase);
    std::copy(segment.bytes.begin(), segment.bytes.end(), memory);
    std::memset(memory + segment.bytes.size(), 0, segment.memory_bytes - segment.bytes.size());
  }
  cpu.core().invalidate_code();
  cpu.core().set_pc(image.entry);
  if (const auto tohost = image.find_symbol("tohost")) {
    cpu.core().watch_store(
        *tohost, [this, address = *tohost](uint32_t, uint32_t) { tohost_written(address); });
  }
}

// riscv-tests: bit 0 set ends the program with the code in the bits above.
void Platform::tohost_written(uint32_t address) {
  uint32_t value = 0;
  const uint64_t offset = uint64_t{address} - kDramBase;
  if (offset + 4 > dram.size_bytes()) return;
  std::memcpy(&value, dram.data() + offset, 4);
  if ((value & 1) == 0) return;
  exit_code_ = static_cast<int>(value >> 1);
  cpu.request_halt();
}

void Platform::finish(int exit_code) {
  exit_code_ = exit_code;
  sc_core::sc_stop();
}

void Platform::core_halted(CpuModel::Halt) { sc_core::sc_stop(); }

RunEnd Platform::end_of_run() const {
  // The last event came and went without waking the core: there is nothing left to wait for.
  const bool starved = !sc_core::sc_pending_activity() && cpu.core().waiting();
  if (exit_code_) return RunEnd::kExit;
  switch (cpu.halted()) {
    case CpuModel::Halt::kHang:
      return RunEnd::kHang;
    case CpuModel::Halt::kLockup:
      return RunEnd::kLockup;
    case CpuModel::Halt::kBreakpoint:
      return RunEnd::kBreakpoint;
    case CpuModel::Halt::kCycleLimit:
      return RunEnd::kTimeLimit;
    default:
      return starved ? RunEnd::kHang : RunEnd::kTimeLimit;
  }
}

RunResult Platform::run(uint64_t max_cycles) {
  // "Simulation stopped by user" would land among the firmware's output.
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_DO_NOTHING);
  const uint64_t period = cpu.clock_period().value();
  const uint64_t last_cycle = sc_core::sc_max_time().value() / period - 2;
  const uint64_t limit = std::min(max_cycles, last_cycle);
  cpu.set_cycle_limit(limit);
  // A core that sleeps does not see the limit: SystemC's own ends the run one cycle later.
  const auto stop_at = sc_core::sc_time::from_value((limit + 1) * period);
  sc_core::sc_start(stop_at - sc_core::sc_time_stamp(), sc_core::SC_EXIT_ON_STARVATION);
  RunResult result;
  result.end = end_of_run();
  result.exit_code = exit_code_.value_or(0);
  const uint64_t slept_until = sc_core::sc_time_stamp().value() / period;
  result.cycles = result.end == RunEnd::kTimeLimit ? limit
                  : cpu.core().waiting()           ? std::max(cpu.core().cycle(), slept_until)
                                                   : cpu.core().cycle();
  result.instructions = cpu.core().instructions_retired();
  result.time = sc_core::sc_time::from_value(result.cycles * period);
  return result;
}

}  // namespace systole
