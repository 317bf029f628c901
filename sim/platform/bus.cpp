// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/bus.h"

#include <algorithm>
#include <stdexcept>

namespace systole {

Bus::Bus(const sc_core::sc_module_name& name)
    : sc_module(name), initiators("initiators"), targets_("targets") {
  initiators.register_b_transport(this, &Bus::b_transport);
  initiators.register_transport_dbg(this, &Bus::transport_dbg);
  initiators.register_get_direct_mem_ptr(this, &Bus::get_direct_mem_ptr);
  targets_.register_invalidate_direct_mem_ptr(this, &Bus::invalidate_direct_mem_ptr);
}

void Bus::map(const std::string& window, uint64_t base, uint64_t size_bytes,
              tlm::tlm_target_socket<>& target) {
  const uint64_t last = base + size_bytes - 1;
  if (size_bytes == 0 || last < base) {
    throw std::invalid_argument("bus window '" + window + "' is empty or wraps around");
  }
  for (const Window& other : windows_) {
    if (base <= other.last && last >= other.base) {
      throw std::invalid_argument("bus window '" + window + "' overlaps '" + other.name + "'");
    }
  }
  windows_.push_back({window, base, last});
  targets_.bind(target);
}

int Bus::find(uint64_t address, uint64_t size_bytes) const {
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (!windows_[i].contains(address)) continue;
    const bool fits = size_bytes == 0 || windows_[i].last - address >= size_bytes - 1;
    return fits ? static_cast<int>(i) : kNone;
  }
  return kNone;
}

void Bus::b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const uint64_t address = payload.get_address();
  const int target = find(address, payload.get_data_length());
  if (target == kNone) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  payload.set_address(address - windows_[target].base);
  targets_[target]->b_transport(payload, delay);
  payload.set_address(address);
}

unsigned Bus::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  const uint64_t address = payload.get_address();
  const int target = find(address, payload.get_data_length());
  if (target == kNone) return 0;
  payload.set_address(address - windows_[target].base);
  const unsigned count = targets_[target]->transport_dbg(payload);
  payload.set_address(address);
  return count;
}

bool Bus::get_direct_mem_ptr(int, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const uint64_t address = payload.get_address();
  const int target = find(address, 0);
  if (target == kNone) return false;
  const Window& window = windows_[target];
  payload.set_address(address - window.base);
  const bool granted = targets_[target]->get_direct_mem_ptr(payload, dmi);
  payload.set_address(address);
  // The target speaks of offsets, and may have more behind it than the window shows.
  const uint64_t size_less_one = window.last - window.base;
  dmi.set_start_address(window.base + std::min<uint64_t>(dmi.get_start_address(), size_less_one));
  dmi.set_end_address(window.base + std::min<uint64_t>(dmi.get_end_address(), size_less_one));
  return granted;
}

void Bus::invalidate_direct_mem_ptr(int id, sc_dt::uint64 start, sc_dt::uint64 end) {
  const Window& window = windows_[id];
  const uint64_t size_less_one = window.last - window.base;
  if (start > size_less_one) return;
  const uint64_t last = window.base + std::min<uint64_t>(end, size_less_one);
  for (unsigned i = 0; i < initiators.size(); ++i) {
    initiators[static_cast<int>(i)]->invalidate_direct_mem_ptr(window.base + start, last);
  }
}

}  // namespace systole
