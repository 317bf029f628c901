/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What a firmware kernel is told: its parameter block in the constants of a program image. Plain C,
 * shared by the compiler, which makes the tables, and the kernels (firmware/kernels), which only
 * look them up. Everything is 32-bit words, little-endian. A `..._table` is where a table begins,
 * in bytes from the start of the block, a multiple of 4; 0: there is none.
 *
 * Tensors are dense and row-major. Strides are in elements (bytes) of the operand; 0 repeats it.
 * Shapes are filled with ones in front up to SYSTOLE_KERNEL_RANK dimensions, strides with zeros.
 */
#ifndef SYSTOLE_KERNEL_PARAMS_H
#define SYSTOLE_KERNEL_PARAMS_H

#include <stdint.h>

#define SYSTOLE_KERNEL_MOVE 1u
#define SYSTOLE_KERNEL_BINARY 2u
#define SYSTOLE_KERNEL_MAX_POOL 3u
#define SYSTOLE_KERNEL_AVERAGE_POOL 4u
#define SYSTOLE_KERNEL_MEAN 5u
#define SYSTOLE_KERNEL_SOFTMAX 6u
#define SYSTOLE_KERNEL_RESIZE_NEAREST 7u
#define SYSTOLE_KERNEL_RESIZE_BILINEAR 8u
#define SYSTOLE_KERNEL_RESIZE_BILINEAR_FP32 9u
#define SYSTOLE_KERNEL_CONV 10u
#define SYSTOLE_KERNEL_AVERAGE_POOL_FP32 11u
#define SYSTOLE_KERNEL_SOFTMAX_FP32 12u
#define SYSTOLE_KERNEL_RESIZE_BILINEAR_REAL 13u
#define SYSTOLE_KERNEL_RESIZE_BILINEAR_FUSED 14u
#define SYSTOLE_KERNEL_MEAN_FP32 15u
#define SYSTOLE_KERNEL_SOFTMAX_SHARES 16u

#define SYSTOLE_KERNEL_RANK 6

/* Requantization, as the NPU's unit does it (hw/requant/requant.rdl has the values of `mode` and
 * `overflow`). */
typedef struct {
  uint32_t mode;
  uint32_t overflow;
  uint32_t flags; /* SYSTOLE_REQUANT_... */
  int32_t zero_point;
  int32_t qmin; /* inclusive clamp */
  int32_t qmax;
  uint32_t aux;            /* binary32 bits */
  uint32_t channels_table; /* systole_requant_channel_t[channel_count] */
  uint32_t channel_count;  /* 1: for all; else one per index of the output's last axis */
} systole_requant_params_t;

#define SYSTOLE_REQUANT_ZP_FIRST 1u
#define SYSTOLE_REQUANT_TIES_UP 2u
#define SYSTOLE_REQUANT_ACC_FP32 4u /* the accumulator's bits are a binary32 */

typedef struct {
  uint32_t mult;
  uint32_t bias;
  int32_t shift;
} systole_requant_channel_t;

/* MOVE: copies, part by part, perhaps through a table of 256 bytes. */
typedef struct {
  uint32_t input; /* which of the layer's inputs */
  uint32_t bytes_table;
  uint32_t dims[SYSTOLE_KERNEL_RANK];
  uint32_t in_offset;
  uint32_t in_strides[SYSTOLE_KERNEL_RANK];
  uint32_t out_offset;
  uint32_t out_strides[SYSTOLE_KERNEL_RANK];
} systole_move_part_t;

typedef struct {
  uint32_t fill; /* the output's bytes before the first part; SYSTOLE_MOVE_NO_FILL: undefined */
  uint32_t parts_table; /* systole_move_part_t[part_count] */
  uint32_t part_count;
} systole_move_params_t;

#define SYSTOLE_MOVE_NO_FILL 256u

/* BINARY: out = requantize(op(a[first input], b[second input])), broadcast. The output is a
 * sequence of runs; the parts cover each run without gaps: where a backend's vector loop ends,
 * another formula may begin. */
typedef struct {
  uint32_t end;     /* in a run; the next part begins there */
  uint32_t op;      /* SYSTOLE_BINARY_... */
  uint32_t a_table; /* uint32_t[256], by the operand's byte */
  uint32_t b_table;
  systole_requant_params_t requant;
} systole_binary_part_t;

#define SYSTOLE_BINARY_ADD 1u /* int32, wrapping */
#define SYSTOLE_BINARY_ADD_FP32 2u
#define SYSTOLE_BINARY_MUL 3u
#define SYSTOLE_BINARY_MUL_FP32 4u
#define SYSTOLE_BINARY_BYTES 5u /* a_table: uint8_t[65536], the output by 256 * a + b */

typedef struct {
  uint32_t dims[SYSTOLE_KERNEL_RANK]; /* of the output */
  uint32_t a_strides[SYSTOLE_KERNEL_RANK];
  uint32_t b_strides[SYSTOLE_KERNEL_RANK];
  uint32_t run;         /* elements of one; divides the output's */
  uint32_t parts_table; /* systole_binary_part_t[part_count] */
  uint32_t part_count;
} systole_binary_params_t;

/* A window over an image {height, width, channels}. */
typedef struct {
  uint32_t in_h, in_w, in_c;
  uint32_t out_h, out_w, out_c;
  uint32_t kernel_h, kernel_w;
  uint32_t stride_h, stride_w;
  uint32_t dilation_h, dilation_w;
  uint32_t pad_top, pad_left;
} systole_window_t;

/* MAX_POOL */
typedef struct {
  systole_window_t window;
  uint32_t is_signed;
  int32_t qmin; /* inclusive clamp */
  int32_t qmax;
} systole_max_pool_params_t;

/* AVERAGE_POOL: requantize(sum of the codes inside the image + correction). */
typedef struct {
  uint32_t count; /* of the pixels inside the image that this case is for */
  int32_t correction;
  systole_requant_params_t requant;
} systole_average_case_t;

typedef struct {
  systole_window_t window;
  uint32_t is_signed;
  uint32_t cases_table; /* systole_average_case_t[case_count]: one for each count that occurs */
  uint32_t case_count;
} systole_average_pool_params_t;

/* AVERAGE_POOL_FP32: round(sum of reals / count / scale + zero_point), one binary32 operation after
 * the other; the sum from the window's first pixel on, row by row. */
typedef struct {
  systole_window_t window;
  uint32_t reals_table; /* binary32 bits [256], by the pixel's byte */
  uint32_t divisor;     /* 0: the pixels inside the image */
  uint32_t scale;       /* binary32 bits */
  int32_t zero_point;
  int32_t qmin; /* inclusive clamp */
  int32_t qmax;
} systole_average_pool_fp32_params_t;

/* MEAN: requantize(sum over the reduced axes + correction). */
typedef struct {
  uint32_t dims[SYSTOLE_KERNEL_RANK]; /* of the output */
  uint32_t strides[SYSTOLE_KERNEL_RANK];
  uint32_t reduced_dims[SYSTOLE_KERNEL_RANK];
  uint32_t reduced_strides[SYSTOLE_KERNEL_RANK];
  uint32_t is_signed;
  int32_t correction;
  systole_requant_params_t requant;
} systole_mean_params_t;

/* MEAN_FP32: round(sum of reals / pixels / scale) + zero_point of each channel, one binary32
 * operation after the other. The sum is that of SSE code on one channel after the other in memory:
 * section 7.7 of docs/arithmetic.md. */
typedef struct {
  uint32_t pixels;
  uint32_t channels;
  uint32_t reals_table; /* binary32 bits [256], by the pixel's byte */
  uint32_t scale;       /* binary32 bits */
  int32_t zero_point;
  int32_t qmin; /* inclusive clamp */
  int32_t qmax;
} systole_mean_fp32_params_t;

/* SOFTMAX: TensorFlow Lite's fixed point, along the last axis. */
typedef struct {
  uint32_t rows;
  uint32_t depth;
  uint32_t is_signed;
  int32_t smallest; /* the output's code for 0 */
  int32_t qmin;     /* inclusive clamp */
  int32_t qmax;
  uint32_t exponentials_table; /* int32_t[exponentials], Q31: of 0, -1, -2, ... codes */
  uint32_t exponentials;       /* 1 to 256; what is farther from the maximum counts as 0 */
} systole_softmax_params_t;

/* SOFTMAX_FP32: round(exponential * levels / sum) + zero_point, limited to 255 from above; one
 * binary32 operation after the other. */
typedef struct {
  uint32_t rows;
  uint32_t depth;
  uint32_t is_signed; /* the input */
  int32_t zero_point;
  uint32_t levels;             /* binary32 bits */
  uint32_t exponentials_table; /* binary32 bits [256], by the distance to the row's maximum */
} systole_softmax_fp32_params_t;

/* SOFTMAX_SHARES: exponential * 256 / sum in integers, ties up, at most 255. */
typedef struct {
  uint32_t rows;
  uint32_t depth;
  uint32_t is_signed; /* the input */
  int32_t qmin;       /* inclusive clamp */
  int32_t qmax;
  uint32_t exponentials_table; /* uint32_t[256], by the distance to the row's maximum */
} systole_softmax_shares_params_t;

/* RESIZE_NEAREST: out(y, x) = in(rows[y], columns[x]). */
typedef struct {
  uint32_t in_h, in_w, channels;
  uint32_t out_h, out_w;
  uint32_t rows_table;    /* uint32_t[out_h] */
  uint32_t columns_table; /* uint32_t[out_w] */
  uint32_t bytes_table;   /* of 256 bytes, as in MOVE */
} systole_resize_nearest_params_t;

/* RESIZE_BILINEAR...: the four pixels around an output pixel, weighted. Weights are in units of
 * 2^-unit_bits (RESIZE_BILINEAR) or binary32 bits.
 * RESIZE_BILINEAR: in integers.
 * ..._FP32: codes times two weights, added up, plus a half, truncated.
 * ..._REAL: real values times the product of the weights, added up, divided by the scale.
 * ..._FUSED: along rows, then between them, by fused multiply-adds; then rounded as a distance to
 * the zero point. */
typedef struct {
  uint32_t lower, upper; /* input indices */
  uint32_t lower_weight, upper_weight;
} systole_between_t;

typedef struct {
  uint32_t in_h, in_w, channels;
  uint32_t out_h, out_w;
  uint32_t is_signed;
  int32_t qmin; /* inclusive clamp */
  int32_t qmax;
  int32_t zero_point;     /* ties_even, ..._REAL, ..._FUSED */
  uint32_t rows_table;    /* systole_between_t[out_h] */
  uint32_t columns_table; /* systole_between_t[out_w] */
  uint32_t unit_bits;     /* RESIZE_BILINEAR: 1 to 10 */
  uint32_t ties_even;     /* RESIZE_BILINEAR: of the distance to the zero point; else ties away */
  uint32_t reals_table;   /* ..._REAL: binary32 bits [256], by the pixel's byte */
  uint32_t scale;         /* ..._REAL: binary32 bits */
  uint32_t loop_channels; /* ..._FUSED: of these the second product is fused, else the first */
} systole_resize_bilinear_params_t;

/* CONV: also fully connected layers. Accumulators are sums of (x - input zero point) * weight. */
typedef struct {
  systole_window_t window;
  uint32_t groups;
  uint32_t is_signed;
  int32_t input_zero_point;
  uint32_t weights_table; /* int16_t[out_c][kernel_h][kernel_w][in_c / groups], zero points gone */
  systole_requant_params_t requant;
} systole_conv_params_t;

#endif /* SYSTOLE_KERNEL_PARAMS_H */
