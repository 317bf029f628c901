// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A device that works beside the core, at times that fall on no clock edge: when its interrupts are
// taken and its writes are seen must not depend on quantum or DMI. It is also how an NPU is bound.
#include <gtest/gtest.h>

#include <random>

#include "sim/platform/platform.h"
#include "tests/platform/child.h"
#include "tlm_utils/simple_initiator_socket.h"
#include "tlm_utils/simple_target_socket.h"

namespace systole::test {
namespace {

class FakeNpu : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<FakeNpu> registers;
  tlm_utils::simple_initiator_socket<FakeNpu> dma;
  sc_core::sc_out<bool> irq{"irq"};

  FakeNpu(const sc_core::sc_module_name& name, bool blocking)
      : sc_module(name), registers("registers"), dma("dma"), blocking_(blocking) {
    registers.register_b_transport(this, &FakeNpu::b_transport);
    SC_HAS_PROCESS(FakeNpu);
    SC_THREAD(work);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    auto* value = reinterpret_cast<uint32_t*>(payload.get_data_ptr());
    if (payload.is_write()) {
      address_ = *value;
      started_.notify(sc_core::SC_ZERO_TIME);
    } else {
      // Time may be taken either way; both make the core wait.
      const sc_core::sc_time busy(1.7, sc_core::SC_NS);
      if (blocking_) {
        wait(busy);
      } else {
        delay += busy;
      }
      *value = ++reads_;
      lower_.notify(sc_core::SC_ZERO_TIME);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void work() {
    wait(started_);
    for (;;) {
      wait(sc_core::sc_time(static_cast<double>(random_() % 4000000), sc_core::SC_PS));
      for (uint32_t i = 0; i < random_() % 3; ++i) write_word(static_cast<uint32_t>(random_()));
      irq.write(true);
      wait(lower_);
      irq.write(false);
    }
  }

  void write_word(uint32_t value) {
    tlm::tlm_generic_payload payload;
    sc_core::sc_time delay;
    payload.set_write();
    payload.set_address(address_);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    dma->b_transport(payload, delay);
    EXPECT_TRUE(payload.is_response_ok());
    wait(sc_core::sc_time(static_cast<double>(random_() % 300000), sc_core::SC_PS));
  }

  bool blocking_;
  uint32_t address_ = 0;
  uint32_t reads_ = 0;
  std::mt19937 random_{20240612};
  sc_core::sc_event started_;
  sc_core::sc_event lower_;
};

enum class Dmi { kOn, kOff, kComesAndGoes };

// Takes the core's pointer away and gives it back, again and again.
void toggle_dmi(Dram& dram) {
  for (bool allowed = false;; allowed = !allowed) {
    sc_core::wait(sc_core::sc_time(777, sc_core::SC_NS));
    dram.allow_dmi(allowed);
    if (allowed) dram.bus->invalidate_direct_mem_ptr(0, 0);
  }
}

ChildResult run(uint32_t quantum_cycles, Dmi dmi, double clock_mhz, bool blocking) {
  return run_in_child([=] {
    PlatformConfig config;
    config.cpu.quantum_cycles = quantum_cycles;
    config.cpu.use_dmi = dmi != Dmi::kOff;
    config.cpu.clock_mhz = clock_mhz;
    Platform platform("platform", config);
    FakeNpu npu("npu", blocking);
    platform.connect_npu(npu.registers, npu.dma, npu.irq);
    if (dmi == Dmi::kComesAndGoes) sc_core::sc_spawn([&] { toggle_dmi(platform.dram); });
    platform.load(load_elf(test_elf("async")));
    const RunResult result = platform.run(5000000);
    std::fprintf(stderr, "end %d, %llu cycles, %llu instructions, %s\n",
                 static_cast<int>(result.end), static_cast<unsigned long long>(result.cycles),
                 static_cast<unsigned long long>(result.instructions),
                 result.time.to_string().c_str());
    return result.end == RunEnd::kExit ? result.exit_code : 255;
  });
}

// Clocks whose period is and is not a divisor of the timer's tick.
class Async : public ::testing::TestWithParam<double> {};

TEST_P(Async, SeesADeviceAtTheSameCycleHoweverItIsRun) {
  for (const bool blocking : {false, true}) {
    const ChildResult expected = run(20000, Dmi::kOn, GetParam(), blocking);
    EXPECT_EQ(expected.exit_code, 0) << expected.out << expected.err;
    for (const uint32_t quantum : {1u, 3u, 100u, 10000000u}) {
      for (const Dmi dmi : {Dmi::kOn, Dmi::kOff, Dmi::kComesAndGoes}) {
        const ChildResult result = run(quantum, dmi, GetParam(), blocking);
        EXPECT_EQ(result.out, expected.out)
            << "quantum " << quantum << ", DMI " << static_cast<int>(dmi);
        EXPECT_EQ(result.err, expected.err)
            << "quantum " << quantum << ", DMI " << static_cast<int>(dmi);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Clocks, Async, ::testing::Values(200.0, 333.0, 7.3));

}  // namespace
}  // namespace systole::test
