// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The core-local interruptor of one hart, as in QEMU's `virt`: software interrupt, timer compare
// and a 10 MHz clock that is simulated time.
//
//   0x0000 msip      bit 0 raises the software interrupt
//   0x4000 mtimecmp  64 bits; the timer interrupt is raised while mtime >= mtimecmp
//   0xbff8 mtime     64 bits
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace systole {

class Clint : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Clint> bus;
  sc_core::sc_out<bool> msip{"msip"};
  sc_core::sc_out<bool> mtip{"mtip"};

  Clint(const sc_core::sc_module_name& name, uint32_t timebase_hz);

  // mtime as it reads at `when`.
  uint64_t mtime(const sc_core::sc_time& when) const;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool read(uint32_t offset, uint32_t& value) const;
  bool write(uint32_t offset, uint32_t value);
  void schedule();
  void drive_outputs();

  sc_core::sc_time tick_;
  uint64_t mtime_offset_ = 0;  // mtime - ticks since the start
  uint64_t mtimecmp_ = 0;      // due at once, as in QEMU
  bool msip_value_ = false;
  sc_core::sc_event update_;
};

}  // namespace systole
