/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The scratchpad window and the two DMA units.
 */
#include <string.h>

#include "bringup.h"
#include "firmware/drivers/npu_dma.h"
#include "firmware/drivers/npu_scratchpad.h"
#include "firmware/drivers/npu_sequencer.h"
#include "naive.h"

#define DRAM_BYTES 4096u

static uint8_t spad[SPAD_BYTES];
static uint8_t dram[DRAM_BYTES];

static uint32_t address_of(const void *data) { return (uint32_t)(uintptr_t)data; }

void test_scratchpad(bringup_t *b) {
  fill_random(spad, SPAD_BYTES, 1);
  write_spad(b, spad);
  check_spad(b, "scratchpad keeps what was written", spad);

  static const uint8_t kPiece[] = {0xA1, 0xA2, 0xA3, 0xA4, 0xA5};
  memcpy(spad + 100, kPiece, sizeof(kPiece));
  check_result(b, "scratchpad write of 5 bytes",
               npu_scratchpad_write(&b->npu, 100, kPiece, sizeof(kPiece)), NPU_OK);
  check_spad(b, "scratchpad write of 5 bytes keeps its neighbours", spad);
}

static void check_load(bringup_t *b, const char *name, const npu_dma_job_t *job, uint32_t base) {
  fill_random(spad, SPAD_BYTES, 2);
  fill_random(dram, DRAM_BYTES, 3);
  write_spad(b, spad);
  naive_load(job, base, spad);
  check_result(b, name, npu_dma_start(&b->npu, NPU_DMA_LOAD, job), NPU_OK);
  check_result(b, name, npu_dma_wait(&b->npu, NPU_DMA_LOAD, MAX_POLLS), NPU_OK);
  check_spad(b, name, spad);
}

/* `dram_addr` of the job is from BASE[4], where `dram` lies. */
static void check_store(bringup_t *b, const char *name, const npu_dma_job_t *job) {
  static uint8_t wanted[DRAM_BYTES];
  fill_random(spad, SPAD_BYTES, 4);
  fill_random(dram, DRAM_BYTES, 5);
  write_spad(b, spad);
  memcpy(wanted, dram, DRAM_BYTES);
  naive_store(job, wanted + job->dram_addr, spad);
  check_result(b, name, npu_dma_start(&b->npu, NPU_DMA_STORE, job), NPU_OK);
  check_result(b, name, npu_dma_wait(&b->npu, NPU_DMA_STORE, MAX_POLLS), NPU_OK);
  check_bytes(b, name, dram, wanted, DRAM_BYTES);
}

static void test_loads(bringup_t *b) {
  const uint32_t absolute = address_of(dram);
  npu_dma_job_t job = {
      .dram_addr = absolute, .spad_addr = 64, .size0 = 1000, .size1 = 1, .size2 = 1};
  check_load(b, "load a line", &job, 0);

  job = (npu_dma_job_t){
      .dram_addr = absolute + 13, .spad_addr = 7, .size0 = 1, .size1 = 1, .size2 = 1};
  check_load(b, "load one byte", &job, 0);

  /* Rows of a wider tensor, 3 bytes a pixel, with a frame around as for a 3x3 convolution. */
  job = (npu_dma_job_t){.dram_addr = 5,
                        .region = 4,
                        .spad_addr = 33,
                        .size0 = 3,
                        .size1 = 6,
                        .size2 = 4,
                        .dram_stride1 = 3,
                        .dram_stride2 = 28 * 3,
                        .spad_stride1 = 3,
                        .spad_stride2 = 9 * 3,
                        .pad = {.before1 = 1, .after1 = 2, .before2 = 1, .after2 = 3},
                        .pad_value = 128};
  check_load(b, "load with padding", &job, absolute);

  job.size1 = 0;
  check_load(b, "load padding alone", &job, absolute);

  job = (npu_dma_job_t){.dram_addr = 4000,
                        .region = 4,
                        .spad_addr = 512,
                        .size0 = 5,
                        .size1 = 7,
                        .size2 = 3,
                        .dram_stride1 = (uint32_t)-31, /* distances wrap: backwards */
                        .dram_stride2 = (uint32_t)-301,
                        .spad_stride1 = 11,
                        .spad_stride2 = 101};
  check_load(b, "load with holes, backwards", &job, absolute);
}

static void test_stores(bringup_t *b) {
  npu_dma_job_t job = {.region = 4, .spad_addr = 16, .size0 = 900, .size1 = 1, .size2 = 1};
  check_store(b, "store a line", &job);

  job = (npu_dma_job_t){.dram_addr = 77,
                        .region = 4,
                        .spad_addr = 1025,
                        .size0 = 3,
                        .size1 = 9,
                        .size2 = 5,
                        .dram_stride1 = 16,
                        .dram_stride2 = 333,
                        .spad_stride1 = 4,
                        .spad_stride2 = 40};
  check_store(b, "store with holes", &job);
}

void test_dma(bringup_t *b) {
  check_result(b, "set base 0", npu_sequencer_set_base(&b->npu, 0, 0), NPU_OK);
  check_result(b, "set base 4", npu_sequencer_set_base(&b->npu, 4, address_of(dram)), NPU_OK);
  test_loads(b);
  test_stores(b);
  npu_dma_job_t padded_store = {.size0 = 1, .size1 = 1, .size2 = 1, .pad = {.after1 = 1}};
  check_result(b, "store with padding is refused",
               npu_dma_start(&b->npu, NPU_DMA_STORE, &padded_store), NPU_BAD_ARGUMENT);
}
