// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Drives the pins of rtl/requant/requant_job.sv: registers, both memories, and time. LANES and COLS
// are template arguments because they decide the widths of the model's ports.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>

#include "sim/cosim/requant_rtl.h"
#include "sim/cosim/transactor.h"

namespace systole::cosim {

struct RegisterWrite {
  uint32_t offset, word;
};
// The job registers of a job, START excluded.
std::array<RegisterWrite, 12> requant_registers(const requant::Job& job);

template <typename Model, uint32_t kLanes, uint32_t kCols>
class RequantTransactor final : public RequantRtl {
 public:
  RequantTransactor() {
    pins().spad_write_ready_i = 1;
    base_.reset();
  }

  bool has_waves() const override { return Transactor<Model>::has_waves(); }
  uint32_t lanes() const override { return kLanes; }
  uint32_t cols() const override { return kCols; }

  void run(const requant::Job& job, const RequantMemories& memories,
           RequantRtlResult& result) override {
    start(job, memories, result);
    while (pins().busy_o && !result.hung) cycle(memories, result);
  }

  void run_with_wave(const requant::Job& job, const RequantMemories& memories,
                     const WaveWindow& window, RequantRtlResult& result) override {
    start(job, memories, result);
    while (pins().busy_o && !result.hung) {
      if (result.cycles == window.first) base_.open_wave(window.path);
      if (result.cycles > window.last) base_.close_wave();
      cycle(memories, result);
    }
    base_.close_wave();
  }

  bool plant_bug(uint32_t bug) override {
    pins().bug_i = static_cast<uint8_t>(bug);
    return Transactor<Model>::has_waves() || bug == 0;  // debug models have both
  }

  void refuse_writes(uint32_t per_mille, uint64_t seed) override {
    refuse_per_mille_ = per_mille;
    random_ = seed | 1;
  }

 private:
  // Longer than any job that is not held up; a job that is gets four times that.
  static constexpr uint64_t kPatience = 1000;

  Model& pins() { return base_.pins(); }

  // ---- Registers

  void write(const RegisterWrite& write) {
    pins().reg_write_i = 1;
    pins().reg_addr_i = static_cast<uint16_t>(write.offset);
    pins().reg_data_i = write.word;
    base_.step();
    pins().reg_write_i = 0;
  }
  // Registers keep their values: only what differs is written.
  void set(const RegisterWrite& register_write) {
    uint32_t& known = known_[register_write.offset / 4];
    if (known == register_write.word) return;
    known = register_write.word;
    write(register_write);
  }
  void set_table(const requant::Job& job, const requant::ChannelParams* table) {
    const uint32_t entries = job.per_tensor ? 1 : job.out_channels;
    for (uint32_t n = 0; n < entries; ++n) {
      const uint32_t entry = n * 0x10;
      set({regs::requant::kParamMult + entry, table[n].mult});
      set({regs::requant::kParamBias + entry, table[n].bias});
      set({regs::requant::kParamShift + entry, static_cast<uint32_t>(table[n].shift)});
    }
  }
  // The unit loads its table itself: what it then holds.
  void learn_table(const requant::Job& job, const uint8_t* spad) {
    requant::ChannelParams loaded[requant::kTableEntries];
    requant::load_params(job, spad, loaded);
    const uint32_t entries = job.per_tensor ? 1 : job.out_channels;
    for (uint32_t n = 0; n < entries; ++n) {
      uint32_t* known = &known_[(regs::requant::kParamMult + n * 0x10) / 4];
      known[0] = loaded[n].mult;
      known[1] = loaded[n].bias;
      known[2] = static_cast<uint32_t>(loaded[n].shift);
    }
  }

  void start(const requant::Job& job, const RequantMemories& memories, RequantRtlResult& result) {
    result.cycles = result.load_cycles = result.stream_cycles = 0;
    result.hung = false;
    result.beats.clear();
    result.bytes.clear();
    for (const RegisterWrite& register_write : requant_registers(job)) set(register_write);
    if (job.param_load) {
      learn_table(job, memories.spad);
    } else {
      set_table(job, memories.table);
    }
    write({regs::requant::kStart, regs::requant::start::kGo.put(1)});
    patience_ = 4 * requant::timing(job, {kCols, 0, kLanes}).total() + kPatience;
  }

  // ---- One cycle of a job: what the unit asks for now is there after the next edge

  void cycle(const RequantMemories& memories, RequantRtlResult& result) {
    Model& p = pins();
    const int32_t* row = p.acc_read_o ? memories.acc + size_t{p.acc_row_o} * kCols : nullptr;
    const bool reads_spad = p.spad_read_o;
    result.load_cycles += reads_spad;
    result.stream_cycles += row != nullptr;
    const uint32_t read_address = p.spad_read_addr_o;
    if (p.spad_write_o && p.spad_write_ready_i) take_beat(result);
    ++result.cycles;
    result.hung = result.cycles > patience_;
    base_.edge();
    if (row != nullptr) to_port(p.acc_data_i, row, kCols * sizeof(int32_t));
    if (reads_spad && read_address < memories.spad_bytes) {
      to_port(p.spad_read_data_i, memories.spad + read_address,
              std::min<size_t>(kCols, memories.spad_bytes - read_address));
    }
    if (refuse_per_mille_ != 0) p.spad_write_ready_i = random() % 1000 >= refuse_per_mille_;
    base_.settle();
  }

  void take_beat(RequantRtlResult& result) {
    uint8_t strobe[(kLanes + 7) / 8], data[kLanes];
    from_port(pins().spad_write_strobe_o, strobe, sizeof(strobe));
    from_port(pins().spad_write_data_o, data, kLanes);
    uint32_t count = 0;  // strobes are consecutive from lane 0
    while (count < kLanes && (strobe[count / 8] >> (count % 8) & 1) != 0) ++count;
    result.beats.push_back({pins().spad_write_addr_o, count, static_cast<uint32_t>(result.cycles)});
    result.bytes.insert(result.bytes.end(), data, data + count);
  }

  uint64_t random() {  // xorshift64
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return random_;
  }

  Transactor<Model> base_;
  // By offset / 4; what a register holds after reset may be written once more, never wrongly not.
  std::array<uint32_t, 0x300> known_ = initial_registers();
  uint64_t patience_ = 0;
  uint32_t refuse_per_mille_ = 0;
  uint64_t random_ = 1;

  static std::array<uint32_t, 0x300> initial_registers() {
    std::array<uint32_t, 0x300> words{};
    for (const RegisterWrite& reset : requant_registers(requant::Job{})) {
      words[reset.offset / 4] = reset.word;
    }
    return words;
  }
};

}  // namespace systole::cosim
