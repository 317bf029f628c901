/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * What the tests of the bring-up program share.
 */
#ifndef SYSTOLE_BRINGUP_H
#define SYSTOLE_BRINGUP_H

#include "firmware/drivers/npu.h"
#include "firmware/drivers/npu_job.h"

#define MAX_POLLS 100000u

/* The tests work in the first bytes of the scratchpad and keep a copy of them in memory, on which
 * the plain C of naive.h does what the NPU does in the scratchpad. */
#define SPAD_BYTES 8192u
#define SPAD_IN 0u
#define SPAD_WGT 2048u
#define SPAD_OUT 4096u
#define SPAD_PARAM 6144u

/* Largest output of a test in positions, and the most columns an array may have. */
#define MAX_POSITIONS 64u
#define MAX_COLS 128u

typedef struct {
  npu_t npu;
  npu_config_t config;
  npu_job_t job; /* for command lists */
  uint32_t passed;
  uint32_t failed;
  volatile uint32_t irq_causes; /* what the interrupt handler has seen and acknowledged */
} bringup_t;

/* Counts, and prints the name of what failed. Returns `good`. */
bool check(bringup_t *b, const char *name, bool good);

/* Checks that a driver call gave `wanted`. */
bool check_result(bringup_t *b, const char *name, npu_result_t seen, npu_result_t wanted);

/* Checks `bytes` bytes; prints the first difference. */
bool check_bytes(bringup_t *b, const char *name, const uint8_t *seen, const uint8_t *wanted,
                 uint32_t bytes);

/* Fills with numbers that look random and are the same in every run. */
void fill_random(uint8_t *data, uint32_t bytes, uint32_t seed);

/* Copies SPAD_BYTES to the scratchpad through the window, and compares them. */
void write_spad(bringup_t *b, const uint8_t *bytes);
void check_spad(bringup_t *b, const char *name, const uint8_t *wanted);

void test_example(bringup_t *b);    /* example.c */
void test_scratchpad(bringup_t *b); /* memory.c */
void test_dma(bringup_t *b);        /* memory.c */
void test_compute(bringup_t *b);    /* compute.c */
void test_max_pool(bringup_t *b);   /* vector.c */
void test_lookup(bringup_t *b);     /* vector.c */
void test_arithmetic(bringup_t *b); /* vector.c */
void test_tokens(bringup_t *b);     /* order.c */
void test_interrupt(bringup_t *b);  /* order.c */
void test_list(bringup_t *b);       /* order.c */
void test_faults(bringup_t *b);     /* faults.c */

#endif /* SYSTOLE_BRINGUP_H */
