// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A test bench: one NPU, a memory, and what software would do to them.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <memory>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "hw/npu/gen/npu_map.hpp"
#include "hw/npu/npu_model.h"
#include "tests/common/sc_test.h"

namespace systole::test {

inline constexpr uint32_t kDram = 0x80000000;
inline constexpr uint32_t kDramBytes = 1 << 20;

// Memory of kDramBytes at kDram.
class TestMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TestMemory> socket;

  TestMemory(const sc_core::sc_module_name& name, bool dmi);

  uint8_t* at(uint32_t address) { return &bytes[address - kDram]; }
  uint32_t word(uint32_t address) const;
  void invalidate();  // takes back every direct pointer

  std::vector<uint8_t> bytes;
  sc_core::sc_time delay;     // added to every transaction
  sc_core::sc_time blocking;  // spent in wait() by every transaction
  uint64_t transactions = 0;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
  const bool dmi_;
};

// Keeps what the NPU tells.
class Recorder : public npu::NpuObserver {
 public:
  void on_begin(uint64_t cycle) override { begun = cycle; }
  void on_start(uint64_t cycle) override { started = cycle; }
  void on_job(const npu::JobRecord& job) override { jobs.push_back(job); }
  void on_mark(uint16_t tag, uint64_t cycle) override { marks.emplace_back(tag, cycle); }
  void on_done(uint64_t cycle) override { done = cycle; }
  void on_fault(const Fault& fault, UnitId unit, uint16_t tag, uint64_t cycle) override {
    faults.push_back(FaultEvent{fault, unit, tag, cycle});
  }

  struct FaultEvent {
    Fault fault;
    UnitId unit;
    uint16_t tag;
    uint64_t cycle;
  };
  uint64_t begun = 0, started = 0, done = 0;
  std::vector<npu::JobRecord> jobs;
  std::vector<std::pair<uint16_t, uint64_t>> marks;
  std::vector<FaultEvent> faults;
};

// Register writes that describe and start one job of one unit.
struct RegisterJob {
  uint32_t base;                                     // of the unit in the window
  std::vector<std::pair<uint32_t, uint32_t>> words;  // offset, value; START comes last
};

// A command list under construction.
class CommandList {
 public:
  CommandList& word(uint32_t word);
  CommandList& write(uint32_t offset, const std::vector<uint32_t>& words);
  CommandList& job(const RegisterJob& job);
  CommandList& fence() { return word(2u << 28); }
  CommandList& mark(uint16_t tag) { return word(3u << 28 | tag); }
  CommandList& end() { return word(4u << 28); }
  const std::vector<uint32_t>& words() const { return words_; }
  uint32_t bytes() const { return static_cast<uint32_t>(4 * words_.size()); }

 private:
  std::vector<uint32_t> words_;
};

struct BenchOptions {
  std::vector<std::string> set;  // parameters, "array.rows=4"
  bool use_dmi = true;           // by the NPU
  bool grant_dmi = true;         // by the memory
};

class Bench : public sc_core::sc_module {
 public:
  Bench(const sc_core::sc_module_name& name, const BenchOptions& options);

  // Registers: one access that must succeed, or its status.
  uint32_t read(uint32_t address);
  void write(uint32_t address, uint32_t word);
  tlm::tlm_response_status try_read(uint32_t address, uint32_t& word);
  tlm::tlm_response_status try_write(uint32_t address, uint32_t word);
  tlm::tlm_response_status access(tlm::tlm_command command, uint32_t address, void* data,
                                  uint32_t bytes);
  bool peek(uint32_t address, uint32_t& word);

  // What a driver does.
  void start(const RegisterJob& job);
  void fill_scratchpad(uint32_t address, const std::vector<uint8_t>& bytes);
  std::vector<uint8_t> read_scratchpad(uint32_t address, uint32_t bytes);
  void put_list(const CommandList& list, uint32_t address = kDram + 0x80000);
  void play(const CommandList& list, uint32_t address = kDram + 0x80000);
  // Waits until the NPU is idle, done or at fault; false after `limit` cycles.
  bool wait_idle(uint64_t limit = 1'000'000);
  bool wait_irq(uint64_t limit = 1'000'000);
  void wait_cycles(uint64_t cycles);
  uint64_t cycle() const;  // of the NPU, now

  uint32_t fault_code() { return read(regs::sequencer::kFaultStatus) & 0xFF; }

  const npu::NpuConfig config;
  Recorder recorder;
  npu::NpuModel npu;
  TestMemory memory;
  sc_core::sc_signal<bool> irq;
  tlm_utils::simple_initiator_socket<Bench> cpu;
};

// Runs one job on an idle NPU by register writes and waits for its end. It must start in the cycle
// after its START, and its causes must sum to its cycles.
npu::JobRecord run_alone(Bench& bench, const RegisterJob& job);

// One bench per declaration, made before the simulation starts.
class BenchSlot : public Elaboration {
 public:
  explicit BenchSlot(BenchOptions options = {}) : options_(std::move(options)) {}
  void build() override;
  Bench& operator*() { return *bench_; }
  Bench* operator->() { return bench_.get(); }

 private:
  BenchOptions options_;
  std::unique_ptr<Bench> bench_;
};

}  // namespace systole::test
