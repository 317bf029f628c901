// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The MAC array of hw/mac_array/README.md, cycle by cycle and processing element by processing
// element. Slow, and written from the page alone: the judge of the closed form and of the page.
#pragma once

#include <cstdint>
#include <vector>

#include "hw/mac_array/mac_array_kernel.h"

namespace systole::mac_array {

class SystolicSim {
 public:
  SystolicSim(const Job& job, const Config& config, bool shared_bank, const uint8_t* spad,
              int32_t* acc)
      : job_(job),
        config_(config),
        shared_bank_(shared_bank),
        spad_(spad),
        acc_(acc),
        passes_per_kernel_((job.k_len + config.rows - 1) / config.rows),
        passes_(uint64_t{job.kx} * job.ky * passes_per_kernel_),
        shadow_(config.rows * config.cols),
        active_(config.rows * config.cols) {}

  // Runs the job to its end; the cycles by cause.
  Timing run() {
    while (!done()) step();
    return timing_;
  }

 private:
  // What the input feeder reads in one cycle: a vector, zero points subtracted.
  struct Vector {
    std::vector<int32_t> values;
    bool swap = false;  // first of its pass
    bool overwrite = false;
    uint32_t acc_row = 0;
    std::vector<int64_t> sums;     // per column, as rows add to it
    std::vector<int32_t> old_acc;  // per column, as read
  };
  struct WeightRow {
    std::vector<int32_t> values;
    uint32_t row = 0;
  };

  uint32_t rows_of(uint64_t pass) const {
    const uint32_t k0 = static_cast<uint32_t>(pass % passes_per_kernel_) * config_.rows;
    return std::min(config_.rows, job_.k_len - k0);
  }
  static int32_t value(uint8_t byte, bool is_signed) {
    return is_signed ? static_cast<int8_t>(byte) : byte;
  }

  // ---- Control: one decision of the feeder and one of the weight loader per cycle

  bool setting_up() const { return cycle_ < kSetupCycles; }

  void feed() {
    vectors_.emplace_back();
    if (setting_up()) return;
    const bool accumulators_ready = pass_ == 0 || cycle_ >= pass_start_ + kAccLatency;
    if (!streaming_ && shadow_full_ && accumulators_ready) {
      streaming_ = true;
      shadow_full_ = false;
      position_ = 0;
      pass_start_ = cycle_;
    }
    if (!streaming_) return;
    vectors_.back() = read_vector();
    ++timing_.stream;
    last_read_ = cycle_;
    if (++position_ == job_.positions()) {
      streaming_ = false;
      ++pass_;
    }
  }

  Vector read_vector() const {
    const uint64_t kernel = pass_ / passes_per_kernel_;
    const uint64_t k0 = pass_ % passes_per_kernel_ * config_.rows;
    const uint64_t a = job_.in_addr + position_ / job_.x * job_.y_stride +
                       position_ % job_.x * job_.x_stride + kernel / job_.kx * job_.ky_stride +
                       kernel % job_.kx * job_.kx_stride + k0;
    Vector v;
    v.values.resize(config_.rows);  // rows without a weight get zero
    for (uint32_t r = 0; r < rows_of(pass_); ++r) {
      v.values[r] = value(spad_[a + r], job_.in_signed) - job_.in_zp;
    }
    v.swap = position_ == 0;
    v.overwrite = pass_ == 0 && !job_.accumulate;
    v.acc_row = job_.acc_row + static_cast<uint32_t>(position_);
    v.sums.resize(config_.cols);
    v.old_acc.resize(config_.cols);
    return v;
  }

  void load() {
    weights_.emplace_back();
    const bool port_busy = shared_bank_ && !vectors_.back().values.empty();
    if (setting_up() || port_busy || shadow_full_ || load_pass_ == passes_) return;
    const uint8_t* line = spad_ + job_.wgt_addr;
    if (job_.wgt_zp_line && !zp_read_) {
      zp_read_ = true;
      return;
    }
    const uint8_t* first = line + (job_.wgt_zp_line ? job_.out_channels : 0);
    WeightRow& row = weights_.back();
    row.row = load_row_;
    row.values.resize(config_.cols);
    for (uint32_t n = 0; n < job_.out_channels; ++n) {
      const int32_t zp = job_.wgt_zp_line ? value(line[n], job_.wgt_signed) : job_.wgt_zp;
      row.values[n] = value(first[weight_rows_read_ * job_.out_channels + n], job_.wgt_signed) - zp;
    }
    ++weight_rows_read_;
    if (++load_row_ == rows_of(load_pass_)) {
      load_row_ = 0;
      ++load_pass_;
      full_next_ = true;
    }
  }

  // ---- Data: what the registers hold, by the cycle in which it was read

  Vector* vector_read(uint64_t delay) {
    if (delay > cycle_ || vectors_[cycle_ - delay].values.empty()) return nullptr;
    return &vectors_[cycle_ - delay];
  }

  void multiply() {
    for (uint32_t r = 0; r < config_.rows; ++r) {
      for (uint32_t c = 0; c < config_.cols; ++c) {
        Vector* v = vector_read(2 + r + c);
        if (v == nullptr) continue;
        int32_t& weight = active_[r * config_.cols + c];
        if (v->swap) weight = shadow_[r * config_.cols + c];
        v->sums[c] += int64_t{v->values[r]} * weight;
      }
    }
  }

  void accumulate() {
    for (uint32_t c = 0; c < job_.out_channels; ++c) {
      if (Vector* v = vector_read(4 + config_.rows - 1 + c)) {
        v->old_acc[c] = acc_[size_t{v->acc_row} * config_.cols + c];
      }
    }
    for (uint32_t c = 0; c < job_.out_channels; ++c) {
      if (Vector* v = vector_read(6 + config_.rows - 1 + c)) {
        const int64_t sum = v->sums[c] + (v->overwrite ? 0 : v->old_acc[c]);
        acc_[size_t{v->acc_row} * config_.cols + c] = static_cast<int32_t>(sum);
      }
    }
  }

  void write_shadow() {
    for (uint32_t c = 0; c < config_.cols && c + 2 <= cycle_; ++c) {
      const WeightRow& row = weights_[cycle_ - 2 - c];
      if (!row.values.empty()) shadow_[row.row * config_.cols + c] = row.values[c];
    }
  }

  void step() {
    const uint64_t streamed = timing_.stream;
    feed();
    load();
    multiply();
    accumulate();
    write_shadow();
    if (timing_.stream == streamed) {
      const bool between = streamed > 0 && pass_ < passes_;
      ++(between ? timing_.weight_wait : timing_.fill);
    }
    if (full_next_) shadow_full_ = true;
    full_next_ = false;
    ++cycle_;
  }

  // The last column's last accumulator was written in the cycle before.
  bool done() const {
    return pass_ == passes_ &&
           cycle_ == last_read_ + 1 + kPipelineCycles + config_.rows - 1 + config_.cols - 1;
  }

  const Job job_;
  const Config config_;
  const bool shared_bank_;
  const uint8_t* const spad_;
  int32_t* const acc_;
  const uint64_t passes_per_kernel_, passes_;

  uint64_t cycle_ = 0, last_read_ = 0;
  std::vector<Vector> vectors_;     // by cycle of the read; empty: no read
  std::vector<WeightRow> weights_;  // the same
  std::vector<int32_t> shadow_, active_;

  bool streaming_ = false, shadow_full_ = false, full_next_ = false, zp_read_ = false;
  uint64_t pass_ = 0, position_ = 0, pass_start_ = 0;
  uint64_t load_pass_ = 0, weight_rows_read_ = 0;
  uint32_t load_row_ = 0;
  Timing timing_;
};

}  // namespace systole::mac_array
