// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The platform-level interrupt controller with one context: machine mode of hart 0. Offsets are
// those of QEMU's `virt`. Inputs are levels: a source that is high becomes pending, stays pending
// until it is claimed, and becomes pending again when it is still high at its completion.
//
//   0x000000 + 4 * source  priority, 0 (never) to 7
//   0x001000               pending, one bit per source
//   0x002000               enable, one bit per source
//   0x200000               threshold: only sources of a higher priority interrupt
//   0x200004               read: claim; write: complete
#pragma once

#include <array>
#include <cstdint>
#include <systemc>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace systole {

class Plic : public sc_core::sc_module {
 public:
  static constexpr unsigned kSources = 64;  // source 0 does not exist

  tlm_utils::simple_target_socket<Plic> bus;
  // An input may stay unbound: it is low.
  using Input = sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
  sc_core::sc_vector<Input> irq{"irq", kSources};
  sc_core::sc_out<bool> meip{"meip"};

  explicit Plic(const sc_core::sc_module_name& name);

 private:
  void end_of_elaboration() override;
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool read(uint32_t offset, uint32_t& value);
  bool write(uint32_t offset, uint32_t value);
  void sample_inputs();
  void drive_output();
  bool level(unsigned source) const;
  // The source to claim: highest priority, then lowest number; 0 if none.
  unsigned best() const;
  uint32_t claim();
  void complete(uint32_t source);
  bool enabled(unsigned source) const { return (enable_[source / 32] >> (source % 32)) & 1; }

  std::array<uint32_t, kSources> priority_{};
  std::array<uint32_t, kSources / 32> enable_{};
  std::array<bool, kSources> pending_{};
  std::array<bool, kSources> claimed_{};
  uint32_t threshold_ = 0;
  sc_core::sc_event update_;
};

}  // namespace systole
