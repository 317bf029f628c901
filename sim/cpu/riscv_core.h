// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// An RV32IMAC_Zicsr_Zifencei hart with machine mode only, in plain C++. It counts cycles; what a
// cycle is in time, and what lies behind an address, is its caller's business.
//
// One thread at a time. Calls that change registers, breakpoints or memory are allowed between
// runs and from inside a RiscvPort callback.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "sim/cpu/cpu_config.h"
#include "sim/cpu/decode_cache.h"
#include "sim/cpu/riscv_csr.h"
#include "sim/cpu/riscv_insn.h"

namespace systole {

// What the core asks of its surroundings. During a call, cycle() and pc() of the core are those of
// the instruction that makes the access, before its cost.
class RiscvPort {
 public:
  struct Access {
    uint32_t address;
    unsigned size_bytes;  // 1, 2 or 4; the address is a multiple of it
    bool device;          // outside every MemoryRegion
  };
  virtual ~RiscvPort() = default;
  // Each returns false for an access fault. Values are zero-extended.
  virtual bool fetch(uint32_t address, uint16_t& halfword) = 0;
  virtual bool read(const Access& access, uint32_t& value) = 0;
  virtual bool write(const Access& access, uint32_t value) = 0;
  // The memory-mapped timer, for the `time` CSR.
  virtual uint64_t mtime() = 0;
};

class RiscvCore : private DecodeCache::Fetcher {
 public:
  enum class Stop {
    kLimit,       // reached the cycle it was given
    kRequested,   // a device was accessed, or request_stop() was called
    kBreakpoint,  // stands before an instruction with a breakpoint; the next run() passes it
    kWfi,         // waits for an interrupt; run again when one is pending and enabled
    kLockup,      // the trap handler's own address cannot be fetched: it will trap for ever
  };

  RiscvCore(const CpuConfig& config, RiscvPort& port);
  RiscvCore(const RiscvCore&) = delete;
  RiscvCore& operator=(const RiscvCore&) = delete;

  // Executes until the cycle counter is at `until_cycle` or more, or until another reason to stop.
  // Takes a pending interrupt first. An instruction is begun only before `until_cycle`.
  Stop run(uint64_t until_cycle);
  // Executes up to `count` instructions and trap entries.
  Stop run_instructions(uint64_t count);
  Stop step() { return run_instructions(1); }
  // The current run() returns after the instruction that it is in.
  void request_stop() { stop_ = true; }
  // Time goes by without instructions. Requires: cycle >= cycle().
  void advance_to(uint64_t cycle);
  // From a RiscvPort callback: the access takes this many cycles more than its class costs.
  void add_stall(uint64_t cycles) { extra_cost_ += static_cast<int64_t>(cycles); }

  uint64_t cycle() const { return until_ - static_cast<uint64_t>(budget_); }
  uint64_t instructions_retired() const { return instret_; }
  uint32_t pc() const { return pc_; }
  void set_pc(uint32_t pc) { pc_ = pc & ~1u; }
  uint32_t reg(unsigned index) const { return x_[index]; }
  void set_reg(unsigned index, uint32_t value) { x_[index == 0 ? kSinkRegister : index] = value; }
  // False when there is no such register (or it is read-only).
  bool read_csr(uint32_t number, uint32_t& value);
  bool write_csr(uint32_t number, uint32_t value);

  // Levels of the interrupt lines: kMsip, kMtip, kMeip.
  void set_interrupt_lines(uint32_t lines) { csr_.set_lines(lines); }
  bool interrupt_wakes() const { return csr_.wake_up(); }
  bool interrupts_all_disabled() const { return csr_.deaf(); }
  bool waiting() const { return waiting_; }

  // Memory that loads, stores and fetches reach without the port: `size_bytes` bytes for the
  // addresses from `base`. Requires: inside a MemoryRegion, base and size multiples of 4.
  void set_direct_memory(uint32_t base, uint32_t size_bytes, uint8_t* bytes);
  void clear_direct_memory() { set_direct_memory(0, 0, nullptr); }
  bool has_direct_memory() const { return direct_ != nullptr; }

  // Somebody else has written memory that may hold code. (FENCE.I does the same.)
  void invalidate_code() { cache_.flush(); }
  void set_breakpoint(uint32_t address) { cache_.set_breakpoint(address & ~1u); }
  void clear_breakpoint(uint32_t address) { cache_.clear_breakpoint(address & ~1u); }
  // Calls back after each store of the core that touches the word at `address`.
  using StoreWatch = std::function<void(uint32_t address, uint32_t value)>;
  void watch_store(uint32_t address, StoreWatch watch);

 private:
  bool fetch(uint32_t address, uint16_t& halfword) override;
  Stop execute();
  bool prepare();
  bool in_memory(uint32_t address) const;
  bool direct(uint32_t address, unsigned size_bytes) const;
  bool enter_page(uint32_t address);
  bool raise(Cause cause, uint32_t tval);
  void take_trap();
  void take_interrupt();
  void charge_trap(uint32_t handler);
  bool load_slow(const Insn& insn, uint32_t address);
  bool store_slow(const Insn& insn, uint32_t address);
  bool read_data(uint32_t address, unsigned size_bytes, uint32_t& value);
  bool write_data(uint32_t address, unsigned size_bytes, uint32_t value);
  bool read_aligned(uint32_t address, unsigned size_bytes, uint32_t& value);
  bool write_aligned(uint32_t address, unsigned size_bytes, uint32_t value);
  void stored(uint32_t address, unsigned size_bytes, uint32_t value);
  void charge_device(uint32_t normal_cost);
  bool execute_amo(const Insn& insn);
  bool store_conditional(const Insn& insn, uint32_t address);
  bool execute_csr(const Insn& insn);
  void flush_code() { cache_.flush(); }
  CsrFile::Counters counters(uint32_t csr_number);

  CpuConfig config_;
  RiscvPort& port_;
  CsrFile csr_;
  DecodeCache cache_;

  uint32_t x_[kSinkRegister + 1] = {};
  uint32_t pc_;
  uint64_t until_ = 0;  // cycle() is until_ - budget_, so that the inner loop counts one number
  int64_t budget_ = 0;
  uint64_t instret_ = 0;
  int64_t branch_taken_extra_ = 0;
  int64_t trap_cost_ = 0;

  uint8_t* direct_ = nullptr;
  uint32_t direct_base_ = 0;
  uint32_t direct_size_ = 0;

  bool stop_ = false;
  bool waiting_ = false;
  bool lockup_ = false;
  bool at_breakpoint_ = false;
  int64_t extra_cost_ = 0;  // of the instruction being executed
  uint32_t trap_cause_ = 0;
  uint32_t trap_tval_ = 0;
  bool reserved_ = false;  // by LR
  uint32_t reserved_address_ = 0;
  uint32_t reserved_value_ = 0;
  std::map<uint32_t, StoreWatch> watches_;
};

}  // namespace systole
