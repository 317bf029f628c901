/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/kernels/kernel.h"

#include <stddef.h>

#include "firmware/kernels/kernel_list.h"
#include "sw/program/kernel_params.h"

typedef struct {
  bool (*check)(const kernel_call_t *call);
  void (*run)(const kernel_call_t *call);
} kernel_t;

static const kernel_t kKernels[] = {
    [SYSTOLE_KERNEL_MOVE] = {kernel_move_check, kernel_move_run},
    [SYSTOLE_KERNEL_BINARY] = {kernel_binary_check, kernel_binary_run},
    [SYSTOLE_KERNEL_MAX_POOL] = {kernel_max_pool_check, kernel_max_pool_run},
    [SYSTOLE_KERNEL_AVERAGE_POOL] = {kernel_average_pool_check, kernel_average_pool_run},
    [SYSTOLE_KERNEL_MEAN] = {kernel_mean_check, kernel_mean_run},
    [SYSTOLE_KERNEL_SOFTMAX] = {kernel_softmax_check, kernel_softmax_run},
    [SYSTOLE_KERNEL_RESIZE_NEAREST] = {kernel_resize_nearest_check, kernel_resize_nearest_run},
    [SYSTOLE_KERNEL_RESIZE_BILINEAR] = {kernel_resize_bilinear_check, kernel_resize_bilinear_run},
    [SYSTOLE_KERNEL_RESIZE_BILINEAR_FP32] = {kernel_resize_bilinear_fp32_check,
                                             kernel_resize_bilinear_fp32_run},
    [SYSTOLE_KERNEL_CONV] = {kernel_conv_check, kernel_conv_run},
    [SYSTOLE_KERNEL_AVERAGE_POOL_FP32] = {kernel_average_pool_fp32_check,
                                          kernel_average_pool_fp32_run},
    [SYSTOLE_KERNEL_SOFTMAX_FP32] = {kernel_softmax_fp32_check, kernel_softmax_fp32_run},
    [SYSTOLE_KERNEL_RESIZE_BILINEAR_REAL] = {kernel_resize_bilinear_real_check,
                                             kernel_resize_bilinear_real_run},
    [SYSTOLE_KERNEL_RESIZE_BILINEAR_FUSED] = {kernel_resize_bilinear_fused_check,
                                              kernel_resize_bilinear_fused_run},
    [SYSTOLE_KERNEL_MEAN_FP32] = {kernel_mean_fp32_check, kernel_mean_fp32_run},
    [SYSTOLE_KERNEL_SOFTMAX_SHARES] = {kernel_softmax_shares_check, kernel_softmax_shares_run},
};

bool kernel_check(const kernel_call_t *call) {
  const uint32_t count = sizeof(kKernels) / sizeof(kKernels[0]);
  return call->kernel < count && kKernels[call->kernel].check != NULL && call->input_count >= 1 &&
         call->input_count <= KERNEL_MAX_INPUTS && kKernels[call->kernel].check(call);
}

void kernel_run(const kernel_call_t *call) { kKernels[call->kernel].run(call); }
