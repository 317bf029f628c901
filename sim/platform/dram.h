// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Storage on the bus: DMI, debug access, no delay. What an access costs in time is the business of
// who makes it: the core has its cycle table, the NPU its DRAM model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <systemc>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace systole {

class Dram : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Dram> bus;

  Dram(const sc_core::sc_module_name& name, uint64_t size_bytes);

  uint64_t size_bytes() const { return size_bytes_; }
  uint8_t* data() { return bytes_.get(); }
  const uint8_t* data() const { return bytes_.get(); }

  // Off: initiators must use transactions. Takes back the pointers that were given out.
  void allow_dmi(bool allowed);

 private:
  struct Free {
    void operator()(uint8_t* bytes) const { std::free(bytes); }
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  bool in_range(const tlm::tlm_generic_payload& payload) const;

  uint64_t size_bytes_;
  std::unique_ptr<uint8_t, Free> bytes_;
  bool dmi_allowed_ = true;
};

}  // namespace systole
