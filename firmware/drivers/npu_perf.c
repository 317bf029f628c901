/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_perf.h"

#include <stddef.h>
#include <string.h>

#include "firmware/drivers/mmio.h"
#include "hw/npu/gen/npu_map.h"
#include "hw/perf/gen/perf_regs.h"

#define AT(field, reg) \
  _Static_assert(offsetof(npu_perf_record_t, field) == NPU_PERF_##reg##_OFFSET, #field)
AT(cycles_lo, CYCLES_LO);
AT(cycles_hi, CYCLES_HI);
AT(macs_lo, MACS_LO);
AT(macs_hi, MACS_HI);
AT(commands, COMMANDS);
AT(seq_queue_wait, SEQ_QUEUE_WAIT);
AT(seq_fence_wait, SEQ_FENCE_WAIT);
AT(seq_fetch_wait, SEQ_FETCH_WAIT);
AT(load.jobs, LOAD_JOBS);
AT(load.busy, LOAD_BUSY);
AT(load.token_wait, LOAD_TOKEN_WAIT);
AT(load.bank_wait, LOAD_BANK_WAIT);
AT(store.jobs, STORE_JOBS);
AT(mac_array.jobs, MAC_ARRAY_JOBS);
AT(requant.jobs, REQUANT_JOBS);
AT(vector.jobs, VECTOR_JOBS);
AT(load_bytes, LOAD_BYTES);
AT(store_bytes, STORE_BYTES);
AT(seq_bytes, SEQ_BYTES);
AT(load_dram_wait, LOAD_DRAM_WAIT);
AT(store_dram_wait, STORE_DRAM_WAIT);
AT(mac_stream, MAC_STREAM);
AT(mac_weight_wait, MAC_WEIGHT_WAIT);
AT(mac_fill, MAC_FILL);
AT(mark_tag, MARK_TAG);
_Static_assert(sizeof(npu_perf_record_t) == 256, "a MARK record has 64 words");

static uint32_t read_counter(const npu_t *npu, uint32_t offset) {
  return npu_mmio_read32(npu->base + NPU_PERF_BASE + offset);
}

void npu_perf_clear(const npu_t *npu) {
  npu_mmio_write32(npu->base + NPU_SEQUENCER_BASE + NPU_SEQUENCER_CTRL_OFFSET,
                   NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_MASK);
}

uint64_t npu_perf_cycles(const npu_t *npu) {
  uint32_t high = read_counter(npu, NPU_PERF_CYCLES_HI_OFFSET);
  for (;;) {
    uint32_t low = read_counter(npu, NPU_PERF_CYCLES_LO_OFFSET);
    uint32_t again = read_counter(npu, NPU_PERF_CYCLES_HI_OFFSET);
    if (again == high) {
      return ((uint64_t)high << 32) | low;
    }
    high = again;
  }
}

void npu_perf_read(const npu_t *npu, npu_perf_record_t *record) {
  uint32_t words[sizeof(*record) / 4] = {0};
  uint64_t cycles = npu_perf_cycles(npu);
  /* Words between MAC_FILL and MARK_TAG are no registers: reading one would be a bus error. */
  for (uint32_t offset = NPU_PERF_MACS_LO_OFFSET; offset <= NPU_PERF_MAC_FILL_OFFSET; offset += 4) {
    words[offset / 4] = read_counter(npu, offset);
  }
  words[NPU_PERF_CYCLES_LO_OFFSET / 4] = (uint32_t)cycles;
  words[NPU_PERF_CYCLES_HI_OFFSET / 4] = (uint32_t)(cycles >> 32);
  words[NPU_PERF_MARK_TAG_OFFSET / 4] = read_counter(npu, NPU_PERF_MARK_TAG_OFFSET);
  memcpy(record, words, sizeof(*record));
}

static void subtract64(uint32_t *words, const uint32_t *before, uint32_t offset) {
  uint32_t at = offset / 4;
  uint32_t borrow = words[at] < before[at];
  words[at] -= before[at];
  words[at + 1] -= before[at + 1] + borrow;
}

void npu_perf_difference(const npu_perf_record_t *after, const npu_perf_record_t *before,
                         npu_perf_record_t *delta) {
  uint32_t words[sizeof(*delta) / 4];
  uint32_t subtract[sizeof(*delta) / 4];
  memcpy(words, after, sizeof(words));
  memcpy(subtract, before, sizeof(subtract));
  subtract64(words, subtract, NPU_PERF_CYCLES_LO_OFFSET);
  subtract64(words, subtract, NPU_PERF_MACS_LO_OFFSET);
  for (uint32_t at = NPU_PERF_COMMANDS_OFFSET / 4; at <= NPU_PERF_MAC_FILL_OFFSET / 4; at++) {
    words[at] -= subtract[at];
  }
  memcpy(delta, words, sizeof(words));
}
