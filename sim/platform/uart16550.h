// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// An NS16550A as far as software sees it: byte registers, 16-byte receive FIFO, interrupts, modem
// registers and loop-back. A byte is on the line the moment it is written (as in QEMU), so the
// transmitter is always empty; only the receive timeout takes time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <systemc>
#include <tlm>

#include "tlm_utils/simple_target_socket.h"

namespace systole {

class Uart16550 : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Uart16550> bus;
  sc_core::sc_out<bool> irq{"irq"};

  using Console = std::function<void(uint8_t)>;
  Uart16550(const sc_core::sc_module_name& name, Console console);

  // A byte arrives from outside, now.
  void receive(uint8_t byte);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  uint8_t read(uint32_t offset);
  void write(uint32_t offset, uint8_t value);
  uint8_t read_rbr();
  uint8_t read_iir();
  uint8_t read_lsr();
  uint8_t read_msr() const;
  void write_thr(uint8_t value);
  void write_ier(uint8_t value);
  void write_fcr(uint8_t value);
  void enqueue(uint8_t byte);
  void restart_timeout();

  // The interrupt of highest priority, as in IIR; kNoInterrupt when there is none.
  uint8_t interrupt_id() const;
  void update_irq();
  void drive_irq();
  void timeout();

  bool divisor_access() const { return (lcr_ & 0x80) != 0; }
  bool loopback() const { return (mcr_ & 0x10) != 0; }
  bool fifo_enabled() const { return (fcr_ & 1) != 0; }
  size_t trigger_level() const;
  sc_core::sc_time character_time() const;

  Console console_;
  std::deque<uint8_t> received_;
  uint16_t divisor_ = 12;
  uint8_t ier_ = 0;
  uint8_t fcr_ = 0;
  uint8_t lcr_ = 0;
  uint8_t mcr_ = 0x08;
  uint8_t scr_ = 0;
  bool overrun_ = false;
  bool transmit_pending_ = false;  // THRE interrupt not acknowledged yet
  bool timeout_pending_ = false;
  sc_core::sc_event update_;
  sc_core::sc_event timeout_;
};

}  // namespace systole
