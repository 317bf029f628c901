/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Two operands, broadcast: requantize(op(a[first], b[second])). The operands' zero points and
 * scales are in the tables.
 */
#include "firmware/kernels/kernel_list.h"
#include "firmware/kernels/kernel_util.h"
#include "firmware/kernels/real.h"
#include "firmware/kernels/requant.h"

#define LAST (SYSTOLE_KERNEL_RANK - 1)

typedef systole_binary_params_t params_t;
typedef systole_binary_part_t part_t;

static bool part_is_good(const kernel_call_t *call, const part_t *part, uint32_t begin) {
  if (part->end <= begin) {
    return false;
  }
  if (part->op == SYSTOLE_BINARY_BYTES) {
    return kernel_has_table(call, part->a_table, 65536, 1);
  }
  return part->op >= SYSTOLE_BINARY_ADD && part->op <= SYSTOLE_BINARY_MUL_FP32 &&
         kernel_has_table(call, part->a_table, 256, sizeof(uint32_t)) &&
         kernel_has_table(call, part->b_table, 256, sizeof(uint32_t)) &&
         part->requant.channel_count == 1 && kernel_requant_check(call, &part->requant, 1);
}

bool kernel_binary_check(const kernel_call_t *call) {
  const params_t *p = call->params;
  if (call->input_count != 2 || !kernel_has_params(call, sizeof(*p)) ||
      kernel_elements(p->dims) != call->output_bytes || call->output_bytes == 0 ||
      !kernel_strides_fit(p->dims, p->a_strides, 0, call->inputs[0].bytes) ||
      !kernel_strides_fit(p->dims, p->b_strides, 0, call->inputs[1].bytes) || p->run == 0 ||
      call->output_bytes % p->run != 0 ||
      !kernel_has_table(call, p->parts_table, p->part_count, sizeof(part_t))) {
    return false;
  }
  const part_t *parts = kernel_table(call, p->parts_table);
  uint32_t end = 0;
  for (uint32_t i = 0; i < p->part_count; i++) {
    if (!part_is_good(call, &parts[i], end)) {
      return false;
    }
    end = parts[i].end;
  }
  return end == p->run;
}

static uint32_t combine(uint32_t op, uint32_t a, uint32_t b) {
  switch (op) {
    case SYSTOLE_BINARY_ADD:
      return a + b;
    case SYSTOLE_BINARY_MUL:
      return a * b;
    case SYSTOLE_BINARY_ADD_FP32:
      return bits_of(float_of(a) + float_of(b));
    default:
      return bits_of(float_of(a) * float_of(b));
  }
}

/* `count` elements of one row under one part. */
static void run_row(const kernel_call_t *call, const part_t *part, const uint8_t *a,
                    const uint8_t *b, uint8_t *out, uint32_t count) {
  const params_t *p = call->params;
  const uint32_t a_step = p->a_strides[LAST], b_step = p->b_strides[LAST];
  if (part->op == SYSTOLE_BINARY_BYTES) {
    const uint8_t *bytes = kernel_table(call, part->a_table);
    for (uint32_t i = 0; i < count; i++) {
      out[i] = bytes[(uint32_t)a[i * a_step] << 8 | b[i * b_step]];
    }
    return;
  }
  const uint32_t *a_table = kernel_table(call, part->a_table);
  const uint32_t *b_table = kernel_table(call, part->b_table);
  const systole_requant_channel_t *channel = kernel_channel(call, &part->requant, 0);
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t acc = combine(part->op, a_table[a[i * a_step]], b_table[b[i * b_step]]);
    out[i] = kernel_requantize(acc, &part->requant, channel);
  }
}

/* Where the next element is in its run. */
typedef struct {
  const part_t *part;
  uint32_t index;
} place_t;

static void advance(const kernel_call_t *call, uint32_t count, place_t *place) {
  const params_t *p = call->params;
  place->index += count;
  if (place->index == p->run) {
    *place = (place_t){kernel_table(call, p->parts_table), 0};
  } else if (place->index == place->part->end) {
    place->part++;
  }
}

void kernel_binary_run(const kernel_call_t *call) {
  const params_t *p = call->params;
  place_t place = {kernel_table(call, p->parts_table), 0};
  kernel_rows_t rows = {p->dims, p->a_strides, p->b_strides, {0}, 0, 0};
  uint8_t *out = call->output;
  do { /* a row may belong to several parts */
    for (uint32_t x = 0; x < p->dims[LAST];) {
      const uint32_t in_part = place.part->end - place.index, in_row = p->dims[LAST] - x;
      const uint32_t count = in_part < in_row ? in_part : in_row;
      run_row(call, place.part, call->inputs[0].data + rows.a + x * p->a_strides[LAST],
              call->inputs[1].data + rows.b + x * p->b_strides[LAST], out, count);
      advance(call, count, &place);
      out += count;
      x += count;
    }
  } while (kernel_next_row(&rows));
}
