// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random DMA jobs that the DMA accepts, of the kinds that programs use: contiguous, rows of a
// tensor, pixels with gaps, transposes, all with padding or without.
#pragma once

#include "hw/dma/dma_kernel.h"
#include "tests/common/random.h"

namespace systole::dma {

inline constexpr uint32_t kDramBase = 0x80000000;
inline constexpr uint32_t kDramBytes = 1 << 16;

inline uint32_t random_stride(test::Random& random, uint32_t packed) {
  return random.u32(0, 2) == 0 ? packed + random.u32(0, 70) : packed;
}

inline Job random_job(test::Random& random, Direction direction,
                      const scratchpad::Geometry& geometry) {
  for (;;) {
    Job job;
    job.dram_addr = kDramBase + random.u32(0, kDramBytes / 4);
    job.spad_addr = random.u32(0, geometry.bytes - 1);
    job.size0 = random.coin() ? random.u32(1, 300) : random.u32(1, 8);
    job.size1 = random.u32(0, random.coin() ? 40 : 2);
    job.size2 = random.u32(0, random.coin() ? 12 : 2);
    if (direction == Direction::kLoad && random.coin()) {
      job.before1 = random.u32(0, 3), job.after1 = random.u32(0, 3);
      job.before2 = random.u32(0, 3), job.after2 = random.u32(0, 3);
    }
    job.pad_value = static_cast<uint8_t>(random.u32(0, 255));
    job.dram_stride1 = random_stride(random, job.size0);
    job.dram_stride2 = random_stride(random, job.dram_stride1 * job.size1);
    job.spad_stride1 = random_stride(random, job.size0);
    job.spad_stride2 =
        random_stride(random, job.spad_stride1 * (job.before1 + job.size1 + job.after1));
    if (random.u32(0, 9) == 0) std::swap(job.spad_stride1, job.spad_stride2);
    if (!check(job, direction, geometry)) return job;
  }
}

}  // namespace systole::dma
