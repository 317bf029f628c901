/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The MAC array and the requantization unit, against naive.h.
 */
#include <string.h>

#include "bringup.h"
#include "firmware/drivers/npu_scratchpad.h"
#include "naive.h"

static uint8_t spad[SPAD_BYTES];
static int32_t acc[MAX_POSITIONS * MAX_COLS];
static npu_requant_param_t params[MAX_COLS];

#define BITS_HALF 0x3F000000u    /* 0.5f: every odd accumulator is a tie */
#define BITS_2_POW_9 0x3B000000u /* 2^-9 */

/* A 9x9x3 input in the scratchpad. */
#define WIDTH 9u
#define CHANNELS 3u

/* One test: a MAC array job, then a requantization job over its accumulators. out_channels 0 stands
 * for all columns; both jobs share it, and acc_addr and out_size. */
typedef struct {
  const char *name;
  bool ties; /* weights of 1 and a scale of 0.5 */
  npu_mac_array_job_t mac;
  npu_requant_job_t requant;
} compute_case_t;

#define UINT8_CLAMP \
  { .qmin = 0, .qmax = 255 }
#define INT8_CLAMP \
  { .qmin = -128, .qmax = 127 }

static const compute_case_t kCases[] = {
    {.name = "1x1, raw accumulators",
     .mac = {.k_len = CHANNELS,
             .out_channels = 4,
             .k_loops = {1, 1},
             .out_size = {5, 3},
             .x_stride = CHANNELS,
             .y_stride = WIDTH * CHANNELS,
             .zero_point = {.in_zp = 3},
             .mode = {.wgt_signed = true}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_BYPASS32}}},
    {.name = "3x3 stride 2, all columns, per channel",
     .mac = {.acc_addr = 1,
             .k_len = CHANNELS,
             .k_loops = {3, 3},
             .kx_stride = CHANNELS,
             .ky_stride = WIDTH * CHANNELS,
             .out_size = {4, 4},
             .x_stride = 2 * CHANNELS,
             .y_stride = 2 * WIDTH * CHANNELS,
             .zero_point = {.in_zp = 128, .wgt_zp = -5},
             .mode = {.wgt_signed = true}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_FP32_INT_BIAS},
                 .zero_point = 100,
                 .clamp = UINT8_CLAMP}},
    {.name = "a kernel row at once, signed",
     .mac = {.k_len = 3 * CHANNELS,
             .out_channels = 3,
             .k_loops = {1, 3},
             .ky_stride = WIDTH * CHANNELS,
             .out_size = {7, 7},
             .x_stride = CHANNELS,
             .y_stride = WIDTH * CHANNELS,
             .zero_point = {.in_zp = -128},
             .mode = {.in_signed = true, .wgt_signed = true}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_FP32_FLOAT_BIAS, .out_signed = true},
                 .zero_point = -7,
                 .clamp = INT8_CLAMP}},
    {.name = "several passes, unsigned weights",
     .mac = {.k_len = 2 * WIDTH * CHANNELS + 1,
             .out_channels = 2,
             .k_loops = {1, 1},
             .out_size = {6, 2},
             .x_stride = 1,
             .y_stride = 40,
             .zero_point = {.in_zp = 255, .wgt_zp = 128}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_FP32_INT_BIAS, .per_tensor = true},
                 .zero_point = 128,
                 .clamp = {.qmin = 128, .qmax = 200}}},
    {.name = "a zero point per channel",
     .mac = {.k_len = 20,
             .k_loops = {1, 1},
             .out_size = {8, 1},
             .x_stride = 20,
             .mode = {.wgt_signed = false, .wgt_zp_line = true}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_FP32_FLOAT_BIAS}, .clamp = UINT8_CLAMP}},
    {.name = "ties go to even",
     .ties = true,
     .mac = {.k_len = 1,
             .out_channels = 4,
             .k_loops = {1, 1},
             .out_size = {16, 4},
             .x_stride = 1,
             .y_stride = 16,
             .zero_point = {.in_zp = 128},
             .mode = {.wgt_signed = true}},
     .requant = {.mode = {.arith = NPU_REQUANT_ARITH_FP32_INT_BIAS, .per_tensor = true},
                 .zero_point = 128,
                 .clamp = UINT8_CLAMP}},
};

/* Random data; parameters that bring sums of some ten products into the range of a byte. */
static void make_data(const compute_case_t *test, uint32_t seed) {
  fill_random(spad, SPAD_BYTES, seed);
  fill_random((uint8_t *)params, sizeof(params), seed + 1);
  for (uint32_t n = 0; n < MAX_COLS; n++) {
    bool is_float = test->requant.mode.arith == NPU_REQUANT_ARITH_FP32_FLOAT_BIAS;
    float bias = (float)(int16_t)params[n].bias / 3.0f;
    params[n].mult = test->ties ? BITS_HALF : BITS_2_POW_9 + (params[n].mult & 0xFFFFFF) - 0x800000;
    params[n].bias = test->ties ? 0 : (uint32_t)(int16_t)params[n].bias;
    if (is_float) {
      memcpy(&params[n].bias, &bias, sizeof(bias));
    }
  }
  if (test->ties) {
    memset(spad + SPAD_WGT, 1, 16);
  }
}

static void run_mac(bringup_t *b, const char *name, const npu_mac_array_job_t *job) {
  check_result(b, name, npu_mac_array_start(&b->npu, job), NPU_OK);
  check_result(b, name, npu_mac_array_wait(&b->npu, MAX_POLLS), NPU_OK);
  naive_mac_array(job, b->config.array_cols, spad, acc);
}

static void run_requant(bringup_t *b, const char *name, const npu_requant_job_t *job) {
  check_result(b, name, npu_requant_start(&b->npu, job), NPU_OK);
  check_result(b, name, npu_requant_wait(&b->npu, MAX_POLLS), NPU_OK);
  naive_requant(job, b->config.array_cols, acc, params, spad);
  check_spad(b, name, spad);
}

static npu_requant_job_t requant_after(const compute_case_t *test, const npu_mac_array_job_t *mac) {
  npu_requant_job_t job = test->requant;
  uint32_t bytes = job.mode.arith == NPU_REQUANT_ARITH_BYPASS32 ? 4 : 1;
  job.tag = mac->tag;
  job.acc_addr = mac->acc_addr;
  job.out_addr = SPAD_OUT + 3; /* nothing needs to be aligned */
  job.out_channels = mac->out_channels;
  job.out_size = mac->out_size;
  job.x_stride = bytes * mac->out_channels + 1; /* a hole, which must stay as it is */
  job.y_stride = job.x_stride * mac->out_size.x + 5;
  return job;
}

/* The table is filled by the CPU, or by the job itself from the scratchpad. */
static void give_params(bringup_t *b, npu_requant_job_t *job, bool by_job) {
  if (by_job) {
    job->mode.param_load = true;
    job->param_addr = SPAD_PARAM;
    memcpy(spad + SPAD_PARAM, params, sizeof(params));
    write_spad(b, spad);
  } else {
    check_result(b, "write the parameter table",
                 npu_requant_write_params(&b->npu, 0, params, job->out_channels), NPU_OK);
  }
}

static void test_case(bringup_t *b, const compute_case_t *test, uint32_t index) {
  npu_mac_array_job_t mac = test->mac;
  mac.tag = (uint16_t)index;
  mac.in_addr = SPAD_IN;
  mac.wgt_addr = SPAD_WGT;
  mac.out_channels = mac.out_channels ? mac.out_channels : (uint16_t)b->config.array_cols;
  npu_requant_job_t requant = requant_after(test, &mac);
  make_data(test, 10 + index);
  write_spad(b, spad);
  give_params(b, &requant, index % 2 == 1);
  run_mac(b, test->name, &mac);
  run_requant(b, test->name, &requant);
}

/* Two jobs into the same accumulators: the second adds. */
static void test_accumulate(bringup_t *b) {
  compute_case_t test = kCases[0];
  test.mac.wgt_addr = SPAD_WGT;
  make_data(&test, 30);
  write_spad(b, spad);
  run_mac(b, "first half", &test.mac);
  test.mac.in_addr = WIDTH;
  test.mac.wgt_addr = SPAD_WGT + 12;
  test.mac.mode.accumulate = true;
  run_mac(b, "second half", &test.mac);
  npu_requant_job_t requant = requant_after(&test, &test.mac);
  run_requant(b, "accumulate", &requant);
}

void test_compute(bringup_t *b) {
  for (uint32_t i = 0; i < sizeof(kCases) / sizeof(kCases[0]); i++) {
    test_case(b, &kCases[i], i);
  }
  test_accumulate(b);
}
