// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_dma.h"

#include "hw/dma/gen/dma_regs.h"
#include "hw/dma/gen/dma_regs.hpp"
#include "hw/npu/gen/npu_map.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

class NpuDma : public MmioTest {
 protected:
  static npu_dma_job_t load_job() {
    npu_dma_job_t job{};
    job.tag = 7;
    job.dram_addr = 0x1234;
    job.region = NPU_DMA_REGION_INDEX_MASK;
    job.spad_addr = 0xABCDEF;
    job.size0 = 3, job.size1 = 28, job.size2 = 5;
    job.dram_stride1 = 30, job.dram_stride2 = 0xFFFFFF00;
    job.spad_stride1 = 4, job.spad_stride2 = 0xFFFFFF;
    job.pad = {1, 2, 3, 255};
    job.pad_value = 0x80;
    job.tokens = {0x8001, 0x0006};
    return job;
  }

  void expect_start(uint32_t base, const npu_dma_job_t& job, uint32_t pad, uint32_t start) {
    expect_ready(base);
    expect_job(base, regs::dma::kBlock,
               {{NPU_DMA_TAG_OFFSET, job.tag},
                {NPU_DMA_DRAM_ADDR_OFFSET, job.dram_addr},
                {NPU_DMA_REGION_OFFSET, job.region},
                {NPU_DMA_SPAD_ADDR_OFFSET, job.spad_addr},
                {NPU_DMA_SIZE0_OFFSET, job.size0},
                {NPU_DMA_SIZE1_OFFSET, job.size1},
                {NPU_DMA_SIZE2_OFFSET, job.size2},
                {NPU_DMA_DRAM_STRIDE1_OFFSET, job.dram_stride1},
                {NPU_DMA_DRAM_STRIDE2_OFFSET, job.dram_stride2},
                {NPU_DMA_SPAD_STRIDE1_OFFSET, job.spad_stride1},
                {NPU_DMA_SPAD_STRIDE2_OFFSET, job.spad_stride2},
                {NPU_DMA_PAD_OFFSET, pad},
                {NPU_DMA_PAD_VALUE_OFFSET, job.pad_value},
                {NPU_DMA_TOKENS_OFFSET, 0x00068001}});
    expect_fence();
    expect_write(base + NPU_DMA_START_OFFSET, start);
  }

  void expect_refused(npu_dma_unit_t unit, const npu_dma_job_t& job) {
    EXPECT_EQ(npu_dma_start(&npu_, unit, &job), NPU_BAD_ARGUMENT);  // and no access
  }
};

TEST_F(NpuDma, LoadWritesEveryJobRegisterThenStart) {
  const npu_dma_job_t job = load_job();
  expect_start(NPU_DMA_LOAD_BASE, job, 0xFF030201, NPU_DMA_START_GO_MASK);
  EXPECT_EQ(npu_dma_start(&npu_, NPU_DMA_LOAD, &job), NPU_OK);
}

TEST_F(NpuDma, StoreGoesToItsOwnUnit) {
  npu_dma_job_t job = load_job();
  job.pad = {};
  job.irq = true;
  expect_start(NPU_DMA_STORE_BASE, job, 0, NPU_DMA_START_GO_MASK | NPU_DMA_START_IRQ_MASK);
  EXPECT_EQ(npu_dma_start(&npu_, NPU_DMA_STORE, &job), NPU_OK);
}

TEST_F(NpuDma, AcceptsAnAllPaddingBlock) {
  npu_dma_job_t job = load_job();
  job.size1 = 0, job.size2 = 0;
  expect_start(NPU_DMA_LOAD_BASE, job, 0xFF030201, NPU_DMA_START_GO_MASK);
  EXPECT_EQ(npu_dma_start(&npu_, NPU_DMA_LOAD, &job), NPU_OK);
}

TEST_F(NpuDma, RefusesAStoreWithPadding) {
  npu_dma_job_t job = load_job();
  job.pad = {0, 0, 0, 1};
  expect_refused(NPU_DMA_STORE, job);
}

TEST_F(NpuDma, RefusesValuesThatDoNotFitTheirRegister) {
  struct Case {
    const char* name;
    void (*spoil)(npu_dma_job_t*);
  };
  const Case cases[] = {
      {"region", [](npu_dma_job_t* job) { job->region = 8; }},
      {"spad_addr", [](npu_dma_job_t* job) { job->spad_addr = 1u << 24; }},
      {"size0 zero", [](npu_dma_job_t* job) { job->size0 = 0; }},
      {"size0", [](npu_dma_job_t* job) { job->size0 = 1u << 24; }},
      {"spad_stride1", [](npu_dma_job_t* job) { job->spad_stride1 = 1u << 24; }},
      {"spad_stride2", [](npu_dma_job_t* job) { job->spad_stride2 = 1u << 24; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    npu_dma_job_t job = load_job();
    test.spoil(&job);
    expect_refused(NPU_DMA_LOAD, job);
  }
  expect_refused(static_cast<npu_dma_unit_t>(2), load_job());
}

TEST_F(NpuDma, WritesNothingWhenBusyOrFaulted) {
  const npu_dma_job_t job = load_job();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);
  expect_read(NPU_DMA_LOAD_BASE + NPU_DMA_STATUS_OFFSET, kUnitFull);
  EXPECT_EQ(npu_dma_start(&npu_, NPU_DMA_LOAD, &job), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_dma_start(&npu_, NPU_DMA_LOAD, &job), NPU_FAULT);
}

TEST_F(NpuDma, WaitReadsTheStatusOfItsUnit) {
  expect_read(NPU_DMA_STORE_BASE + NPU_DMA_STATUS_OFFSET, kUnitRunning);
  EXPECT_EQ(npu_dma_wait(&npu_, NPU_DMA_STORE, 1), NPU_TIMEOUT);
  expect_read(NPU_DMA_LOAD_BASE + NPU_DMA_STATUS_OFFSET, kUnitFree);
  expect_fence();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  EXPECT_EQ(npu_dma_wait(&npu_, NPU_DMA_LOAD, 1), NPU_OK);
}

}  // namespace
}  // namespace systole::drivers
