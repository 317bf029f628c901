// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "firmware/drivers/npu_vector.h"

#include "hw/npu/gen/npu_map.h"
#include "hw/vector/gen/vector_regs.hpp"
#include "tests/drivers/mock_mmio.h"

namespace systole::drivers {
namespace {

class NpuVector : public MmioTest {
 protected:
  static npu_vector_job_t a_job() {
    npu_vector_job_t job{};
    job.tag = 9;
    job.in_addr = 0x10, job.out_addr = 0x20;
    job.channels = 33;
    job.out_size = {14, 13};
    job.in_x_stride = 66, job.in_y_stride = 1848;
    job.out_x_stride = 33, job.out_y_stride = 462;
    job.window = {2, 3};
    job.kx_stride = 34, job.ky_stride = 924;
    job.mode = {NPU_VECTOR_OP_MUL_FP32, true, true, false, true};
    job.clamp = {-5, 100};
    job.in2_addr = 0x30, job.in2_x_stride = 17, job.in2_y_stride = 99;
    job.table_addr = 0x4000;
    job.acc_addr = 1000;
    job.tokens = {4, 8};
    job.irq = true;
    return job;
  }
};

TEST_F(NpuVector, StartWritesEveryJobRegisterThenStart) {
  const npu_vector_job_t job = a_job();
  expect_ready(NPU_VECTOR_BASE);
  expect_job(NPU_VECTOR_BASE, regs::vector::kBlock,
             {{NPU_VECTOR_TAG_OFFSET, 9},
              {NPU_VECTOR_IN_ADDR_OFFSET, 0x10},
              {NPU_VECTOR_OUT_ADDR_OFFSET, 0x20},
              {NPU_VECTOR_CHANNELS_OFFSET, 33},
              {NPU_VECTOR_OUT_SIZE_OFFSET, 0x000D000E},
              {NPU_VECTOR_IN_X_STRIDE_OFFSET, 66},
              {NPU_VECTOR_IN_Y_STRIDE_OFFSET, 1848},
              {NPU_VECTOR_OUT_X_STRIDE_OFFSET, 33},
              {NPU_VECTOR_OUT_Y_STRIDE_OFFSET, 462},
              {NPU_VECTOR_WINDOW_OFFSET, 0x0302},
              {NPU_VECTOR_KX_STRIDE_OFFSET, 34},
              {NPU_VECTOR_KY_STRIDE_OFFSET, 924},
              {NPU_VECTOR_MODE_OFFSET, 0xB0 | NPU_VECTOR_OP_MUL_FP32},
              {NPU_VECTOR_CLAMP_OFFSET, 0x006401FB},
              {NPU_VECTOR_IN2_ADDR_OFFSET, 0x30},
              {NPU_VECTOR_IN2_X_STRIDE_OFFSET, 17},
              {NPU_VECTOR_IN2_Y_STRIDE_OFFSET, 99},
              {NPU_VECTOR_TABLE_ADDR_OFFSET, 0x4000},
              {NPU_VECTOR_ACC_ADDR_OFFSET, 1000},
              {NPU_VECTOR_TOKENS_OFFSET, 0x00080004}});
  expect_write(NPU_VECTOR_BASE + NPU_VECTOR_START_OFFSET,
               NPU_VECTOR_START_GO_MASK | NPU_VECTOR_START_IRQ_MASK);
  EXPECT_EQ(npu_vector_start(&npu_, &job), NPU_OK);
}

TEST_F(NpuVector, RefusesValuesThatDoNotFitTheirRegister) {
  using Job = npu_vector_job_t;
  struct Case {
    const char* name;
    void (*spoil)(Job*);
  };
  const Case cases[] = {
      {"channels", [](Job* job) { job->channels = 0; }},
      {"x", [](Job* job) { job->out_size.x = 0; }},
      {"y", [](Job* job) { job->out_size.y = 0; }},
      {"kx", [](Job* job) { job->window.kx = 0; }},
      {"ky", [](Job* job) { job->window.ky = 0; }},
      {"in_addr", [](Job* job) { job->in_addr = 1u << 24; }},
      {"out_addr", [](Job* job) { job->out_addr = 1u << 24; }},
      {"in_x_stride", [](Job* job) { job->in_x_stride = 1u << 24; }},
      {"in_y_stride", [](Job* job) { job->in_y_stride = 1u << 24; }},
      {"out_x_stride", [](Job* job) { job->out_x_stride = 1u << 24; }},
      {"out_y_stride", [](Job* job) { job->out_y_stride = 1u << 24; }},
      {"kx_stride", [](Job* job) { job->kx_stride = 1u << 24; }},
      {"ky_stride", [](Job* job) { job->ky_stride = 1u << 24; }},
      {"op", [](Job* job) { job->mode.op = 16; }},
      {"qmin", [](Job* job) { job->clamp.qmin = -257; }},
      {"qmax", [](Job* job) { job->clamp.qmax = 256; }},
      {"in2_addr", [](Job* job) { job->in2_addr = 1u << 24; }},
      {"in2_x_stride", [](Job* job) { job->in2_x_stride = 1u << 24; }},
      {"in2_y_stride", [](Job* job) { job->in2_y_stride = 1u << 24; }},
      {"table_addr", [](Job* job) { job->table_addr = 1u << 24; }},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    Job job = a_job();
    test.spoil(&job);
    EXPECT_EQ(npu_vector_start(&npu_, &job), NPU_BAD_ARGUMENT);  // and no access
  }
}

TEST_F(NpuVector, WritesNothingWhenBusyOrFaulted) {
  const npu_vector_job_t job = a_job();
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, 0);
  expect_read(NPU_VECTOR_BASE + NPU_VECTOR_STATUS_OFFSET, kUnitFull);
  EXPECT_EQ(npu_vector_start(&npu_, &job), NPU_BUSY);
  expect_read(NPU_SEQUENCER_STATUS_OFFSET, kFaulted);
  EXPECT_EQ(npu_vector_start(&npu_, &job), NPU_FAULT);
}

TEST_F(NpuVector, WaitReadsTheStatusOfItsUnit) {
  expect_read(NPU_VECTOR_BASE + NPU_VECTOR_STATUS_OFFSET, kUnitRunning);
  EXPECT_EQ(npu_vector_wait(&npu_, 1), NPU_TIMEOUT);
}

}  // namespace
}  // namespace systole::drivers
