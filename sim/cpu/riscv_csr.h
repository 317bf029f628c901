// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The control and status registers of a hart that has machine mode only, and the trap logic that
// works on them. No time of its own: the counters' values are handed in.
#pragma once

#include <cstdint>

namespace systole {

// Bits of mip and mie, and the lines that drive them.
inline constexpr uint32_t kMsip = 1u << 3;
inline constexpr uint32_t kMtip = 1u << 7;
inline constexpr uint32_t kMeip = 1u << 11;

class CsrFile {
 public:
  // What the counters read at the instruction in question.
  struct Counters {
    uint64_t cycle = 0;
    uint64_t instret = 0;
    uint64_t mtime = 0;
  };

  explicit CsrFile(uint32_t hart_id) : hart_id_(hart_id) {}

  // Both return false when the access is illegal: no such register, or a write to a read-only one.
  bool read(uint32_t number, const Counters& now, uint32_t& value) const;
  bool write(uint32_t number, uint32_t value, const Counters& now);

  // Levels of the interrupt lines, as bits of mip.
  void set_lines(uint32_t lines) { mip_ = lines & (kMsip | kMtip | kMeip); }
  // An interrupt would end a WFI, whether or not it will be taken.
  bool wake_up() const { return (mip_ & mie_) != 0; }
  // True when no line, whatever happens, can end a WFI.
  bool deaf() const { return mie_ == 0; }
  bool interrupt_pending() const { return (mstatus_ & kMie) != 0 && wake_up(); }

  // Enters the trap; returns the handler's address. `cause` is as in mcause.
  uint32_t enter_trap(uint32_t cause, uint32_t pc, uint32_t tval);
  // Requires: interrupt_pending(). The one of highest priority, as in mcause.
  uint32_t pending_cause() const;
  // MRET; returns where to go on.
  uint32_t leave_trap();

 private:
  static constexpr uint32_t kMie = 1u << 3;
  static constexpr uint32_t kMpie = 1u << 7;
  static constexpr uint32_t kMpp = 3u << 11;  // reads as machine mode: there is no other

  bool read_counter(uint32_t number, const Counters& now, uint32_t& value) const;
  bool write_counter(uint32_t number, uint32_t value, const Counters& now);

  uint32_t hart_id_;
  uint32_t mstatus_ = 0;  // MIE and MPIE
  uint32_t mie_ = 0;
  uint32_t mip_ = 0;
  uint32_t mtvec_ = 0;
  uint32_t mscratch_ = 0;
  uint32_t mepc_ = 0;
  uint32_t mcause_ = 0;
  uint32_t mtval_ = 0;
  uint64_t mcycle_offset_ = 0;    // mcycle - cycle
  uint64_t minstret_offset_ = 0;  // minstret - instret
};

}  // namespace systole
