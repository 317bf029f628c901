/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>

#define DECIMAL_SIZE 21 /* 20 digits of 2^64 - 1 and the zero */

/* The decimal digits of `value`; the small printf has no 64-bit numbers. */
static const char *decimal(uint64_t value, char text[DECIMAL_SIZE]) {
  char *digit = text + DECIMAL_SIZE - 1;
  *digit = '\0';
  do {
    *--digit = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return digit;
}

void report_result(uint32_t index, const systole_run_result_t *result) {
  char text[DECIMAL_SIZE];
  uint64_t cycles = ((uint64_t)result->npu_cycles_hi << 32) | result->npu_cycles_lo;
  printf("inference %" PRIu32 ": class %" PRIu32 ", %s NPU cycles\n", index, result->top_index,
         decimal(cycles, text));
}

void report_fault(uint32_t index, const npu_program_t *program, const npu_fault_t *fault) {
  printf("inference %" PRIu32 ": fault %s in %s, layer %" PRIu32 " (%s), info 0x%08" PRIx32
         ", addr 0x%08" PRIx32 "\n",
         index, npu_fault_string(fault->code), npu_unit_string(fault->unit), fault->tag,
         npu_program_layer_name(program, fault->tag), fault->info, fault->addr);
}

static void report_layer(const npu_program_t *program, const npu_perf_record_t *layer) {
  char cycles[DECIMAL_SIZE], macs[DECIMAL_SIZE];
  printf("  %-20.20s %10s %12s %9" PRIu32 " %9" PRIu32 " %9" PRIu32 " %9" PRIu32 " %9" PRIu32 "\n",
         npu_program_layer_name(program, layer->mark_tag),
         decimal(npu_perf_record_cycles(layer), cycles), decimal(npu_perf_record_macs(layer), macs),
         layer->load.busy, layer->mac_array.busy, layer->requant.busy, layer->vector.busy,
         layer->store.busy);
}

void report_layers(const npu_program_t *program, const npu_perf_record_t *records) {
  npu_perf_record_t before = {0};
  printf("  %-20s %10s %12s %9s %9s %9s %9s %9s  (busy cycles per unit)\n", "layer", "cycles",
         "MACs", "load", "mac_array", "requant", "vector", "store");
  for (uint32_t i = 0; i < program->header->layer_count; i++) {
    npu_perf_record_t layer;
    npu_perf_difference(&records[i], &before, &layer);
    report_layer(program, &layer);
    before = records[i];
  }
}

void report_refusal(npu_program_error_t error) {
  printf("refused: %s\n", npu_program_error_string(error));
}

void report_machines(const systole_program_header_t *header, const npu_config_t *config) {
  printf("  program: %" PRIu32 "x%" PRIu32 " array, %" PRIu32 " accumulator rows, %" PRIu32
         " bytes in %" PRIu32 " banks\n",
         header->array_rows, header->array_cols, header->acc_rows, header->spad_bytes,
         header->spad_banks);
  printf("  NPU:     %" PRIu32 "x%" PRIu32 " array, %" PRIu32 " accumulator rows, %" PRIu32
         " bytes in %" PRIu32 " banks\n",
         config->array_rows, config->array_cols, config->acc_rows, config->spad_bytes,
         config->spad_banks);
}
