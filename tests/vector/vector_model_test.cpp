// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The vector unit alone, by register writes.
#include <gtest/gtest.h>

#include "tests/npu/bench.h"
#include "tests/npu/jobs.h"

namespace systole::test {
namespace {

using npu::JobRecord;

BenchSlot vector_bench;

TEST(VectorModel, TakesTheMaximum) {
  Bench& bench = *vector_bench;
  bench.fill_scratchpad(0, {1, 9, 3, 4, 5, 6, 7, 8});  // 2 x 2 positions of 2 channels
  vector::Job job;
  job.out_addr = 0x8000;
  job.channels = 2;
  job.kx = job.ky = 2;
  job.kx_stride = 2;
  job.ky_stride = 4;
  const JobRecord r = run_alone(bench, vector_job(job));
  EXPECT_EQ(bench.read_scratchpad(0x8000, 2), (std::vector<uint8_t>{7, 9}));
  EXPECT_EQ(r.end - r.start, vector::timing(job, bench.config.vector, false).total());
}

}  // namespace
}  // namespace systole::test
