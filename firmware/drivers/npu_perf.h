/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The performance counters: read live, or from the records that MARK commands leave in DRAM.
 */
#ifndef SYSTOLE_NPU_PERF_H
#define SYSTOLE_NPU_PERF_H

#include "firmware/drivers/npu.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t jobs;
  uint32_t busy;
  uint32_t token_wait;
  uint32_t bank_wait;
} npu_perf_unit_t;

/* An image of the perf block, field by field in the order of hw/perf/perf.rdl: what a MARK command
 * writes (256 bytes). All counters are in NPU cycles unless the name says otherwise, and wrap. */
typedef struct {
  uint32_t cycles_lo;
  uint32_t cycles_hi;
  uint32_t macs_lo;
  uint32_t macs_hi;
  uint32_t commands;
  uint32_t seq_queue_wait;
  uint32_t seq_fence_wait;
  uint32_t seq_fetch_wait;
  npu_perf_unit_t load;
  npu_perf_unit_t store;
  npu_perf_unit_t mac_array;
  npu_perf_unit_t requant;
  npu_perf_unit_t vector;
  uint32_t load_bytes;
  uint32_t store_bytes;
  uint32_t seq_bytes;
  uint32_t load_dram_wait;
  uint32_t store_dram_wait;
  uint32_t mac_stream;
  uint32_t mac_weight_wait;
  uint32_t mac_fill;
  uint32_t unused[27];
  uint32_t mark_tag;
} npu_perf_record_t;

/* Sets all counters to zero. */
void npu_perf_clear(const npu_t *npu);

/* Cycle counter, all 64 bits, safe against a carry between the two reads. */
uint64_t npu_perf_cycles(const npu_t *npu);

/* Reads every counter. The cycle count is consistent in itself; while the NPU works, the others are
 * some accesses younger. `unused` becomes 0. */
void npu_perf_read(const npu_t *npu, npu_perf_record_t *record);

/* after - before, counter by counter; the tag is that of `after`. `delta` may be one of the others.
 */
void npu_perf_difference(const npu_perf_record_t *after, const npu_perf_record_t *before,
                         npu_perf_record_t *delta);

static inline uint64_t npu_perf_record_cycles(const npu_perf_record_t *record) {
  return ((uint64_t)record->cycles_hi << 32) | record->cycles_lo;
}

static inline uint64_t npu_perf_record_macs(const npu_perf_record_t *record) {
  return ((uint64_t)record->macs_hi << 32) | record->macs_lo;
}

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_PERF_H */
