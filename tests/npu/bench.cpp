// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "tests/npu/bench.h"

#include <gtest/gtest.h>

#include <cstring>

#include "hw/params/params.h"

namespace systole::test {

using sc_core::sc_time;
namespace seq = regs::sequencer;

// --- memory ---

TestMemory::TestMemory(const sc_core::sc_module_name& name, bool dmi)
    : sc_module(name), socket("socket"), bytes(kDramBytes), dmi_(dmi) {
  socket.register_b_transport(this, &TestMemory::b_transport);
  socket.register_get_direct_mem_ptr(this, &TestMemory::get_direct_mem_ptr);
}

uint32_t TestMemory::word(uint32_t address) const {
  uint32_t word = 0;
  std::memcpy(&word, &bytes[address - kDram], 4);
  return word;
}

void TestMemory::invalidate() { socket->invalidate_direct_mem_ptr(0, 0xFFFFFFFF); }

void TestMemory::b_transport(tlm::tlm_generic_payload& payload, sc_time& time) {
  ++transactions;
  if (blocking != sc_core::SC_ZERO_TIME) wait(blocking);
  time += delay;
  const uint64_t offset = payload.get_address() - kDram;
  const uint32_t length = payload.get_data_length();
  if (payload.get_address() < kDram || offset + length > bytes.size()) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (payload.is_read()) std::memcpy(payload.get_data_ptr(), &bytes[offset], length);
  if (payload.is_write()) std::memcpy(&bytes[offset], payload.get_data_ptr(), length);
  payload.set_dmi_allowed(dmi_);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

bool TestMemory::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.set_dmi_ptr(bytes.data());
  dmi.set_start_address(kDram);
  dmi.set_end_address(kDram + bytes.size() - 1);
  dmi.set_read_latency(delay);
  dmi.set_write_latency(delay);
  dmi.allow_read_write();
  return dmi_;
}

// --- command list ---

CommandList& CommandList::word(uint32_t word) {
  words_.push_back(word);
  return *this;
}

CommandList& CommandList::write(uint32_t offset, const std::vector<uint32_t>& words) {
  word(1u << 28 | static_cast<uint32_t>(words.size()) << 16 | offset);
  words_.insert(words_.end(), words.begin(), words.end());
  return *this;
}

CommandList& CommandList::job(const RegisterJob& job) {
  for (size_t i = 0; i < job.words.size();) {
    const uint32_t first = job.words[i].first;
    std::vector<uint32_t> values;
    for (; i < job.words.size() && job.words[i].first == first + 4 * values.size(); ++i) {
      values.push_back(job.words[i].second);
    }
    write(job.base + first, values);
  }
  return *this;
}

// --- bench ---

tlm::tlm_response_status Bench::access(tlm::tlm_command command, uint32_t address, void* data,
                                       uint32_t bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(command);
  payload.set_address(address);
  payload.set_data_ptr(static_cast<uint8_t*>(data));
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  sc_time delay;
  cpu->b_transport(payload, delay);
  return payload.get_response_status();
}

tlm::tlm_response_status Bench::try_read(uint32_t address, uint32_t& word) {
  return access(tlm::TLM_READ_COMMAND, address, &word, 4);
}

tlm::tlm_response_status Bench::try_write(uint32_t address, uint32_t word) {
  return access(tlm::TLM_WRITE_COMMAND, address, &word, 4);
}

uint32_t Bench::read(uint32_t address) {
  uint32_t word = 0;
  EXPECT_EQ(try_read(address, word), tlm::TLM_OK_RESPONSE) << "read of " << std::hex << address;
  return word;
}

void Bench::write(uint32_t address, uint32_t word) {
  EXPECT_EQ(try_write(address, word), tlm::TLM_OK_RESPONSE) << "write of " << std::hex << address;
}

bool Bench::peek(uint32_t address, uint32_t& word) {
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(address);
  payload.set_data_ptr(reinterpret_cast<uint8_t*>(&word));
  payload.set_data_length(4);
  return cpu->transport_dbg(payload) == 4;
}

void Bench::start(const RegisterJob& job) {
  for (const auto& [offset, value] : job.words) write(job.base + offset, value);
}

void Bench::fill_scratchpad(uint32_t address, const std::vector<uint8_t>& bytes) {
  write(regs::npu::kScratchpad + regs::scratchpad::kWindowAddr, address);
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint32_t word = 0;
    std::memcpy(&word, &bytes[i], std::min<size_t>(4, bytes.size() - i));
    write(regs::npu::kScratchpad + regs::scratchpad::kWindowData, word);
  }
}

std::vector<uint8_t> Bench::read_scratchpad(uint32_t address, uint32_t bytes) {
  std::vector<uint8_t> data((bytes + 3) / 4 * 4);
  write(regs::npu::kScratchpad + regs::scratchpad::kWindowAddr, address);
  for (size_t i = 0; i < data.size(); i += 4) {
    const uint32_t word = read(regs::npu::kScratchpad + regs::scratchpad::kWindowData);
    std::memcpy(&data[i], &word, 4);
  }
  data.resize(bytes);
  return data;
}

void Bench::put_list(const CommandList& list, uint32_t address) {
  if (list.bytes() > 0) std::memcpy(memory.at(address), list.words().data(), list.bytes());
  write(seq::kCmdAddr, address);
  write(seq::kCmdBytes, list.bytes());
}

void Bench::play(const CommandList& list, uint32_t address) {
  put_list(list, address);
  write(seq::kCtrl, seq::ctrl::kStart.mask());
}

bool Bench::wait_idle(uint64_t limit) {
  const uint64_t end = cycle() + limit;
  while (cycle() < end) {
    const uint32_t status = read(seq::kStatus);
    if (seq::status::kFault.get(status) != 0) return true;
    if (seq::status::kIdle.get(status) != 0 && seq::status::kBusy.get(status) == 0) return true;
    wait_cycles(1);
  }
  return false;
}

bool Bench::wait_irq(uint64_t limit) {
  if (irq.read()) return true;
  sc_core::wait(sc_time(static_cast<double>(limit * config.period_ps), sc_core::SC_PS),
                irq.posedge_event());
  return irq.read();
}

void Bench::wait_cycles(uint64_t cycles) {
  sc_core::wait(sc_time(static_cast<double>(cycles * config.period_ps), sc_core::SC_PS));
}

uint64_t Bench::cycle() const {
  return sc_core::sc_time_stamp() / sc_time(static_cast<double>(config.period_ps), sc_core::SC_PS);
}

namespace {

npu::NpuConfig make_config(const BenchOptions& options) {
  npu::NpuConfig config = npu::npu_config(load_params("", "", options.set));
  config.use_dmi = options.use_dmi;
  return config;
}

}  // namespace

Bench::Bench(const sc_core::sc_module_name& name, const BenchOptions& options)
    : sc_module(name),
      config(make_config(options)),
      npu("npu", config, &recorder),
      memory("memory", options.grant_dmi),
      irq("irq"),
      cpu("cpu") {
  cpu.bind(npu.registers);
  npu.memory.bind(memory.socket);
  npu.irq.bind(irq);
}

npu::JobRecord run_alone(Bench& bench, const RegisterJob& job) {
  bench.wait_cycles(3);
  const uint64_t started = bench.cycle();
  bench.start(job);
  EXPECT_TRUE(bench.wait_idle());
  EXPECT_TRUE(bench.recorder.faults.empty());
  if (bench.recorder.jobs.empty()) return {};
  const npu::JobRecord record = bench.recorder.jobs.back();
  EXPECT_EQ(record.queued, started);
  EXPECT_EQ(record.head, started + 1);
  EXPECT_EQ(record.tokens, started + 1);
  EXPECT_EQ(record.start, started + 1);
  EXPECT_EQ(record.end, bench.cycle());
  EXPECT_EQ(record.end - record.start,
            record.stream + record.weight_wait + record.fill + record.dram_wait);
  return record;
}

void BenchSlot::build() {
  static int count = 0;
  const std::string name = "bench" + std::to_string(count++);
  bench_ = std::make_unique<Bench>(name.c_str(), options_);
}

}  // namespace systole::test
