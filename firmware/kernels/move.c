/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Copies with strides: transposes, slices, concatenations, paddings; through a table: any function
 * of one byte.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"

typedef systole_move_part_t part_t;

static bool part_is_good(const kernel_call_t *call, const part_t *part) {
  const uint32_t elements = kernel_elements(part->dims);
  return part->input < call->input_count && elements != 0 && elements <= call->output_bytes &&
         kernel_strides_fit(part->dims, part->in_strides, part->in_offset,
                            call->inputs[part->input].bytes) &&
         kernel_strides_fit(part->dims, part->out_strides, part->out_offset, call->output_bytes) &&
         (part->bytes_table == 0 || kernel_has_table(call, part->bytes_table, 256, 1));
}

bool kernel_move_check(const kernel_call_t *call) {
  const systole_move_params_t *p = call->params;
  if (!kernel_has_params(call, sizeof(*p)) || p->fill > SYSTOLE_MOVE_NO_FILL ||
      !kernel_has_table(call, p->parts_table, p->part_count, sizeof(part_t))) {
    return false;
  }
  const part_t *parts = kernel_table(call, p->parts_table);
  bool good = true;
  for (uint32_t i = 0; i < p->part_count; i++) {
    good = good && part_is_good(call, &parts[i]);
  }
  return good;
}

static void copy_row(const part_t *part, const uint8_t *in, uint8_t *out) {
  const uint32_t count = part->dims[SYSTOLE_KERNEL_RANK - 1];
  const uint32_t in_step = part->in_strides[SYSTOLE_KERNEL_RANK - 1];
  const uint32_t out_step = part->out_strides[SYSTOLE_KERNEL_RANK - 1];
  if (in_step == 1 && out_step == 1) {
    memcpy(out, in, count);
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    out[i * out_step] = in[i * in_step];
  }
}

static void map_row(const part_t *part, const uint8_t *table, const uint8_t *in, uint8_t *out) {
  const uint32_t count = part->dims[SYSTOLE_KERNEL_RANK - 1];
  const uint32_t in_step = part->in_strides[SYSTOLE_KERNEL_RANK - 1];
  const uint32_t out_step = part->out_strides[SYSTOLE_KERNEL_RANK - 1];
  for (uint32_t i = 0; i < count; i++) {
    out[i * out_step] = table[in[i * in_step]];
  }
}

static void run_part(const kernel_call_t *call, const part_t *part) {
  const uint8_t *in = call->inputs[part->input].data + part->in_offset;
  uint8_t *out = call->output + part->out_offset;
  const uint8_t *table = part->bytes_table ? kernel_table(call, part->bytes_table) : NULL;
  kernel_rows_t rows = {part->dims, part->in_strides, part->out_strides, {0}, 0, 0};
  do {
    if (table != NULL) {
      map_row(part, table, in + rows.a, out + rows.b);
    } else {
      copy_row(part, in + rows.a, out + rows.b);
    }
  } while (kernel_next_row(&rows));
}

void kernel_move_run(const kernel_call_t *call) {
  const systole_move_params_t *p = call->params;
  const part_t *parts = kernel_table(call, p->parts_table);
  if (p->fill != SYSTOLE_MOVE_NO_FILL) {
    memset(call->output, (int)p->fill, call->output_bytes);
  }
  for (uint32_t i = 0; i < p->part_count; i++) {
    run_part(call, &parts[i]);
  }
}
