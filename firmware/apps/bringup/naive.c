/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Compiled with -ffp-contract=off: the formulas have two roundings where they have two operations.
 */
#include "naive.h"

#include <math.h>
#include <string.h>

static int32_t widen(uint8_t byte, bool is_signed) { return is_signed ? (int8_t)byte : byte; }

static int32_t minimum(int32_t a, int32_t b) { return a < b ? a : b; }
static int32_t maximum(int32_t a, int32_t b) { return a > b ? a : b; }

/* The sum of one output position and channel: over KY, KX and K_LEN. */
static int32_t dot(const npu_mac_array_job_t *job, const uint8_t *in, const uint8_t *wgt,
                   int32_t wgt_zp) {
  uint32_t sum = 0; /* unsigned: it wraps */
  for (uint32_t ky = 0; ky < job->k_loops.ky; ky++) {
    for (uint32_t kx = 0; kx < job->k_loops.kx; kx++) {
      const uint8_t *row = in + ky * job->ky_stride + kx * job->kx_stride;
      for (uint32_t k = 0; k < job->k_len; k++, wgt += job->out_channels) {
        int32_t a = widen(row[k], job->mode.in_signed) - job->zero_point.in_zp;
        int32_t w = widen(*wgt, job->mode.wgt_signed) - wgt_zp;
        sum += (uint32_t)(a * w);
      }
    }
  }
  return (int32_t)sum;
}

static void mac_position(const npu_mac_array_job_t *job, const uint8_t *in, const uint8_t *spad,
                         int32_t *acc) {
  const uint8_t *zp_line = spad + job->wgt_addr;
  const uint8_t *wgt = zp_line + (job->mode.wgt_zp_line ? job->out_channels : 0);
  for (uint32_t n = 0; n < job->out_channels; n++) {
    int32_t wgt_zp =
        job->mode.wgt_zp_line ? widen(zp_line[n], job->mode.wgt_signed) : job->zero_point.wgt_zp;
    uint32_t before = job->mode.accumulate ? (uint32_t)acc[n] : 0;
    acc[n] = (int32_t)(before + (uint32_t)dot(job, in, wgt + n, wgt_zp));
  }
}

void naive_mac_array(const npu_mac_array_job_t *job, uint32_t cols, const uint8_t *spad,
                     int32_t *acc) {
  int32_t *row = acc + job->acc_addr * cols;
  for (uint32_t y = 0; y < job->out_size.y; y++) {
    for (uint32_t x = 0; x < job->out_size.x; x++, row += cols) {
      const uint8_t *in = spad + job->in_addr + y * job->y_stride + x * job->x_stride;
      mac_position(job, in, spad, row);
    }
  }
}

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* Round to nearest even; what does not fit int32 gives INT32_MIN (OVERFLOW X86). */
static int32_t convert(float value) {
  bool fits = value >= -2147483648.0f && value < 2147483648.0f;
  return fits ? (int32_t)lrintf(value) : INT32_MIN;
}

static uint8_t requantize(const npu_requant_job_t *job, int32_t acc,
                          const npu_requant_param_t *param) {
  float scaled = job->mode.arith == NPU_REQUANT_ARITH_FP32_INT_BIAS
                     ? (float)(int32_t)((uint32_t)acc + param->bias) * float_of(param->mult)
                     : ((float)acc + float_of(param->bias)) * float_of(param->mult);
  int64_t output = (int64_t)convert(scaled) + job->zero_point;
  output = output < job->clamp.qmin ? job->clamp.qmin : output;
  output = output > job->clamp.qmax ? job->clamp.qmax : output;
  return (uint8_t)output;
}

void naive_requant(const npu_requant_job_t *job, uint32_t cols, const int32_t *acc,
                   const npu_requant_param_t *table, uint8_t *spad) {
  const int32_t *row = acc + job->acc_addr * cols;
  for (uint32_t y = 0; y < job->out_size.y; y++) {
    for (uint32_t x = 0; x < job->out_size.x; x++, row += cols) {
      uint8_t *out = spad + job->out_addr + y * job->y_stride + x * job->x_stride;
      if (job->mode.arith == NPU_REQUANT_ARITH_BYPASS32) {
        memcpy(out, row, 4u * job->out_channels);
        continue;
      }
      for (uint32_t n = 0; n < job->out_channels; n++) {
        out[n] = requantize(job, row[n], &table[job->mode.per_tensor ? 0 : n]);
      }
    }
  }
}

static uint8_t pool(const npu_vector_job_t *job, const uint8_t *in) {
  int32_t best = INT32_MIN;
  for (uint32_t ky = 0; ky < job->window.ky; ky++) {
    for (uint32_t kx = 0; kx < job->window.kx; kx++) {
      uint8_t byte = in[ky * job->ky_stride + kx * job->kx_stride];
      best = maximum(best, widen(byte, job->mode.is_signed));
    }
  }
  return (uint8_t)minimum(maximum(best, job->clamp.qmin), job->clamp.qmax);
}

void naive_max_pool(const npu_vector_job_t *job, uint8_t *spad) {
  for (uint32_t y = 0; y < job->out_size.y; y++) {
    for (uint32_t x = 0; x < job->out_size.x; x++) {
      const uint8_t *in = spad + job->in_addr + y * job->in_y_stride + x * job->in_x_stride;
      uint8_t *out = spad + job->out_addr + y * job->out_y_stride + x * job->out_x_stride;
      for (uint32_t c = 0; c < job->channels; c++) {
        out[c] = pool(job, in + c);
      }
    }
  }
}

static void load_tables(const npu_vector_job_t *job, naive_tables_t *tables, const uint8_t *spad) {
  const uint8_t *bytes = spad + job->table_addr;
  if (job->mode.load_a) {
    memcpy(tables->a, bytes, sizeof(tables->a));
    bytes += sizeof(tables->a);
  }
  if (job->mode.load_b) {
    memcpy(tables->b, bytes, sizeof(tables->b));
  }
}

void naive_lookup(const npu_vector_job_t *job, naive_tables_t *tables, uint8_t *spad) {
  load_tables(job, tables, spad);
  for (uint32_t y = 0; y < job->out_size.y; y++) {
    for (uint32_t x = 0; x < job->out_size.x; x++) {
      const uint8_t *in = spad + job->in_addr + y * job->in_y_stride + x * job->in_x_stride;
      uint8_t *out = spad + job->out_addr + y * job->out_y_stride + x * job->out_x_stride;
      for (uint32_t c = 0; c < job->channels; c++) {
        int32_t value = widen((uint8_t)tables->a[in[c]], job->mode.is_signed);
        out[c] = (uint8_t)minimum(maximum(value, job->clamp.qmin), job->clamp.qmax);
      }
    }
  }
}

static int32_t bits_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static int32_t combine(uint8_t op, uint32_t a, uint32_t b) {
  switch (op) {
    case NPU_VECTOR_OP_ADD:
      return (int32_t)(a + b);
    case NPU_VECTOR_OP_MUL:
      return (int32_t)(a * b);
    case NPU_VECTOR_OP_ADD_FP32:
      return bits_of(float_of(a) + float_of(b));
    default:
      return bits_of(float_of(a) * float_of(b));
  }
}

void naive_arithmetic(const npu_vector_job_t *job, uint32_t cols, naive_tables_t *tables,
                      const uint8_t *spad, int32_t *acc) {
  load_tables(job, tables, spad);
  int32_t *row = acc + job->acc_addr * cols;
  for (uint32_t y = 0; y < job->out_size.y; y++) {
    for (uint32_t x = 0; x < job->out_size.x; x++, row += cols) {
      const uint8_t *in = spad + job->in_addr + y * job->in_y_stride + x * job->in_x_stride;
      const uint8_t *in2 = spad + job->in2_addr + y * job->in2_y_stride + x * job->in2_x_stride;
      for (uint32_t c = 0; c < job->channels; c++) {
        uint8_t second = in2[job->mode.in2_splat ? 0 : c];
        row[c] = combine(job->mode.op, tables->a[in[c]], tables->b[second]);
      }
    }
  }
}

void naive_load(const npu_dma_job_t *job, uint32_t base, uint8_t *spad) {
  const uint32_t rows = job->pad.before2 + job->size2 + job->pad.after2;
  const uint32_t entries = job->pad.before1 + job->size1 + job->pad.after1;
  for (uint32_t i2 = 0; i2 < rows; i2++) {
    for (uint32_t i1 = 0; i1 < entries; i1++) {
      uint8_t *to = spad + job->spad_addr + i2 * job->spad_stride2 + i1 * job->spad_stride1;
      uint32_t row = i2 - job->pad.before2, entry = i1 - job->pad.before1; /* wrap before 0 */
      if (row < job->size2 && entry < job->size1) {
        uint32_t from = base + job->dram_addr + row * job->dram_stride2 + entry * job->dram_stride1;
        memcpy(to, (const void *)(uintptr_t)from, job->size0);
      } else {
        memset(to, job->pad_value, job->size0);
      }
    }
  }
}

void naive_store(const npu_dma_job_t *job, uint8_t *dram, const uint8_t *spad) {
  for (uint32_t i2 = 0; i2 < job->size2; i2++) {
    for (uint32_t i1 = 0; i1 < job->size1; i1++) {
      memcpy(dram + i2 * job->dram_stride2 + i1 * job->dram_stride1,
             spad + job->spad_addr + i2 * job->spad_stride2 + i1 * job->spad_stride1, job->size0);
    }
  }
}
