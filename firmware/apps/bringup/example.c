/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The example for firmware engineers: a fully connected layer of 8 inputs and 4 outputs, by
 * register writes alone. No command list, no DMA, no interrupt: data goes through the scratchpad
 * window, and the driver polls. Read it from top to bottom; everything else here is a variation.
 */
#include "bringup.h"
#include "firmware/drivers/npu_mac_array.h"
#include "firmware/drivers/npu_requant.h"
#include "firmware/drivers/npu_scratchpad.h"

#define INPUTS 8
#define OUTPUTS 4

/* output[n] = requantize(sum over k of input[k] * weights[k][n]), scaled by `scale` (binary32
 * bits). */
static npu_result_t fully_connected(const npu_t *npu, const uint8_t input[INPUTS],
                                    const int8_t weights[INPUTS][OUTPUTS], uint32_t scale,
                                    uint8_t output[OUTPUTS]) {
  /* 1. Data into the scratchpad; addresses are bytes and multiples of 4. */
  npu_result_t result = npu_scratchpad_write(npu, SPAD_IN, input, INPUTS);
  if (result == NPU_OK) {
    result = npu_scratchpad_write(npu, SPAD_WGT, weights, INPUTS * OUTPUTS);
  }
  /* 2. Multiply and add: one output position, K_LEN inputs, one column per output. */
  if (result == NPU_OK) {
    const npu_mac_array_job_t multiply = {.in_addr = SPAD_IN,
                                          .wgt_addr = SPAD_WGT,
                                          .k_len = INPUTS,
                                          .out_channels = OUTPUTS,
                                          .k_loops = {.kx = 1, .ky = 1},
                                          .out_size = {.x = 1, .y = 1},
                                          .mode = {.wgt_signed = true}};
    result = npu_mac_array_start(npu, &multiply);
  }
  if (result == NPU_OK) {
    result = npu_mac_array_wait(npu, MAX_POLLS);
  }
  /* 3. The scale into entry 0 of the parameter table; PER_TENSOR uses it for every channel. */
  if (result == NPU_OK) {
    const npu_requant_param_t param = {.mult = scale};
    result = npu_requant_write_params(npu, 0, &param, 1);
  }
  /* 4. From 32-bit sums to bytes. A minimum of 0 is a ReLU. */
  if (result == NPU_OK) {
    const npu_requant_job_t requantize = {
        .out_addr = SPAD_OUT,
        .out_channels = OUTPUTS,
        .out_size = {.x = 1, .y = 1},
        .mode = {.arith = NPU_REQUANT_ARITH_FP32_INT_BIAS, .per_tensor = true},
        .clamp = {.qmin = 0, .qmax = 255}};
    result = npu_requant_start(npu, &requantize);
  }
  if (result == NPU_OK) {
    result = npu_requant_wait(npu, MAX_POLLS);
  }
  /* 5. The outputs back out. */
  return result == NPU_OK ? npu_scratchpad_read(npu, SPAD_OUT, output, OUTPUTS) : result;
}

void test_example(bringup_t *b) {
  static const uint8_t kInput[INPUTS] = {1, 2, 3, 4, 5, 6, 7, 255};
  static const int8_t kWeights[INPUTS][OUTPUTS] = {
      {1, -1, 0, 127}, {1, -1, 0, 127}, {1, -1, 0, 127}, {1, -1, 0, 127},
      {1, -1, 0, 127}, {1, -1, 0, 127}, {1, -1, 0, 127}, {0, 0, -1, 127}};
  /* Sums 28, -28, -255, 35941; halved, rounded and clamped: */
  static const uint8_t kWanted[OUTPUTS] = {14, 0, 0, 255};
  const uint32_t half = 0x3F000000;
  uint8_t output[OUTPUTS] = {0};
  check_result(b, "example", fully_connected(&b->npu, kInput, kWeights, half, output), NPU_OK);
  check_bytes(b, "example outputs", output, kWanted, OUTPUTS);
}
