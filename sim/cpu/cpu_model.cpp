// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cpu/cpu_model.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace systole {
namespace {

using sc_core::sc_time;

sc_time period_of(const CpuConfig& config) {
  const double picoseconds = std::round(1e6 / config.clock_mhz);
  if (!(picoseconds >= 1 && picoseconds < 1e12)) {
    throw std::invalid_argument("CPU clock is not between 1 Hz and 1 THz");
  }
  return sc_time(picoseconds, sc_core::SC_PS);
}

}  // namespace

CpuModel::CpuModel(const sc_core::sc_module_name& name, const CpuConfig& config)
    : sc_module(name),
      bus("bus"),
      config_(config),
      period_(period_of(config)),
      core_(config, *this) {
  bus.register_invalidate_direct_mem_ptr(this, &CpuModel::invalidate_dmi);
  SC_HAS_PROCESS(CpuModel);
  SC_THREAD(run_thread);
}

void CpuModel::set_time_source(std::function<uint64_t(const sc_time&)> source) {
  time_source_ = std::move(source);
}

uint64_t CpuModel::mtime() { return time_source_ ? time_source_(local_time()) : 0; }

uint64_t CpuModel::cycle_at_or_after(const sc_time& time) const {
  const uint64_t period = period_.value();
  return time.value() / period + (time.value() % period != 0);
}

// Brings SystemC's time to the core's and lets everything happen that is due by then. A second
// module that waited the same way would wait for this one for ever: there is one core.
void CpuModel::synchronize() {
  const uint64_t now = sc_core::sc_time_stamp().value();
  const uint64_t local = core_.cycle() * period_.value();
  if (local > now) wait(sc_time::from_value(local - now));
  while (sc_core::sc_pending_activity_at_current_time()) wait(sc_core::SC_ZERO_TIME);
  // A blocking target may have taken SystemC's time past the core's.
  core_.advance_to(std::max(core_.cycle(), cycle_at_or_after(sc_core::sc_time_stamp())));
}

// The cycle before which nothing outside the core can change.
uint64_t CpuModel::next_limit() const {
  uint64_t limit = std::min(cycle_limit_, core_.cycle() + std::max(1u, config_.quantum_cycles));
  if (sc_core::sc_pending_activity_at_future_time()) {
    const sc_time next = sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
    limit = std::min(limit, cycle_at_or_after(next));
  }
  return limit;
}

void CpuModel::sample_lines() {
  core_.set_interrupt_lines((msip.read() ? kMsip : 0) | (mtip.read() ? kMtip : 0) |
                            (meip.read() ? kMeip : 0));
}

void CpuModel::run_thread() {
  core_.advance_to(cycle_at_or_after(sc_core::sc_time_stamp()));
  for (;;) {
    synchronize();
    sample_lines();
    if (halt_requested_) {
      halt_requested_ = false;
      halt(Halt::kRequested);
      continue;
    }
    if (core_.cycle() >= cycle_limit_) {
      halt(Halt::kCycleLimit);
      continue;
    }
    switch (core_.run(next_limit())) {
      case RiscvCore::Stop::kWfi:
        wait_for_interrupt();
        break;
      case RiscvCore::Stop::kLockup:
        halt(Halt::kLockup);
        break;
      case RiscvCore::Stop::kBreakpoint:
        halt(Halt::kBreakpoint);
        break;
      case RiscvCore::Stop::kLimit:
      case RiscvCore::Stop::kRequested:
        break;
    }
  }
}

// Sleeps until a line changes. Whether that ends the WFI is for the core to say.
void CpuModel::wait_for_interrupt() {
  synchronize();
  sample_lines();
  if (core_.interrupt_wakes()) return;
  const bool hopeless = core_.interrupts_all_disabled() || !sc_core::sc_pending_activity();
  if (hopeless && detect_hang_) {
    halt(Halt::kHang);
    return;
  }
  wait(msip.value_changed_event() | mtip.value_changed_event() | meip.value_changed_event() |
       resume_);
}

void CpuModel::halt(Halt reason) {
  synchronize();
  halt_ = reason;
  if (on_halt_) {
    on_halt_(reason);
  } else {
    sc_core::sc_stop();
  }
  while (halt_ != Halt::kNone) wait(resume_);
}

void CpuModel::request_halt() {
  halt_requested_ = true;
  core_.request_stop();
}

void CpuModel::resume() {
  halt_ = Halt::kNone;
  resume_.notify(sc_core::SC_ZERO_TIME);
}

bool CpuModel::transport(tlm::tlm_command command, const Access& access, uint8_t* data) {
  // A device sees the access at its exact time; memory does not care, and is told by how far the
  // core is ahead.
  if (access.device) synchronize();
  const sc_time start = sc_core::sc_time_stamp();
  const sc_time ahead = local_time() > start ? local_time() - start : sc_core::SC_ZERO_TIME;
  sc_time delay = ahead;
  payload_.set_command(command);
  payload_.set_address(access.address);
  payload_.set_data_ptr(data);
  payload_.set_data_length(access.size_bytes);
  payload_.set_streaming_width(access.size_bytes);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  bus->b_transport(payload_, delay);
  // What the target took, by waiting or by adding to the delay, in whole cycles.
  const sc_time taken = sc_core::sc_time_stamp() - start + delay;
  if (access.device && taken > ahead) core_.add_stall(cycle_at_or_after(taken - ahead));
  return payload_.is_response_ok();
}

bool CpuModel::read(const Access& access, uint32_t& value) {
  uint8_t bytes[4] = {};
  if (!transport(tlm::TLM_READ_COMMAND, access, bytes)) return false;
  value = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
  if (!access.device) request_dmi(access.address);
  return true;
}

bool CpuModel::write(const Access& access, uint32_t value) {
  uint8_t bytes[4];
  for (unsigned i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
  if (!transport(tlm::TLM_WRITE_COMMAND, access, bytes)) return false;
  if (!access.device) request_dmi(access.address);
  return true;
}

bool CpuModel::fetch(uint32_t address, uint16_t& halfword) {
  uint8_t bytes[2] = {};
  if (!transport(tlm::TLM_READ_COMMAND, {address, 2, false}, bytes)) return false;
  halfword = static_cast<uint16_t>(bytes[0] | bytes[1] << 8);
  request_dmi(address);
  return true;
}

// Takes a direct pointer if there is one for reading and writing; asked once until it changes.
void CpuModel::request_dmi(uint32_t address) {
  if (!config_.use_dmi || dmi_refused_ || core_.has_direct_memory()) return;
  dmi_refused_ = true;
  tlm::tlm_dmi dmi;
  payload_.set_read();
  payload_.set_address(address);
  if (!bus->get_direct_mem_ptr(payload_, dmi) || !dmi.is_read_write_allowed()) return;
  const sc_dt::uint64 start = (dmi.get_start_address() + 3) & ~sc_dt::uint64{3};
  const sc_dt::uint64 end = std::min<sc_dt::uint64>(dmi.get_end_address(), 0xffffffffu) + 1;
  if (end < start + 4) return;
  const auto size = static_cast<uint32_t>(std::min<sc_dt::uint64>(end - start, 0xfffffffcu)) & ~3u;
  core_.set_direct_memory(static_cast<uint32_t>(start), size,
                          dmi.get_dmi_ptr() + (start - dmi.get_start_address()));
  dmi_refused_ = false;
}

void CpuModel::invalidate_dmi(sc_dt::uint64, sc_dt::uint64) {
  core_.clear_direct_memory();
  core_.request_stop();
  dmi_refused_ = false;
}

}  // namespace systole
