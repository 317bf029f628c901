/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What the inference application prints.
 */
#ifndef SYSTOLE_INFERENCE_REPORT_H
#define SYSTOLE_INFERENCE_REPORT_H

#include "firmware/drivers/npu_perf.h"
#include "firmware/drivers/npu_program.h"

/* "inference 3: class 7, 10234 NPU cycles" */
void report_result(uint32_t index, const systole_run_result_t *result);

/* "inference 3: fault SPAD_RANGE in MAC_ARRAY, layer 2 (conv1), info 0x00000014, addr 0x00040000"
 */
void report_fault(uint32_t index, const npu_program_t *program, const npu_fault_t *fault);

/* A line per layer: cycles, MACs and each unit's busy cycles, from the MARK records of one
 * inference (one per layer, in order; counters started from zero). */
void report_layers(const npu_program_t *program, const npu_perf_record_t *records);

/* "refused: the program was compiled for another NPU configuration" and the two of them. */
void report_refusal(npu_program_error_t error);
void report_machines(const systole_program_header_t *header, const npu_config_t *config);

#endif /* SYSTOLE_INFERENCE_REPORT_H */
