/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Layers on the RISC-V core: what the NPU cannot do. A kernel gets its inputs, its output and a
 * parameter block that the compiler made (sw/program/kernel_params.h); it knows no model and no
 * backend. Plain integers, and binary32 where the backend computes in it; the same sources compile
 * for the host.
 */
#ifndef SYSTOLE_KERNELS_KERNEL_H
#define SYSTOLE_KERNELS_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define KERNEL_MAX_INPUTS 256u

/* A tensor's bytes; kernel_check does not look at them. */
typedef struct {
  const uint8_t *data;
  uint32_t bytes;
} kernel_input_t;

typedef struct {
  uint32_t kernel;    /* SYSTOLE_KERNEL_... */
  const void *params; /* 4-byte aligned */
  uint32_t params_bytes;
  const kernel_input_t *inputs;
  uint32_t input_count;
  uint8_t *output; /* overlaps no input */
  uint32_t output_bytes;
} kernel_call_t;

/* Whether the kernel exists and its parameters, whatever they are, keep it inside its tensors, its
 * parameter block and a time that is bounded by their sizes. */
bool kernel_check(const kernel_call_t *call);

/* Computes the output. Requires: kernel_check(call). */
void kernel_run(const kernel_call_t *call);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_KERNELS_KERNEL_H */
