// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/uart16550.h"

#include <utility>

#include "sim/platform/register_access.h"

namespace systole {
namespace {

constexpr uint32_t kBaudBase = 399193;  // of `virt`: baud rate for divisor 1
constexpr double kBitsPerCharacter = 10;
constexpr size_t kFifoBytes = 16;

constexpr uint8_t kIerReceived = 0x01;
constexpr uint8_t kIerTransmitted = 0x02;
constexpr uint8_t kIerLineStatus = 0x04;

constexpr uint8_t kNoInterrupt = 0x01;
constexpr uint8_t kIirTransmitted = 0x02;
constexpr uint8_t kIirReceived = 0x04;
constexpr uint8_t kIirLineStatus = 0x06;
constexpr uint8_t kIirTimeout = 0x0c;
constexpr uint8_t kIirFifoEnabled = 0xc0;

constexpr uint8_t kLsrDataReady = 0x01;
constexpr uint8_t kLsrOverrun = 0x02;
constexpr uint8_t kLsrTransmitterEmpty = 0x60;  // THRE and TEMT

constexpr uint8_t kMsrConnected = 0xb0;  // carrier, data set ready, clear to send

}  // namespace

uint8_t Uart16550::read_rbr() {
  timeout_pending_ = false;
  if (received_.empty()) return 0;
  const uint8_t byte = received_.front();
  received_.pop_front();
  restart_timeout();
  return byte;
}

// Reading the cause acknowledges the transmit interrupt, when that is the cause.
uint8_t Uart16550::read_iir() {
  const uint8_t id = interrupt_id();
  if (id == kIirTransmitted) transmit_pending_ = false;
  return static_cast<uint8_t>(id | (fifo_enabled() ? kIirFifoEnabled : 0));
}

uint8_t Uart16550::read_lsr() {
  const uint8_t value = static_cast<uint8_t>(kLsrTransmitterEmpty | (overrun_ ? kLsrOverrun : 0) |
                                             (received_.empty() ? 0 : kLsrDataReady));
  overrun_ = false;
  return value;
}

// In loop-back the modem outputs are the modem inputs: DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to
// carrier.
uint8_t Uart16550::read_msr() const {
  if (!loopback()) return kMsrConnected;
  return static_cast<uint8_t>((mcr_ & 0x0c) << 4 | (mcr_ & 0x02) << 3 | (mcr_ & 0x01) << 5);
}

uint8_t Uart16550::read(uint32_t offset) {
  switch (offset) {
    case 0:
      return divisor_access() ? static_cast<uint8_t>(divisor_) : read_rbr();
    case 1:
      return divisor_access() ? static_cast<uint8_t>(divisor_ >> 8) : ier_;
    case 2:
      return read_iir();
    case 3:
      return lcr_;
    case 4:
      return mcr_;
    case 5:
      return read_lsr();
    case 6:
      return read_msr();
    case 7:
      return scr_;
    default:
      return 0;
  }
}

void Uart16550::write_thr(uint8_t value) {
  transmit_pending_ = true;  // sent and empty again at once
  if (loopback()) {
    enqueue(value);
  } else {
    console_(value);
  }
}

void Uart16550::write_ier(uint8_t value) {
  const uint8_t changed = ier_ ^ value;
  ier_ = value & 0x0f;
  if (changed & kIerTransmitted) transmit_pending_ = (ier_ & kIerTransmitted) != 0;
}

void Uart16550::write_fcr(uint8_t value) {
  const bool toggled = ((fcr_ ^ value) & 1) != 0;
  if (toggled || (value & 2) != 0) {
    received_.clear();
    timeout_pending_ = false;
    timeout_.cancel();
  }
  fcr_ = value & 0xc9;
}

void Uart16550::write(uint32_t offset, uint8_t value) {
  switch (offset) {
    case 0:
      if (divisor_access()) {
        divisor_ = static_cast<uint16_t>((divisor_ & 0xff00) | value);
      } else {
        write_thr(value);
      }
      break;
    case 1:
      if (divisor_access()) {
        divisor_ = static_cast<uint16_t>((divisor_ & 0x00ff) | value << 8);
      } else {
        write_ier(value);
      }
      break;
    case 2:
      write_fcr(value);
      break;
    case 3:
      lcr_ = value;
      break;
    case 4:
      mcr_ = value & 0x1f;
      break;
    case 7:
      scr_ = value;
      break;
    default:
      break;  // LSR and MSR are read-only
  }
}

size_t Uart16550::trigger_level() const {
  static constexpr size_t kLevels[] = {1, 4, 8, 14};
  return kLevels[fcr_ >> 6];
}

sc_core::sc_time Uart16550::character_time() const {
  const uint32_t divisor = divisor_ == 0 ? 1 : divisor_;
  return sc_core::sc_time(kBitsPerCharacter * divisor / kBaudBase, sc_core::SC_SEC);
}

// Bytes that stay below the trigger level interrupt after four character times without traffic.
void Uart16550::restart_timeout() {
  timeout_.cancel();
  if (fifo_enabled() && !received_.empty()) timeout_.notify(character_time() * 4);
}

void Uart16550::enqueue(uint8_t byte) {
  const size_t capacity = fifo_enabled() ? kFifoBytes : 1;
  if (received_.size() < capacity) {
    received_.push_back(byte);
  } else {
    overrun_ = true;
    if (!fifo_enabled()) received_.front() = byte;  // the newer byte wins without a FIFO
  }
  restart_timeout();
}

void Uart16550::receive(uint8_t byte) {
  if (!loopback()) enqueue(byte);
  update_irq();
}

uint8_t Uart16550::interrupt_id() const {
  if ((ier_ & kIerLineStatus) != 0 && overrun_) return kIirLineStatus;
  if ((ier_ & kIerReceived) != 0) {
    if (timeout_pending_) return kIirTimeout;
    const size_t wanted = fifo_enabled() ? trigger_level() : 1;
    if (received_.size() >= wanted) return kIirReceived;
  }
  if ((ier_ & kIerTransmitted) != 0 && transmit_pending_) return kIirTransmitted;
  return kNoInterrupt;
}

void Uart16550::timeout() {
  timeout_pending_ = !received_.empty();
  update_irq();
}

// The output has one driver, the method below, whoever causes the change. Most accesses cause none,
// and then need no delta cycle.
void Uart16550::update_irq() {
  if (irq.read() != (interrupt_id() != kNoInterrupt)) update_.notify(sc_core::SC_ZERO_TIME);
}

void Uart16550::drive_irq() { irq.write(interrupt_id() != kNoInterrupt); }

void Uart16550::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  serve_registers(
      payload, 1, 4,
      [this](const RegisterAccess& access, uint32_t& value) {
        value = read(access.offset);
        return true;
      },
      [this](const RegisterAccess& access, uint32_t value) {
        write(access.offset, static_cast<uint8_t>(value));
        return true;
      });
  update_irq();
}

Uart16550::Uart16550(const sc_core::sc_module_name& name, Console console)
    : sc_module(name), bus("bus"), console_(std::move(console)) {
  bus.register_b_transport(this, &Uart16550::b_transport);
  SC_HAS_PROCESS(Uart16550);
  SC_METHOD(drive_irq);
  sensitive << update_;
  SC_METHOD(timeout);
  sensitive << timeout_;
  dont_initialize();
}

}  // namespace systole
