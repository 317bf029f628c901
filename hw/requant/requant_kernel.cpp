// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/requant/requant_kernel.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "hw/common/job_check.h"
#include "hw/requant/requant_arith.h"

namespace systole::requant {
namespace {

namespace r = regs::requant;
using scratchpad::Range;

Range output_range(const Job& job) {
  const uint64_t last =
      job.out_addr + uint64_t{job.y - 1} * job.y_stride + uint64_t{job.x - 1} * job.x_stride;
  return {job.out_addr, last + uint64_t{job.out_channels} * job.bytes_per_output()};
}

uint32_t param_entries(const Job& job) { return job.per_tensor ? 1 : job.out_channels; }

Range param_range(const Job& job) {
  if (!job.param_load) return {};
  return {job.param_addr, job.param_addr + uint64_t{param_entries(job)} * kParamBytes};
}

bool is_fp32(Arith arith) { return arith <= Arith::kFp32TwoScale; }

// What the arithmetic alone needs.
Fault check_arithmetic(const Job& job) {
  if (job.mode.arith == Arith::kBypass32) return {};  // neither clamps nor adds a zero point
  const int32_t lo = type_min(job.mode.out_signed), hi = type_max(job.mode.out_signed);
  const int64_t min_count = job.mode.arith == Arith::kAvgDiv ? 1 : 0;
  return check_limits({
      {job.tensor.zero_point, -256, 255, r::kZeroPoint},
      {job.tensor.qmin, lo, hi, r::kClamp},
      {job.tensor.qmax, job.tensor.qmin, hi, r::kClamp},
      {job.tensor.avg_count, min_count, max_of(r::avg_count::kCount), r::kAvgCount},
  });
}

}  // namespace

Fault check(const Job& job, const Config& config, const scratchpad::Geometry& geometry) {
  const int64_t max_channels = std::min(config.cols, kTableEntries);
  if (const Fault fault = check_limits({
          {job.out_channels, 1, max_channels, r::kOutChannels},
          {job.x, 1, max_of(r::out_size::kX), r::kOutSize},
          {job.y, 1, max_of(r::out_size::kY), r::kOutSize},
          {static_cast<int64_t>(job.mode.arith), 0, static_cast<int64_t>(Arith::kAvgDiv), r::kMode},
          {static_cast<int64_t>(job.mode.overflow), 0, static_cast<int64_t>(Overflow::kClampFirst),
           r::kMode},
          {job.mode.acc_fp32, 0, is_fp32(job.mode.arith), r::kMode},
      })) {
    return fault;
  }
  if (const Fault fault = check_arithmetic(job)) return fault;
  if (const Fault fault = scratchpad::check_range(geometry, param_range(job))) return fault;
  if (const Fault fault = scratchpad::check_range(geometry, output_range(job))) return fault;
  if (job.acc_row + job.positions() > config.acc_rows) {
    return Fault{FaultCode::kAccRange, 0, std::max(job.acc_row, config.acc_rows)};
  }
  return {};
}

scratchpad::Footprint footprint(const Job& job) {
  scratchpad::Footprint result;
  result.read[0] = param_range(job);
  result.write = output_range(job);
  return result;
}

void load_params(const Job& job, const uint8_t* spad, ChannelParams* table) {
  const uint8_t* entry = spad + job.param_addr;
  for (uint32_t n = 0; n < param_entries(job); ++n, entry += kParamBytes) {
    table[n] = {arith::load_word(entry), arith::load_word(entry + 4),
                static_cast<int32_t>(arith::load_word(entry + 8))};
  }
}

namespace {

// The table entries of the job's channels, one array per word, so that loops over channels
// vectorise.
struct Columns {
  alignas(64) float mult[kTableEntries];
  alignas(64) float bias_f[kTableEntries];
  alignas(64) int32_t bias[kTableEntries];
  alignas(64) int32_t q31[kTableEntries];
  alignas(64) int32_t shift[kTableEntries];

  arith::Channel at(uint32_t n) const { return {mult[n], bias_f[n], bias[n], q31[n], shift[n]}; }
};

void spread(const Job& job, const ChannelParams* table, Columns& columns) {
  for (uint32_t n = 0; n < job.out_channels; ++n) {
    const arith::Channel c = arith::decode(table[job.per_tensor ? 0 : n]);
    columns.mult[n] = c.mult;
    columns.bias_f[n] = c.bias_f;
    columns.bias[n] = c.bias;
    columns.q31[n] = c.q31;
    columns.shift[n] = c.shift;
  }
}

// Every position of a job, by a function that is known when this is compiled.
template <typename Function>
void run_positions(const Job& job, const Config& config, const int32_t* acc, uint8_t* spad,
                   const Function& function) {
  acc += size_t{job.acc_row} * config.cols;
  for (uint32_t y = 0; y < job.y; ++y) {
    uint8_t* out = spad + job.out_addr + uint64_t{y} * job.y_stride;
    for (uint32_t x = 0; x < job.x; ++x, out += job.x_stride, acc += config.cols) {
      function(acc, out);
    }
  }
}

struct Runner {
  const Job& job;
  const Config& config;
  const int32_t* acc;
  const Columns& columns;
  uint8_t* spad;

  template <typename ArithMode>
  void operator()(ArithMode) const {
    const arith::Tensor tensor = arith::decode(job.tensor);
    const uint32_t channels = job.out_channels;
    const Columns* __restrict table = &columns;
    run_positions(job, config, acc, spad,
                  [=](const int32_t* __restrict in, uint8_t* __restrict out) {
                    for (uint32_t n = 0; n < channels; ++n) {
                      out[n] = static_cast<uint8_t>(ArithMode::apply(in[n], table->at(n), tensor));
                    }
                  });
  }
};

void run_bypass(const Job& job, const Config& config, const int32_t* acc, uint8_t* spad) {
  run_positions(job, config, acc, spad, [&](const int32_t* in, uint8_t* out) {
    for (uint32_t n = 0; n < job.out_channels; ++n) {
      arith::store_word(static_cast<uint32_t>(in[n]), out + size_t{n} * 4);
    }
  });
}

}  // namespace

int32_t requantize(int32_t acc, const Mode& mode, const ChannelParams& channel,
                   const TensorParams& tensor) {
  int32_t result = 0;
  arith::dispatch(mode, [&](auto arith_mode) {
    result = arith_mode.apply(acc, arith::decode(channel), arith::decode(tensor));
  });
  return result;
}

void run(const Job& job, const Config& config, const int32_t* acc, const ChannelParams* table,
         uint8_t* spad) {
  if (job.mode.arith == Arith::kBypass32) return run_bypass(job, config, acc, spad);
  Columns columns;
  spread(job, table, columns);
  arith::dispatch(job.mode, Runner{job, config, acc, columns, spad});
}

Timing timing(const Job& job, const Config& config) {
  Timing result;
  if (job.param_load) {
    const uint64_t bytes = uint64_t{param_entries(job)} * kParamBytes;
    result.param_load = (bytes + config.cols - 1) / config.cols;
  }
  const uint64_t bytes = uint64_t{job.out_channels} * job.bytes_per_output();
  result.stream = job.positions() * ((bytes + config.lanes - 1) / config.lanes);
  result.fill = kSetupCycles + kLatencyCycles;
  return result;
}

}  // namespace systole::requant
