// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/dram.h"

#include <cstring>
#include <new>

namespace systole {
namespace {

// The general copy: byte enables and a streaming width that wraps.
void copy_bytes(tlm::tlm_generic_payload& payload, uint8_t* memory) {
  const uint8_t* enables = payload.get_byte_enable_ptr();
  const unsigned enable_length = payload.get_byte_enable_length();
  uint8_t* data = payload.get_data_ptr();
  for (unsigned i = 0; i < payload.get_data_length(); ++i) {
    if (enables != nullptr && enables[i % enable_length] != TLM_BYTE_ENABLED) continue;
    uint8_t& cell = memory[i % payload.get_streaming_width()];
    if (payload.is_write()) {
      cell = data[i];
    } else {
      data[i] = cell;
    }
  }
}

}  // namespace

Dram::Dram(const sc_core::sc_module_name& name, uint64_t size_bytes)
    : sc_module(name),
      bus("bus"),
      size_bytes_(size_bytes),
      // calloc: the host gives a page when it is first touched.
      bytes_(static_cast<uint8_t*>(std::calloc(size_bytes, 1))) {
  if (!bytes_) throw std::bad_alloc();
  bus.register_b_transport(this, &Dram::b_transport);
  bus.register_transport_dbg(this, &Dram::transport_dbg);
  bus.register_get_direct_mem_ptr(this, &Dram::get_direct_mem_ptr);
}

bool Dram::in_range(const tlm::tlm_generic_payload& payload) const {
  const uint64_t address = payload.get_address();
  return address < size_bytes_ && size_bytes_ - address >= payload.get_data_length();
}

void Dram::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  if (!in_range(payload)) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const unsigned size = payload.get_data_length();
  uint8_t* memory = data() + payload.get_address();
  if (payload.get_byte_enable_ptr() != nullptr || payload.get_streaming_width() < size) {
    copy_bytes(payload, memory);
  } else if (payload.is_write()) {
    std::memcpy(memory, payload.get_data_ptr(), size);
  } else if (payload.is_read()) {
    std::memcpy(payload.get_data_ptr(), memory, size);
  }
  payload.set_dmi_allowed(dmi_allowed_);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned Dram::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (!in_range(payload)) return 0;
  const unsigned size = payload.get_data_length();
  if (payload.is_write()) {
    std::memcpy(data() + payload.get_address(), payload.get_data_ptr(), size);
  } else {
    std::memcpy(payload.get_data_ptr(), data() + payload.get_address(), size);
  }
  return size;
}

bool Dram::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(size_bytes_ - 1);
  if (!dmi_allowed_) {
    dmi.allow_none();
    return false;
  }
  dmi.set_dmi_ptr(data());
  dmi.allow_read_write();
  dmi.set_read_latency(sc_core::SC_ZERO_TIME);
  dmi.set_write_latency(sc_core::SC_ZERO_TIME);
  return true;
}

void Dram::allow_dmi(bool allowed) {
  dmi_allowed_ = allowed;
  if (!allowed) bus->invalidate_direct_mem_ptr(0, size_bytes_ - 1);
}

}  // namespace systole
