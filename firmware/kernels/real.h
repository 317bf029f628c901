/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * binary32: bits and values, rounding to integers. On the core the operations are libgcc's, which
 * round to nearest even as IEEE 754 says.
 */
#ifndef SYSTOLE_KERNELS_REAL_H
#define SYSTOLE_KERNELS_REAL_H

#include <stdint.h>
#include <string.h>

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/* To the nearest integer, ties to even, as a float. */
static inline float nearest(float y) {
  const float shift = 8388608.0f; /* 2^23: sums with it have no fraction bits */
  if (!(y < shift && y > -shift)) {
    return y; /* an integer already, or none at all */
  }
  /* volatile: the compiler may not take the sum and the difference for nothing */
  volatile float sum = y < 0 ? y - shift : y + shift;
  return y < 0 ? sum + shift : sum - shift;
}

/* The same as an integer, limited to +-2^20; NaN gives the lower limit. */
static inline int32_t nearest_code(float y) {
  const float far = 1048576.0f;
  y = y > -far ? y : -far;
  return (int32_t)nearest(y < far ? y : far);
}

/* a * b + c with one rounding, by way of binary64: the product of two binary32 is exact there. The
 * sum may not be, and would be rounded a second time: where that matters, at a tie, its last bit is
 * set by which side of the tie the exact sum is on. */
static inline float fused_multiply_add(float a, float b, float c) {
  const double product = (double)a * (double)b, term = (double)c;
  volatile double sum = product + term;
  const double rounded = sum;
  uint64_t bits;
  memcpy(&bits, &rounded, sizeof(bits));
  if ((bits & 0x1FFFFFFFu) != 0x10000000u) {
    return (float)rounded; /* no tie between two binary32 */
  }
  volatile double back = rounded - product; /* what the sum took of `term` and of `product` */
  volatile double rest = (product - (rounded - back)) + (term - back);
  if (rest != 0) {
    bits += (rest > 0) == (rounded > 0) ? 1 : -1;
  }
  double nudged;
  memcpy(&nudged, &bits, sizeof(nudged));
  return (float)nudged;
}

#endif /* SYSTOLE_KERNELS_REAL_H */
