// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The whole machine: core, bus and devices at the addresses of memory_map.h, and a place for the
// NPU. A caller may bind one before the simulation starts; without it, its window is a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <systemc>
#include <tlm>

#include "sim/cpu/cpu_config.h"
#include "sim/cpu/cpu_model.h"
#include "sim/platform/bus.h"
#include "sim/platform/clint.h"
#include "sim/platform/dram.h"
#include "sim/platform/elf_loader.h"
#include "sim/platform/finisher.h"
#include "sim/platform/memory_map.h"
#include "sim/platform/plic.h"
#include "sim/platform/uart16550.h"

namespace systole {

struct PlatformConfig {
  CpuConfig cpu;  // `memory` is filled in by the platform
  uint64_t dram_bytes = 256ull << 20;
  // Gets what the firmware prints, byte by byte. Default: standard output.
  std::function<void(uint8_t)> console;
};

// How a run ended. `kTimeLimit`: at the limit of run(), whatever the core was doing.
enum class RunEnd { kExit, kHang, kLockup, kTimeLimit, kBreakpoint };

struct RunResult {
  RunEnd end = RunEnd::kExit;
  int exit_code = 0;  // of the firmware, when end is kExit
  uint64_t cycles = 0;
  uint64_t instructions = 0;
  sc_core::sc_time time;
};

class Platform : public sc_core::sc_module {
 public:
  Platform(const sc_core::sc_module_name& name, const PlatformConfig& config);

  // Binds an NPU: its registers (offsets into the window at kNpuBase), its DMA into the bus, its
  // interrupt to source kNpuIrq. Before the simulation starts, at most once.
  void connect_npu(tlm::tlm_target_socket<>& registers, tlm::tlm_initiator_socket<>& dma,
                   sc_core::sc_out<bool>& irq);

  // Copies the segments to DRAM and sets the core to the entry point. Throws ElfError when a
  // segment lies outside DRAM. A symbol `tohost` becomes the exit port, as in riscv-tests.
  void load(const ElfImage& image);
  // Copies bytes to DRAM. Throws std::out_of_range.
  void write_memory(uint32_t address, const uint8_t* bytes, size_t size_bytes);

  // Runs until the firmware exits, cannot go on, or `max_cycles` of the core's clock have passed.
  // Once per process: SystemC cannot be started again after it has stopped.
  RunResult run(uint64_t max_cycles = ~0ull);
  // Ends the run as if the firmware had exited; for devices that the caller adds.
  void finish(int exit_code);

  CpuModel cpu;
  Bus bus;
  Dram dram;
  Uart16550 uart;
  Clint clint;
  Plic plic;
  Finisher finisher;

 private:
  void tohost_written(uint32_t address);
  void core_halted(CpuModel::Halt reason);
  RunEnd end_of_run() const;

  sc_core::sc_signal<bool> msip_{"msip"};
  sc_core::sc_signal<bool> mtip_{"mtip"};
  sc_core::sc_signal<bool> meip_{"meip"};
  sc_core::sc_signal<bool> uart_irq_{"uart_irq"};
  sc_core::sc_signal<bool> npu_irq_{"npu_irq"};
  std::optional<int> exit_code_;
};

}  // namespace systole
