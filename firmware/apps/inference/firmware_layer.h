/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Layers that the core computes itself.
 */
#ifndef SYSTOLE_INFERENCE_FIRMWARE_LAYER_H
#define SYSTOLE_INFERENCE_FIRMWARE_LAYER_H

#include <stdbool.h>

#include "firmware/drivers/npu_program.h"

/* Whether the kernels of all firmware layers exist and take their parameters. */
bool firmware_layers_are_good(const npu_program_t *program);

/* Computes firmware layer `layer` of inference `index`. Requires:
 * firmware_layers_are_good(program), and the checks of npu_program.h. */
void firmware_layer_run(const npu_program_t *program, const systole_run_request_t *request,
                        uint32_t index, uint32_t layer);

#endif /* SYSTOLE_INFERENCE_FIRMWARE_LAYER_H */
