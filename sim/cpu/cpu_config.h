// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What a user can choose about the core: clock, cost of each class of instruction, behaviour.
#pragma once

#include <cstdint>
#include <vector>

namespace systole {

// Cycles from the start of an instruction to the start of the next one, without `fetch`. The
// defaults are those of a two-stage microcontroller core with tightly coupled memory. A cost is a
// function of the instruction stream alone, never of what the simulator has cached; `riscv_core`
// raises a total of 0 to 1, so that time always moves.
struct CycleCosts {
  uint32_t fetch = 0;  // added to every instruction
  uint32_t alu = 1;
  uint32_t branch_taken = 3;
  uint32_t branch_not_taken = 1;
  uint32_t jump = 2;
  uint32_t load = 2;
  uint32_t store = 2;
  uint32_t mul = 1;
  uint32_t div = 37;
  uint32_t csr = 1;
  uint32_t amo = 4;      // LR, SC and read-modify-write
  uint32_t fence = 1;    // FENCE and FENCE.I
  uint32_t system = 3;   // MRET and WFI
  uint32_t trap = 4;     // entry into the trap handler, instead of the cost of the instruction
  uint32_t device = 10;  // load or store outside memory, instead of `load` or `store`
};

// A misaligned load or store either traps (causes 4 and 6) or is performed as QEMU does it. Atomic
// accesses always trap.
enum class Misaligned { kTrap, kEmulate };

// An address range that is memory: may hold code, may be accessed through a direct pointer and
// takes atomic accesses. Everything else is a device.
struct MemoryRegion {
  uint32_t base = 0x80000000;
  uint64_t size_bytes = 0;
};

struct CpuConfig {
  double clock_mhz = 200.0;  // the period is rounded to a whole picosecond
  CycleCosts cycles;
  Misaligned misaligned = Misaligned::kTrap;
  uint32_t hart_id = 0;
  uint32_t reset_pc = 0x80000000;
  std::vector<MemoryRegion> memory;
  uint32_t quantum_cycles = 20000;  // longest run without giving way; speed only, never time
  bool use_dmi = true;              // speed only, never time
};

}  // namespace systole
