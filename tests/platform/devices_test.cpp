// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The bus and each device over TLM, without a core: registers, interrupts and their times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "sim/platform/bus.h"
#include "sim/platform/clint.h"
#include "sim/platform/dram.h"
#include "sim/platform/finisher.h"
#include "sim/platform/plic.h"
#include "sim/platform/uart16550.h"
#include "tests/platform/child.h"
#include "tlm_utils/simple_initiator_socket.h"

namespace systole::test {
namespace {

using sc_core::sc_signal;
using sc_core::sc_time;

class Initiator : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Initiator> bus;
  uint64_t invalidated_from = ~0ull;
  uint64_t invalidated_to = 0;

  explicit Initiator(const sc_core::sc_module_name& name) : sc_module(name), bus("bus") {
    bus.register_invalidate_direct_mem_ptr(this, &Initiator::invalidate);
  }

  tlm::tlm_response_status access(tlm::tlm_command command, uint64_t address, uint32_t& value,
                                  unsigned size) {
    tlm::tlm_generic_payload payload;
    sc_time delay;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(size);
    payload.set_streaming_width(size);
    bus->b_transport(payload, delay);
    EXPECT_EQ(payload.get_address(), address) << "the bus must put the address back";
    EXPECT_EQ(delay, sc_core::SC_ZERO_TIME);
    return payload.get_response_status();
  }
  uint32_t read(uint64_t address, unsigned size = 4) {
    uint32_t value = 0;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, value, size), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void write(uint64_t address, uint32_t value, unsigned size = 4) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, address, value, size), tlm::TLM_OK_RESPONSE);
  }

 private:
  void invalidate(sc_dt::uint64 start, sc_dt::uint64 end) {
    invalidated_from = start;
    invalidated_to = end;
  }
};

void run_ns(double ns) { sc_core::sc_start(sc_time(ns, sc_core::SC_NS)); }

void bus_routes() {
  Initiator initiator("initiator");
  Bus bus("bus");
  Dram low("low", 4096);
  Dram high("high", 8192);
  initiator.bus.bind(bus.initiators);
  bus.map("low", 0x1000, 4096, low.bus);
  bus.map("high", 0x80000000, 4096, high.bus);  // half of it is visible
  EXPECT_THROW(bus.map("again", 0x1ffc, 8, low.bus), std::invalid_argument);
  EXPECT_THROW(bus.map("around", 0x0, 0x100000000, low.bus), std::invalid_argument);
  EXPECT_THROW(bus.map("empty", 0x9000, 0, low.bus), std::invalid_argument);
  run_ns(1);
  initiator.write(0x1004, 0x11223344);
  initiator.write(0x80000000, 0x55667788);
  EXPECT_EQ(initiator.read(0x1004), 0x11223344u);
  EXPECT_EQ(initiator.read(0x1006, 2), 0x1122u);
  EXPECT_EQ(std::memcmp(high.data(), "\x88\x77\x66\x55", 4), 0);
  uint32_t value = 0;
  for (const uint64_t hole : {0x0ull, 0xffeull, 0x2000ull, 0x1ffeull, 0x80001000ull, ~0ull}) {
    EXPECT_EQ(initiator.access(tlm::TLM_READ_COMMAND, hole, value, 4),
              tlm::TLM_ADDRESS_ERROR_RESPONSE)
        << hole;
  }
}

TEST(Bus, RoutesByAddressAndRefusesHoles) { expect_in_child(bus_routes); }

void bus_dmi() {
  Initiator initiator("initiator");
  Bus bus("bus");
  Dram dram("dram", 8192);
  initiator.bus.bind(bus.initiators);
  bus.map("dram", 0x80000000, 4096, dram.bus);
  run_ns(1);
  tlm::tlm_generic_payload payload;
  tlm::tlm_dmi dmi;
  payload.set_address(0x80000010);
  ASSERT_TRUE(initiator.bus->get_direct_mem_ptr(payload, dmi));
  EXPECT_EQ(dmi.get_dmi_ptr(), dram.data());
  EXPECT_EQ(dmi.get_start_address(), 0x80000000u);
  EXPECT_EQ(dmi.get_end_address(), 0x80000fffu) << "clipped to the window";
  dram.allow_dmi(false);
  EXPECT_EQ(initiator.invalidated_from, 0x80000000u);
  EXPECT_EQ(initiator.invalidated_to, 0x80000fffu);
  EXPECT_FALSE(initiator.bus->get_direct_mem_ptr(payload, dmi));
  uint32_t value = 0xcafe;
  payload.set_write();
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  payload.set_data_length(4);
  EXPECT_EQ(initiator.bus->transport_dbg(payload), 4u);
  EXPECT_EQ(initiator.read(0x80000010), 0xcafeu);
  payload.set_address(0x90000000);
  EXPECT_EQ(initiator.bus->transport_dbg(payload), 0u);
}

TEST(Bus, TranslatesDmiAndDebugAccess) { expect_in_child(bus_dmi); }

void dram_byte_enables() {
  Initiator initiator("initiator");
  Dram dram("dram", 4096);
  initiator.bus.bind(dram.bus);
  run_ns(1);
  unsigned char data[] = {1, 2, 3, 4};
  unsigned char enable[] = {TLM_BYTE_ENABLED, TLM_BYTE_DISABLED};
  tlm::tlm_generic_payload payload;
  sc_time delay;
  payload.set_write();
  payload.set_address(8);
  payload.set_data_ptr(data);
  payload.set_data_length(4);
  payload.set_streaming_width(4);
  payload.set_byte_enable_ptr(enable);
  payload.set_byte_enable_length(2);
  initiator.bus->b_transport(payload, delay);
  EXPECT_EQ(std::memcmp(dram.data() + 8, "\1\0\3\0", 4), 0);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_streaming_width(2);
  payload.set_address(16);
  initiator.bus->b_transport(payload, delay);
  EXPECT_EQ(std::memcmp(dram.data() + 16, "\3\4\0\0", 4), 0);
  payload.set_address(4094);
  initiator.bus->b_transport(payload, delay);
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST(Dram, HonoursByteEnablesAndStreaming) { expect_in_child(dram_byte_enables); }

void clint_times() {
  Initiator initiator("initiator");
  Clint clint("clint", 10000000);
  sc_signal<bool> msip;
  sc_signal<bool> mtip;
  initiator.bus.bind(clint.bus);
  clint.msip(msip);
  clint.mtip(mtip);
  run_ns(1050);
  EXPECT_TRUE(mtip.read()) << "mtimecmp is 0 after reset";
  EXPECT_EQ(initiator.read(0xbff8), 10u);
  initiator.write(0x4000, 25);
  run_ns(0.001);
  EXPECT_FALSE(mtip.read());
  run_ns(1449.998);
  EXPECT_FALSE(mtip.read()) << "at 2499.999 ns";
  run_ns(0.002);
  EXPECT_TRUE(mtip.read()) << "just after 2500 ns";
  initiator.write(0x4004, 0xffffffff);
  run_ns(1);
  EXPECT_FALSE(mtip.read()) << "far beyond the end of time";
  initiator.write(0xbffc, 0xffffffff);
  run_ns(1);
  EXPECT_TRUE(mtip.read()) << "mtime was moved past it";
  initiator.write(0, 1);
  run_ns(1);
  EXPECT_TRUE(msip.read());
  EXPECT_EQ(initiator.read(0), 1u);
  uint32_t value = 0;
  EXPECT_EQ(initiator.access(tlm::TLM_READ_COMMAND, 0, value, 2), tlm::TLM_BURST_ERROR_RESPONSE);
}

TEST(Clint, RaisesTheTimerAtItsExactTime) { expect_in_child(clint_times); }

void plic_flow() {
  Initiator initiator("initiator");
  Plic plic("plic");
  sc_signal<bool> a;
  sc_signal<bool> b;
  sc_signal<bool> meip;
  initiator.bus.bind(plic.bus);
  plic.irq[5](a);
  plic.irq[40](b);
  plic.meip(meip);
  run_ns(1);
  a.write(true);
  b.write(true);
  run_ns(1);
  EXPECT_FALSE(meip.read()) << "not enabled";
  EXPECT_EQ(initiator.read(0x1000), 1u << 5);
  EXPECT_EQ(initiator.read(0x1004), 1u << 8);
  initiator.write(0x2000, 0xffffffff);
  EXPECT_EQ(initiator.read(0x2000), 0xfffffffeu) << "there is no source 0";
  initiator.write(0x2004, 1u << 8);
  run_ns(1);
  EXPECT_FALSE(meip.read()) << "priority 0";
  initiator.write(4 * 5, 1);
  initiator.write(4 * 40, 7);
  run_ns(1);
  EXPECT_TRUE(meip.read());
  EXPECT_EQ(initiator.read(0x200004), 40u) << "higher priority first";
  EXPECT_EQ(initiator.read(0x200004), 5u);
  EXPECT_EQ(initiator.read(0x200004), 0u);
  run_ns(1);
  EXPECT_FALSE(meip.read());
  b.write(false);
  run_ns(1);
  initiator.write(0x200004, 40);
  initiator.write(0x200004, 5);
  run_ns(1);
  EXPECT_TRUE(meip.read()) << "5 is still high";
  EXPECT_EQ(initiator.read(0x1004), 0u);
  initiator.write(0x200000, 1);
  run_ns(1);
  EXPECT_FALSE(meip.read()) << "not above the threshold";
}

TEST(Plic, ClaimsByPriorityAndCompletes) { expect_in_child(plic_flow); }

void uart_receive() {
  Initiator initiator("initiator");
  std::string printed;
  Uart16550 uart("uart", [&printed](uint8_t byte) { printed.push_back(static_cast<char>(byte)); });
  sc_signal<bool> irq;
  initiator.bus.bind(uart.bus);
  uart.irq(irq);
  run_ns(1);
  initiator.write(0, 'h', 1);
  initiator.write(0, 'i', 1);
  EXPECT_EQ(printed, "hi");
  initiator.write(2, 0x41, 1);  // FIFO on, trigger at 4
  initiator.write(1, 0x05, 1);
  uart.receive('a');
  run_ns(1);
  EXPECT_FALSE(irq.read()) << "below the trigger";
  const double four_characters_ns = 4 * 10 * 12 / 399193.0 * 1e9;
  run_ns(four_characters_ns - 10);
  EXPECT_FALSE(irq.read());
  run_ns(20);
  EXPECT_TRUE(irq.read()) << "timeout";
  EXPECT_EQ(initiator.read(2, 1), 0xccu);
  EXPECT_EQ(initiator.read(0, 1), static_cast<uint32_t>('a'));
  run_ns(1);
  EXPECT_FALSE(irq.read());
  for (int i = 0; i < 17; ++i) uart.receive(static_cast<uint8_t>(i));
  run_ns(1);
  EXPECT_EQ(initiator.read(2, 1), 0xc6u) << "overrun comes first";
  EXPECT_EQ(initiator.read(5, 1), 0x63u);
  EXPECT_EQ(initiator.read(2, 1), 0xc4u);
  initiator.write(2, 0x43, 1);
  EXPECT_EQ(initiator.read(5, 1), 0x60u) << "cleared";
}

TEST(Uart, InterruptsOnTriggerTimeoutAndOverrun) { expect_in_child(uart_receive); }

void finisher_codes() {
  Initiator initiator("initiator");
  std::vector<int> codes;
  Finisher finisher("finisher", [&codes](int code) { codes.push_back(code); });
  initiator.bus.bind(finisher.bus);
  run_ns(1);
  initiator.write(0, 0x1234);
  initiator.write(0, 0x5555);
  initiator.write(0, 0x00073333);
  initiator.write(0, 0x00003333);
  initiator.write(0, 0x7777);
  EXPECT_THAT(codes, ::testing::ElementsAre(0, 7, 1, 0));
}

TEST(Finisher, NeverFailsWithZero) { expect_in_child(finisher_codes); }

}  // namespace
}  // namespace systole::test
