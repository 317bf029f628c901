// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cpu/riscv_csr.h"

namespace systole {
namespace {

// MXL = 1 (32 bits); extensions A, C, I, M.
constexpr uint32_t kMisa = 1u << 30 | 1u << 0 | 1u << 2 | 1u << 8 | 1u << 12;
constexpr uint32_t kInterrupt = 1u << 31;

bool in(uint32_t number, uint32_t first, uint32_t last) {
  return number >= first && number <= last;
}

// Registers that exist, read zero and ignore writes: physical memory protection, event selection,
// event counters and the counter controls. Machine-mode software probes them at start-up.
bool reads_zero(uint32_t number) {
  return number == 0x306 || number == 0x310 || in(number, 0x320, 0x33f) ||
         in(number, 0x3a0, 0x3ef) || in(number, 0xb03, 0xb1f) || in(number, 0xb83, 0xb9f) ||
         in(number, 0xc03, 0xc1f) || in(number, 0xc83, 0xc9f) || in(number, 0xf11, 0xf13) ||
         number == 0xf15;
}

bool read_only(uint32_t number) { return (number >> 10) == 3; }

uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

uint64_t with_low(uint64_t value, uint32_t part) { return (value & ~0xffffffffull) | part; }
uint64_t with_high(uint64_t value, uint32_t part) {
  return (value & 0xffffffffull) | uint64_t{part} << 32;
}

}  // namespace

bool CsrFile::read_counter(uint32_t number, const Counters& now, uint32_t& value) const {
  const uint64_t cycle = now.cycle + mcycle_offset_;
  const uint64_t instret = now.instret + minstret_offset_;
  switch (number) {
    case 0xb00:
    case 0xc00:
      value = low(cycle);
      return true;
    case 0xb80:
    case 0xc80:
      value = high(cycle);
      return true;
    case 0xb02:
    case 0xc02:
      value = low(instret);
      return true;
    case 0xb82:
    case 0xc82:
      value = high(instret);
      return true;
    case 0xc01:
      value = low(now.mtime);
      return true;
    case 0xc81:
      value = high(now.mtime);
      return true;
    default:
      return false;
  }
}

bool CsrFile::read(uint32_t number, const Counters& now, uint32_t& value) const {
  switch (number) {
    case 0x300:
      value = mstatus_ | kMpp;
      return true;
    case 0x301:
      value = kMisa;
      return true;
    case 0x304:
      value = mie_;
      return true;
    case 0x305:
      value = mtvec_;
      return true;
    case 0x340:
      value = mscratch_;
      return true;
    case 0x341:
      value = mepc_;
      return true;
    case 0x342:
      value = mcause_;
      return true;
    case 0x343:
      value = mtval_;
      return true;
    case 0x344:
      value = mip_;
      return true;
    case 0xf14:
      value = hart_id_;
      return true;
    default:
      break;
  }
  if (reads_zero(number)) {
    value = 0;
    return true;
  }
  return read_counter(number, now, value);
}

bool CsrFile::write_counter(uint32_t number, uint32_t value, const Counters& now) {
  const uint64_t cycle = now.cycle + mcycle_offset_;
  const uint64_t instret = now.instret + minstret_offset_;
  switch (number) {
    case 0xb00:
      mcycle_offset_ = with_low(cycle, value) - now.cycle;
      return true;
    case 0xb80:
      mcycle_offset_ = with_high(cycle, value) - now.cycle;
      return true;
    case 0xb02:
      minstret_offset_ = with_low(instret, value) - now.instret;
      return true;
    case 0xb82:
      minstret_offset_ = with_high(instret, value) - now.instret;
      return true;
    default:
      return false;
  }
}

bool CsrFile::write(uint32_t number, uint32_t value, const Counters& now) {
  if (read_only(number)) return false;
  switch (number) {
    case 0x300:
      mstatus_ = value & (kMie | kMpie);
      return true;
    case 0x301:
      return true;  // no extension can be switched off
    case 0x304:
      mie_ = value & (kMsip | kMtip | kMeip);
      return true;
    case 0x305:
      if ((value & 2) == 0) mtvec_ = value;  // modes 2 and 3 are reserved: keep the old one
      return true;
    case 0x340:
      mscratch_ = value;
      return true;
    case 0x341:
      mepc_ = value & ~1u;
      return true;
    case 0x342:
      mcause_ = value;
      return true;
    case 0x343:
      mtval_ = value;
      return true;
    case 0x344:
      return true;  // all bits that exist follow the lines
    default:
      return reads_zero(number) || write_counter(number, value, now);
  }
}

uint32_t CsrFile::pending_cause() const {
  const uint32_t pending = mip_ & mie_;
  if (pending & kMeip) return kInterrupt | 11;
  return kInterrupt | ((pending & kMsip) ? 3 : 7);
}

uint32_t CsrFile::enter_trap(uint32_t cause, uint32_t pc, uint32_t tval) {
  mepc_ = pc;
  mcause_ = cause;
  mtval_ = tval;
  mstatus_ = (mstatus_ & kMie) ? kMpie : 0;
  const bool vectored = (mtvec_ & 1) != 0 && (cause & kInterrupt) != 0;
  return (mtvec_ & ~3u) + (vectored ? 4 * (cause & ~kInterrupt) : 0);
}

uint32_t CsrFile::leave_trap() {
  mstatus_ = ((mstatus_ & kMpie) ? kMie : 0) | kMpie;
  return mepc_;
}

}  // namespace systole
