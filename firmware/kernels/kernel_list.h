/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Each kernel's two functions, as kernel.h describes them.
 */
#ifndef SYSTOLE_KERNELS_KERNEL_LIST_H
#define SYSTOLE_KERNELS_KERNEL_LIST_H

#include "firmware/kernels/kernel.h"

bool kernel_move_check(const kernel_call_t *call);
void kernel_move_run(const kernel_call_t *call);

bool kernel_binary_check(const kernel_call_t *call);
void kernel_binary_run(const kernel_call_t *call);

bool kernel_max_pool_check(const kernel_call_t *call);
void kernel_max_pool_run(const kernel_call_t *call);

bool kernel_average_pool_check(const kernel_call_t *call);
void kernel_average_pool_run(const kernel_call_t *call);

bool kernel_mean_check(const kernel_call_t *call);
void kernel_mean_run(const kernel_call_t *call);

bool kernel_softmax_check(const kernel_call_t *call);
void kernel_softmax_run(const kernel_call_t *call);

bool kernel_resize_nearest_check(const kernel_call_t *call);
void kernel_resize_nearest_run(const kernel_call_t *call);

bool kernel_resize_bilinear_check(const kernel_call_t *call);
void kernel_resize_bilinear_run(const kernel_call_t *call);

bool kernel_resize_bilinear_fp32_check(const kernel_call_t *call);
void kernel_resize_bilinear_fp32_run(const kernel_call_t *call);

bool kernel_conv_check(const kernel_call_t *call);
void kernel_conv_run(const kernel_call_t *call);

bool kernel_average_pool_fp32_check(const kernel_call_t *call);
void kernel_average_pool_fp32_run(const kernel_call_t *call);

bool kernel_softmax_fp32_check(const kernel_call_t *call);
void kernel_softmax_fp32_run(const kernel_call_t *call);

bool kernel_resize_bilinear_real_check(const kernel_call_t *call);
void kernel_resize_bilinear_real_run(const kernel_call_t *call);

bool kernel_resize_bilinear_fused_check(const kernel_call_t *call);
void kernel_resize_bilinear_fused_run(const kernel_call_t *call);

bool kernel_mean_fp32_check(const kernel_call_t *call);
void kernel_mean_fp32_run(const kernel_call_t *call);

bool kernel_softmax_shares_check(const kernel_call_t *call);
void kernel_softmax_shares_run(const kernel_call_t *call);

#endif /* SYSTOLE_KERNELS_KERNEL_LIST_H */
