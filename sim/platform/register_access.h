// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What every device does with a generic payload before it looks at a register: access of a legal
// size at a multiple of it, no byte enables, value to and from bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <tlm>

namespace systole {

struct RegisterAccess {
  uint32_t offset;
  unsigned size_bytes;
};

// Calls `read(access, value&)` or `write(access, value)`, which return false when the device
// refuses: the response is then a command error.
template <typename Read, typename Write>
void serve_registers(tlm::tlm_generic_payload& payload, unsigned min_bytes, unsigned max_bytes,
                     Read read, Write write) {
  const unsigned size = payload.get_data_length();
  const RegisterAccess access{static_cast<uint32_t>(payload.get_address()), size};
  const bool legal_size = (size == 1 || size == 2 || size == 4) && size >= min_bytes &&
                          size <= max_bytes && access.offset % size == 0;
  if (payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (!legal_size || payload.get_streaming_width() < size) {
    payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  bool ok = false;
  uint32_t value = 0;
  if (payload.is_read()) {
    ok = read(access, value);
    std::memcpy(payload.get_data_ptr(), &value, size);
  } else if (payload.is_write()) {
    std::memcpy(&value, payload.get_data_ptr(), size);
    ok = write(access, value);
  }
  payload.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_COMMAND_ERROR_RESPONSE);
}

}  // namespace systole
