// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random MAC array jobs that the array accepts.
#pragma once

#include "hw/mac_array/mac_array_kernel.h"
#include "tests/common/random.h"

namespace systole::mac_array {

struct Limits {
  Config config;
  uint32_t k_len, kernel, x, y;
};

inline Job random_job(test::Random& random, const Limits& limits,
                      const scratchpad::Geometry& geometry) {
  for (;;) {
    Job job;
    job.in_addr = random.u32(0, geometry.bytes - 1);
    job.wgt_addr = random.u32(0, geometry.bytes - 1);
    job.acc_row = random.u32(0, limits.config.acc_rows - 1);
    job.k_len = random.u32(1, limits.k_len);
    job.out_channels = random.u32(1, limits.config.cols);
    job.kx = random.u32(1, limits.kernel), job.ky = random.u32(1, limits.kernel);
    job.kx_stride = random.u32(0, 40), job.ky_stride = random.u32(0, 90);
    job.x = random.u32(1, limits.x), job.y = random.u32(1, limits.y);
    job.x_stride = random.u32(0, 30), job.y_stride = random.u32(0, 100);
    job.in_signed = random.coin(), job.wgt_signed = random.coin();
    job.accumulate = random.coin(), job.wgt_zp_line = random.coin();
    job.in_zp = static_cast<int32_t>(random.between(0, 255)) - (job.in_signed ? 128 : 0);
    job.wgt_zp = static_cast<int32_t>(random.between(0, 255)) - (job.wgt_signed ? 128 : 0);
    if (!check(job, limits.config, geometry)) return job;
  }
}

inline std::vector<int32_t> random_accumulators(test::Random& random, const Config& config) {
  std::vector<int32_t> acc(size_t{config.acc_rows} * config.cols);
  for (int32_t& word : acc) word = static_cast<int32_t>(random.word());
  return acc;
}

}  // namespace systole::mac_array
