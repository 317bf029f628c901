// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Ordinary compiled code in a loop: arithmetic, memory, calls, branches that depend on data. For
// measuring the interpreter's speed; TURNS makes it longer.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef TURNS
#define TURNS 20
#endif

enum { kCount = 512 };

static uint32_t values[kCount];
static uint8_t bytes[4096];
static uint8_t copy[4096];

static uint32_t random_state = 1;
static uint32_t next_random(void) {
  random_state = random_state * 1664525u + 1013904223u;
  return random_state;
}

static void sort(void) {
  for (unsigned gap = kCount / 2; gap > 0; gap /= 2) {
    for (unsigned i = gap; i < kCount; ++i) {
      const uint32_t value = values[i];
      unsigned j = i;
      for (; j >= gap && values[j - gap] > value; j -= gap) values[j] = values[j - gap];
      values[j] = value;
    }
  }
}

static uint32_t crc(const uint8_t *data, unsigned size) {
  uint32_t state = ~0u;
  for (unsigned i = 0; i < size; ++i) {
    state ^= data[i];
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ (0xedb88320u & (0u - (state & 1)));
  }
  return ~state;
}

static int32_t dot(void) {
  int32_t sum = 0;
  for (unsigned i = 0; i < sizeof bytes; ++i) sum += (int8_t)bytes[i] * (int8_t)copy[i];
  return sum;
}

static uint32_t __attribute__((noinline)) fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

int main(void) {
  uint32_t result = 0;
  for (int turn = 0; turn < TURNS; ++turn) {
    for (unsigned i = 0; i < kCount; ++i) values[i] = next_random();
    for (unsigned i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)(next_random() >> 24);
    sort();
    memcpy(copy, bytes, sizeof copy);
    result = result * 31 + crc(bytes, sizeof bytes) + (uint32_t)dot() + values[kCount / 2] +
             fibonacci(15);
  }
  printf("%08lx\n", (unsigned long)result);
  return 0;
}
