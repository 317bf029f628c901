// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// SiFive's test finisher: a write ends the simulation and says how. The low half of the word is the
// verdict: 0x5555 passed, 0x3333 failed with the code in the upper half, 0x7777 reset (an end too:
// there is nothing to come back to).
#pragma once

#include <cstdint>
#include <functional>
#include <systemc>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace systole {

class Finisher : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Finisher> bus;

  // `on_exit` gets the exit code: 0 when passed, never 0 when failed.
  Finisher(const sc_core::sc_module_name& name, std::function<void(int)> on_exit);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool write(uint32_t offset, uint32_t value);

  std::function<void(int)> on_exit_;
};

}  // namespace systole
