// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The system bus: any number of initiators, targets by address window. It takes no time of its own.
// A target sees offsets into its window; what hits no window, or crosses the end of one, is an
// address error.
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "tlm_utils/multi_passthrough_initiator_socket.h"
#include "tlm_utils/multi_passthrough_target_socket.h"

namespace systole {

class Bus : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Bus> initiators;

  explicit Bus(const sc_core::sc_module_name& name);

  // Gives the target the addresses [base, base + size_bytes). Throws std::invalid_argument when the
  // window is empty or overlaps another one.
  void map(const std::string& window, uint64_t base, uint64_t size_bytes,
           tlm::tlm_target_socket<>& target);

 private:
  struct Window {
    std::string name;
    uint64_t base;
    uint64_t last;
    bool contains(uint64_t address) const { return address >= base && address <= last; }
  };
  static constexpr int kNone = -1;

  int find(uint64_t address, uint64_t size_bytes) const;
  void b_transport(int id, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(int id, tlm::tlm_generic_payload& payload);
  bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int id, sc_dt::uint64 start, sc_dt::uint64 end);

  tlm_utils::multi_passthrough_initiator_socket<Bus> targets_;
  std::vector<Window> windows_;  // index: that of the target in targets_
};

}  // namespace systole
