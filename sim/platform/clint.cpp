// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/clint.h"

#include "sim/platform/register_access.h"

namespace systole {
namespace {

constexpr uint32_t kMsip = 0x0000;
constexpr uint32_t kMtimecmp = 0x4000;
constexpr uint32_t kMtime = 0xbff8;

uint32_t half(uint64_t value, bool high) { return static_cast<uint32_t>(value >> (high ? 32 : 0)); }

uint64_t replace_half(uint64_t value, bool high, uint32_t part) {
  return high ? (value & 0xffffffffull) | uint64_t{part} << 32 : (value & ~0xffffffffull) | part;
}

}  // namespace

bool Clint::read(uint32_t offset, uint32_t& value) const {
  const bool high = (offset & 4) != 0;
  switch (offset & ~4u) {
    case kMsip:
      value = high ? 0 : msip_value_;
      break;
    case kMtimecmp:
      value = half(mtimecmp_, high);
      break;
    case kMtime:
      value = half(mtime(sc_core::sc_time_stamp()), high);
      break;
    default:
      value = 0;
      break;  // the registers of other harts, which are not there
  }
  return true;
}

bool Clint::write(uint32_t offset, uint32_t value) {
  const bool high = (offset & 4) != 0;
  const uint64_t now = mtime(sc_core::sc_time_stamp());
  switch (offset & ~4u) {
    case kMsip:
      if (!high) msip_value_ = (value & 1) != 0;
      break;
    case kMtimecmp:
      mtimecmp_ = replace_half(mtimecmp_, high, value);
      break;
    case kMtime:
      mtime_offset_ += replace_half(now, high, value) - now;
      break;
    default:
      break;
  }
  schedule();
  return true;
}

uint64_t Clint::mtime(const sc_core::sc_time& when) const {
  return when.value() / tick_.value() + mtime_offset_;
}

// Updates the outputs now, and once more when the timer becomes due.
void Clint::schedule() {
  update_.cancel();
  update_.notify(sc_core::SC_ZERO_TIME);
}

void Clint::drive_outputs() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  const uint64_t ticks = mtime(now);
  msip.write(msip_value_);
  mtip.write(ticks >= mtimecmp_);
  if (ticks >= mtimecmp_) return;
  const uint64_t period = tick_.value();
  const uint64_t wait_ticks = mtimecmp_ - ticks;
  const uint64_t now_ticks = now.value() / period;
  const uint64_t last_tick = sc_core::sc_max_time().value() / period - 1;
  if (wait_ticks > last_tick - now_ticks) return;  // beyond the end of simulated time
  update_.notify(sc_core::sc_time::from_value((now_ticks + wait_ticks) * period) - now);
}

void Clint::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  serve_registers(
      payload, 4, 4,
      [this](const RegisterAccess& access, uint32_t& value) { return read(access.offset, value); },
      [this](const RegisterAccess& access, uint32_t value) { return write(access.offset, value); });
}

Clint::Clint(const sc_core::sc_module_name& name, uint32_t timebase_hz)
    : sc_module(name), bus("bus"), tick_(1e12 / timebase_hz, sc_core::SC_PS) {
  bus.register_b_transport(this, &Clint::b_transport);
  SC_HAS_PROCESS(Clint);
  SC_METHOD(drive_outputs);
  sensitive << update_;
}

}  // namespace systole
