/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The vector unit, against naive.h.
 */
#include <string.h>

#include "bringup.h"
#include "naive.h"

static uint8_t spad[SPAD_BYTES];
static int32_t acc[MAX_POSITIONS * MAX_COLS];
static naive_tables_t tables;

/* A 9x9x3 input in the scratchpad. */
#define WIDTH 9u
#define CHANNELS 3u

static void run_job(bringup_t *b, const char *name, const npu_vector_job_t *job) {
  check_result(b, name, npu_vector_start(&b->npu, job), NPU_OK);
  check_result(b, name, npu_vector_wait(&b->npu, MAX_POLLS), NPU_OK);
}

/* --- MAX_POOL --- */

static void check_pool(bringup_t *b, const char *name, const npu_vector_job_t *job) {
  fill_random(spad, SPAD_BYTES, 40);
  write_spad(b, spad);
  run_job(b, name, job);
  naive_max_pool(job, spad);
  check_spad(b, name, spad);
}

void test_max_pool(bringup_t *b) {
  npu_vector_job_t job = {.in_addr = SPAD_IN,
                          .out_addr = SPAD_OUT,
                          .channels = CHANNELS,
                          .out_size = {4, 4},
                          .in_x_stride = 2 * CHANNELS,
                          .in_y_stride = 2 * WIDTH * CHANNELS,
                          .out_x_stride = CHANNELS,
                          .out_y_stride = 4 * CHANNELS,
                          .window = {2, 2},
                          .kx_stride = CHANNELS,
                          .ky_stride = WIDTH * CHANNELS,
                          .mode = {.op = NPU_VECTOR_OP_MAX_POOL},
                          .clamp = {.qmin = 0, .qmax = 255}};
  check_pool(b, "max pool 2x2", &job);
  job.window.kx = job.window.ky = 3; /* windows overlap */
  job.mode.is_signed = true;
  job.clamp.qmin = -20;
  job.clamp.qmax = 90;
  check_pool(b, "max pool 3x3 signed, clamped", &job);
  job.channels = 100;
  job.out_size = (npu_out_size_t){1, 1};
  check_pool(b, "max pool, one position of 100 channels", &job);
}

/* --- LOOKUP --- */

static void check_lookup(bringup_t *b, const char *name, const npu_vector_job_t *job) {
  fill_random(spad, SPAD_BYTES, job->mode.load_a ? 50 : 51); /* other bytes where A came from */
  write_spad(b, spad);
  run_job(b, name, job);
  naive_lookup(job, &tables, spad);
  check_spad(b, name, spad);
}

void test_lookup(bringup_t *b) {
  npu_vector_job_t job = {.in_addr = SPAD_IN,
                          .out_addr = SPAD_OUT + 1,
                          .channels = WIDTH * CHANNELS,
                          .out_size = {1, WIDTH},
                          .in_y_stride = WIDTH * CHANNELS,
                          .out_y_stride = WIDTH * CHANNELS + 2, /* holes, which must stay */
                          .window = {1, 1},
                          .mode = {.op = NPU_VECTOR_OP_LOOKUP, .load_a = true},
                          .clamp = {.qmin = 0, .qmax = 255},
                          .table_addr = SPAD_PARAM};
  check_lookup(b, "lookup", &job);
  job.mode.load_a = false;
  check_lookup(b, "lookup in the table of the job before", &job);
  job.mode.is_signed = true;
  job.clamp.qmin = -100;
  job.clamp.qmax = 0;
  check_lookup(b, "lookup signed, clamped", &job);
}

/* --- ADD, MUL, ADD_FP32, MUL_FP32 --- */

/* Random bytes; behind SPAD_PARAM tables of any words, or of binary32 numbers from 2^-31 to 2. */
static void make_operands(uint8_t op) {
  const bool is_float = op == NPU_VECTOR_OP_ADD_FP32 || op == NPU_VECTOR_OP_MUL_FP32;
  fill_random(spad, SPAD_BYTES, 60u + op);
  for (uint32_t at = SPAD_PARAM; is_float && at < SPAD_BYTES; at += 4) {
    spad[at + 3] = (spad[at + 3] & 0x8F) | 0x30;
  }
}

/* Brings the job's accumulators to the scratchpad, there and in the copy. */
static void store_raw(bringup_t *b, const char *name, const npu_vector_job_t *job) {
  const npu_requant_job_t raw = {.acc_addr = job->acc_addr,
                                 .out_addr = SPAD_OUT,
                                 .out_channels = job->channels,
                                 .out_size = job->out_size,
                                 .x_stride = 4u * job->channels,
                                 .y_stride = 4u * job->channels * job->out_size.x,
                                 .mode = {.arith = NPU_REQUANT_ARITH_BYPASS32}};
  check_result(b, name, npu_requant_start(&b->npu, &raw), NPU_OK);
  check_result(b, name, npu_requant_wait(&b->npu, MAX_POLLS), NPU_OK);
  naive_requant(&raw, b->config.array_cols, acc, NULL, spad);
}

static void check_arithmetic(bringup_t *b, const char *name, const npu_vector_job_t *job) {
  make_operands(job->mode.op);
  write_spad(b, spad);
  run_job(b, name, job);
  naive_arithmetic(job, b->config.array_cols, &tables, spad, acc);
  store_raw(b, name, job);
  check_spad(b, name, spad);
}

void test_arithmetic(bringup_t *b) {
  npu_vector_job_t job = {.in_addr = SPAD_IN + 1,
                          .channels = CHANNELS,
                          .out_size = {WIDTH, 7},
                          .in_x_stride = CHANNELS,
                          .in_y_stride = WIDTH * CHANNELS,
                          .window = {1, 1},
                          .mode = {.op = NPU_VECTOR_OP_ADD, .load_a = true, .load_b = true},
                          .in2_addr = SPAD_WGT,
                          .in2_x_stride = CHANNELS,
                          .in2_y_stride = WIDTH * CHANNELS,
                          .table_addr = SPAD_PARAM,
                          .acc_addr = 1};
  check_arithmetic(b, "add", &job);
  job.mode.op = NPU_VECTOR_OP_MUL;
  check_arithmetic(b, "multiply", &job);
  job.mode.op = NPU_VECTOR_OP_ADD_FP32;
  check_arithmetic(b, "add binary32", &job);
  job.mode.op = NPU_VECTOR_OP_MUL_FP32;
  job.in2_x_stride = job.in2_y_stride = 0; /* the same second operand everywhere */
  check_arithmetic(b, "multiply binary32 by a pixel", &job);
  job.in2_x_stride = 1;
  job.mode.in2_splat = true;
  job.mode.load_a = false;
  check_arithmetic(b, "multiply binary32 by a byte", &job);
}
