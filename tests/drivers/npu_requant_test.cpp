// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_requant.h"

#include "hw/npu/gen/npu_map.h"
#include "hw/requant/gen/requant_regs.hpp"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

class NpuRequant : public MmioTest {
 protected:
  static npu_requant_job_t a_job() {
    npu_requant_job_t job{};
    job.tag = 65535;
    job.acc_addr = 1000;
    job.out_addr = 0x2001;
    job.out_channels = 12;
    job.out_size = {7, 6};
    job.x_stride = 12, job.y_stride = 84;
    job.mode.arith = NPU_REQUANT_ARITH_Q31_SINGLE;
    job.mode.ties_up = true;
    job.mode.overflow = NPU_REQUANT_OVERFLOW_CLAMP_FIRST;
    job.mode.per_tensor = true;
    job.mode.acc_fp32 = true;
    job.zero_point = -128;
    job.clamp = {-128, 127};
    job.aux = 0x3F800000;
    job.avg_count = 49;
    job.param_addr = 0x3000;
    job.tokens = {0x0100, 0x0200};
    return job;
  }

  void expect_idle_poll() {
    expect_read(NPU_REQUANT_BASE + NPU_REQUANT_STATUS_OFFSET, kUnitFree);
    expect_fence();
    expect_read(NPU_SEQUENCER_STATUS_OFFSET, kIdle);
  }
};

TEST_F(NpuRequant, StartWritesEveryJobRegisterThenStart) {
  const npu_requant_job_t job = a_job();
  expect_ready(NPU_REQUANT_BASE);
  expect_job(NPU_REQUANT_BASE, regs::requant::kBlock,
             {{NPU_REQUANT_TAG_OFFSET, 65535},
              {NPU_REQUANT_ACC_ADDR_OFFSET, 1000},
              {NPU_REQUANT_OUT_ADDR_OFFSET, 0x2001},
              {NPU_REQUANT_OUT_CHANNELS_OFFSET, 12},
              {NPU_REQUANT_OUT_SIZE_OFFSET, 0x00060007},
              {NPU_REQUANT_X_STRIDE_OFFSET, 12},
              {NPU_REQUANT_Y_STRIDE_OFFSET, 84},
              {NPU_REQUANT_MODE_OFFSET, 0x800 | 0x200 | 0x80 | 0x20 | 5},
              {NPU_REQUANT_ZERO_POINT_OFFSET, 0x180},
              {NPU_REQUANT_CLAMP_OFFSET, 0x007F0180},
              {NPU_REQUANT_AUX_OFFSET, 0x3F800000},
              {NPU_REQUANT_AVG_COUNT_OFFSET, 49},
              {NPU_REQUANT_PARAM_ADDR_OFFSET, 0x3000},
              {NPU_REQUANT_TOKENS_OFFSET, 0x02000100}});
  expect_write(NPU_REQUANT_BASE + NPU_REQUANT_START_OFFSET, NPU_REQUANT_START_GO_MASK);
  EXPECT_EQ(npu_requant_start(&npu_, &job), NPU_OK);
}

TEST_F(NpuRequant, RefusesValuesThatDoNotFitTheirRegister) {
  using Job = npu_requant_job_t;
  struct Case {
    const char* name;
    void (*spoil)(Job*);
  };
  const Case cases[] = {
      {"out_channels", [](Job* job) { job->out_channels = 0; }},
      {"x", [](Job* job) { job->out_size.x = 0; }},
      {"y", [](Job* job) { job->out_size.y = 0; }},
      {"out_addr", [](Job* job) { job->out_addr = 1u << 24; }},
      {"x_stride", [](Job* job) { job->x_stride = 1u << 24; }},
      {"y_stride", [](Job* job) { job->y_stride = 1u << 24; }},
      {"arith", [](Job* job) { job->mode.arith = 16; }},
      {"overflow", [](Job* job) { job->mode.overflow = 4; }},
      {"zero_point", [](Job* job) { job->zero_point = 256; }},
      {"qmin", [](Job* job) { job->clamp.qmin = -257; }},
      {"qmax", [](Job* job) { job->clamp.qmax = 256; }},
      {"param_addr", [](Job* job) { job->param_addr = 1u << 24; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Job job = a_job();
    test.spoil(&job);
    EXPECT_EQ(npu_requant_start(&npu_, &job), NPU_BAD_ARGUMENT);  // and no access
  }
}

TEST_F(NpuRequant, WritesNothingWhenBusyOrFaulted) {
  const npu_requant_job_t job = a_job();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);
  expect_read(NPU_REQUANT_BASE + NPU_REQUANT_STATUS_OFFSET, kUnitFull);
  EXPECT_EQ(npu_requant_start(&npu_, &job), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_requant_start(&npu_, &job), NPU_FAULT);
}

TEST_F(NpuRequant, ParametersGoToTheTableWordByWord) {
  const npu_requant_param_t params[] = {{1, 2, 3}, {4, 5, 0xFFFFFFFF}};
  expect_ready(NPU_REQUANT_BASE);
  expect_idle_poll();
  const uint32_t entry = NPU_REQUANT_BASE + 0x400 + 126 * 0x10;
  expect_write(entry + 0x00, 1);
  expect_write(entry + 0x04, 2);
  expect_write(entry + 0x08, 3);
  expect_write(entry + 0x10, 4);
  expect_write(entry + 0x14, 5);
  expect_write(entry + 0x18, 0xFFFFFFFF);
  EXPECT_EQ(npu_requant_write_params(&npu_, 126, params, 2), NPU_OK);
}

TEST_F(NpuRequant, RefusesParametersBeyondTheTable) {
  const npu_requant_param_t params[2] = {};
  EXPECT_EQ(npu_requant_write_params(&npu_, 127, params, 2), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_requant_write_params(&npu_, 129, params, 0), NPU_BAD_ARGUMENT);
  EXPECT_EQ(npu_requant_write_params(&npu_, 1, params, 0xFFFFFFFF), NPU_BAD_ARGUMENT);
}

TEST_F(NpuRequant, KeepsTheTableWhileAJobMayReadIt) {
  const npu_requant_param_t param{};
  expect_ready(NPU_REQUANT_BASE);
  expect_read(NPU_REQUANT_BASE + NPU_REQUANT_STATUS_OFFSET, kUnitRunning);
  EXPECT_EQ(npu_requant_write_params(&npu_, 0, &param, 1), NPU_BUSY);
}

TEST_F(NpuRequant, KeepsTheTableAfterAFault) {
  const npu_requant_param_t param{};
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_requant_write_params(&npu_, 0, &param, 1), NPU_FAULT);
}

TEST_F(NpuRequant, WaitReadsTheStatusOfItsUnit) {
  expect_idle_poll();
  EXPECT_EQ(npu_requant_wait(&npu_, 1), NPU_OK);
}

}  // namespace
}  // namespace systole::drivers
