// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_mac_array.h"

#include "hw/mac_array/gen/mac_array_regs.h"
#include "hw/mac_array/gen/mac_array_regs.hpp"
#include "hw/npu/gen/npu_map.h"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

class NpuMacArray : public MmioTest {
 protected:
  static npu_mac_array_job_t a_job() {
    npu_mac_array_job_t job{};
    job.tag = 3;
    job.in_addr = 0x100;
    job.wgt_addr = 0xFFFFFF;
    job.acc_addr = 17;
    job.k_len = 64;
    job.out_channels = 16;
    job.k_loops = {3, 5};
    job.kx_stride = 8, job.ky_stride = 240;
    job.out_size = {28, 2};
    job.x_stride = 9, job.y_stride = 250;
    job.zero_point = {255, -128};
    job.mode.wgt_signed = true;
    job.mode.wgt_zp_line = true;
    job.tokens = {1, 2};
    return job;
  }

  void expect_start(const npu_mac_array_job_t& job, uint32_t zero_point, uint32_t mode,
                    uint32_t start) {
    expect_ready(NPU_MAC_ARRAY_BASE);
    expect_job(NPU_MAC_ARRAY_BASE, regs::mac_array::kBlock,
               {{NPU_MAC_ARRAY_TAG_OFFSET, job.tag},
                {NPU_MAC_ARRAY_IN_ADDR_OFFSET, job.in_addr},
                {NPU_MAC_ARRAY_WGT_ADDR_OFFSET, job.wgt_addr},
                {NPU_MAC_ARRAY_ACC_ADDR_OFFSET, job.acc_addr},
                {NPU_MAC_ARRAY_K_LEN_OFFSET, job.k_len},
                {NPU_MAC_ARRAY_OUT_CHANNELS_OFFSET, job.out_channels},
                {NPU_MAC_ARRAY_K_LOOPS_OFFSET, 0x0503},
                {NPU_MAC_ARRAY_KX_STRIDE_OFFSET, job.kx_stride},
                {NPU_MAC_ARRAY_KY_STRIDE_OFFSET, job.ky_stride},
                {NPU_MAC_ARRAY_OUT_SIZE_OFFSET, 0x0002001C},
                {NPU_MAC_ARRAY_X_STRIDE_OFFSET, job.x_stride},
                {NPU_MAC_ARRAY_Y_STRIDE_OFFSET, job.y_stride},
                {NPU_MAC_ARRAY_ZERO_POINT_OFFSET, zero_point},
                {NPU_MAC_ARRAY_MODE_OFFSET, mode},
                {NPU_MAC_ARRAY_TOKENS_OFFSET, 0x00020001}});
    expect_write(NPU_MAC_ARRAY_BASE + NPU_MAC_ARRAY_START_OFFSET, start);
  }
};

TEST_F(NpuMacArray, StartWritesEveryJobRegisterThenStart) {
  const npu_mac_array_job_t job = a_job();
  expect_start(job, 0x018000FF, 0b1010, NPU_MAC_ARRAY_START_GO_MASK);
  EXPECT_EQ(npu_mac_array_start(&npu_, &job), NPU_OK);
}

TEST_F(NpuMacArray, NegativeZeroPointsKeepToTheirField) {
  npu_mac_array_job_t job = a_job();
  job.zero_point = {-256, -1};
  job.mode = {true, false, true, false};
  job.irq = true;
  expect_start(job, 0x01FF0100, 0b0101, NPU_MAC_ARRAY_START_GO_MASK | NPU_MAC_ARRAY_START_IRQ_MASK);
  EXPECT_EQ(npu_mac_array_start(&npu_, &job), NPU_OK);
}

TEST_F(NpuMacArray, RefusesValuesThatDoNotFitTheirRegister) {
  using Job = npu_mac_array_job_t;
  struct Case {
    const char* name;
    void (*spoil)(Job*);
  };
  const Case cases[] = {
      {"in_addr", [](Job* job) { job->in_addr = 1u << 24; }},
      {"wgt_addr", [](Job* job) { job->wgt_addr = 1u << 24; }},
      {"k_len", [](Job* job) { job->k_len = 0; }},
      {"out_channels", [](Job* job) { job->out_channels = 0; }},
      {"kx", [](Job* job) { job->k_loops.kx = 0; }},
      {"ky", [](Job* job) { job->k_loops.ky = 0; }},
      {"x", [](Job* job) { job->out_size.x = 0; }},
      {"y", [](Job* job) { job->out_size.y = 0; }},
      {"kx_stride", [](Job* job) { job->kx_stride = 1u << 24; }},
      {"ky_stride", [](Job* job) { job->ky_stride = 1u << 24; }},
      {"x_stride", [](Job* job) { job->x_stride = 1u << 24; }},
      {"y_stride", [](Job* job) { job->y_stride = 1u << 24; }},
      {"in_zp high", [](Job* job) { job->zero_point.in_zp = 256; }},
      {"in_zp low", [](Job* job) { job->zero_point.in_zp = -257; }},
      {"wgt_zp high", [](Job* job) { job->zero_point.wgt_zp = 256; }},
      {"wgt_zp low", [](Job* job) { job->zero_point.wgt_zp = -257; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Job job = a_job();
    test.spoil(&job);
    EXPECT_EQ(npu_mac_array_start(&npu_, &job), NPU_BAD_ARGUMENT);  // and no access
  }
}

TEST_F(NpuMacArray, WritesNothingWhenBusyOrFaulted) {
  const npu_mac_array_job_t job = a_job();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kPlaying);
  EXPECT_EQ(npu_mac_array_start(&npu_, &job), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_mac_array_start(&npu_, &job), NPU_FAULT);
}

TEST_F(NpuMacArray, WaitReadsTheStatusOfItsUnit) {
  expect_read(NPU_MAC_ARRAY_BASE + NPU_MAC_ARRAY_STATUS_OFFSET, kUnitFree);
  expect_fence();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  EXPECT_EQ(npu_mac_array_wait(&npu_, 1), NPU_OK);
}

}  // namespace
}  // namespace systole::drivers
