// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/npu/tlm_memory_bus.h"

#include <algorithm>
#include <cstring>
#include <systemc>

namespace systole::npu {

using sc_core::sc_time;

TlmMemoryBus::TlmMemoryBus(tlm::tlm_initiator_socket<>& socket, uint64_t period_ps, bool use_dmi)
    : socket_(socket), period_ps_(period_ps), use_dmi_(use_dmi) {}

bool TlmMemoryBus::read(uint32_t address, uint8_t* data, uint32_t bytes) {
  return access(tlm::TLM_READ_COMMAND, address, data, bytes);
}

bool TlmMemoryBus::write(uint32_t address, const uint8_t* data, uint32_t bytes) {
  return access(tlm::TLM_WRITE_COMMAND, address, const_cast<uint8_t*>(data), bytes);
}

uint64_t TlmMemoryBus::take_delay_cycles() {
  if (delay_ == sc_core::SC_ZERO_TIME) return 0;
  const sc_time period(static_cast<double>(period_ps_), sc_core::SC_PS);
  const uint64_t cycles = (delay_.value() + period.value() - 1) / period.value();
  delay_ = sc_core::SC_ZERO_TIME;
  return cycles;
}

// A direct pointer serves an access only if one grant covers all of it; so an access over the edge
// of a memory is refused with DMI as it is without.
const tlm::tlm_dmi* TlmMemoryBus::find_dmi(tlm::tlm_command command, uint32_t address,
                                           uint32_t bytes) const {
  for (const tlm::tlm_dmi& grant : grants_) {
    const bool allowed =
        command == tlm::TLM_READ_COMMAND ? grant.is_read_allowed() : grant.is_write_allowed();
    if (allowed && address >= grant.get_start_address() &&
        uint64_t{address} + bytes - 1 <= grant.get_end_address()) {
      return &grant;
    }
  }
  return nullptr;
}

bool TlmMemoryBus::access(tlm::tlm_command command, uint32_t address, uint8_t* data,
                          uint32_t bytes) {
  const tlm::tlm_dmi* grant = use_dmi_ ? find_dmi(command, address, bytes) : nullptr;
  if (grant == nullptr) return transport(command, address, data, bytes);
  uint8_t* memory = grant->get_dmi_ptr() + (address - grant->get_start_address());
  if (command == tlm::TLM_READ_COMMAND) {
    std::memcpy(data, memory, bytes);
    delay_ += grant->get_read_latency();
  } else {
    std::memcpy(memory, data, bytes);
    delay_ += grant->get_write_latency();
  }
  return true;
}

bool TlmMemoryBus::transport(tlm::tlm_command command, uint32_t address, uint8_t* data,
                             uint32_t bytes) {
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(data);
  payload_.set_data_length(bytes);
  payload_.set_streaming_width(bytes);
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const sc_time before = sc_core::sc_time_stamp();
  sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->b_transport(payload_, delay);
  delay_ += delay + (sc_core::sc_time_stamp() - before);
  const bool ok = payload_.is_response_ok();
  if (ok && use_dmi_ && payload_.is_dmi_allowed()) ask_for_dmi(command, address);
  return ok;
}

void TlmMemoryBus::ask_for_dmi(tlm::tlm_command command, uint32_t address) {
  payload_.set_command(command);
  payload_.set_address(address);
  tlm::tlm_dmi grant;
  if (socket_->get_direct_mem_ptr(payload_, grant)) grants_.push_back(grant);
}

void TlmMemoryBus::invalidate(uint64_t start, uint64_t end) {
  const auto touches = [=](const tlm::tlm_dmi& grant) {
    return grant.get_start_address() <= end && grant.get_end_address() >= start;
  };
  grants_.erase(std::remove_if(grants_.begin(), grants_.end(), touches), grants_.end());
}

}  // namespace systole::npu
