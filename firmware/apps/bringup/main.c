/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The bring-up program: drives every unit of the NPU by register writes, one job at a time, and
 * compares with plain C on the core; then provokes each fault and recovers. Start with example.c.
 * Exit code: 0 when all checks passed, 1 otherwise.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bringup.h"
#include "firmware/boot/platform.h"
#include "firmware/boot/plic.h"
#include "firmware/boot/trap.h"
#include "firmware/drivers/npu_scratchpad.h"

bool check(bringup_t *b, const char *name, bool good) {
  if (good) {
    b->passed++;
  } else {
    b->failed++;
    printf("FAILED: %s\n", name);
  }
  return good;
}

bool check_result(bringup_t *b, const char *name, npu_result_t seen, npu_result_t wanted) {
  if (check(b, name, seen == wanted)) {
    return true;
  }
  printf("  result %s, not %s\n", npu_result_string(seen), npu_result_string(wanted));
  if (seen == NPU_FAULT) {
    npu_fault_t fault;
    npu_get_fault(&b->npu, &fault);
    printf("  fault %s in %s, tag %" PRIu32 ", info 0x%" PRIx32 ", addr 0x%" PRIx32 "\n",
           npu_fault_string(fault.code), npu_unit_string(fault.unit), fault.tag, fault.info,
           fault.addr);
    npu_reset(&b->npu); /* so that the next check has a chance */
  }
  return false;
}

bool check_bytes(bringup_t *b, const char *name, const uint8_t *seen, const uint8_t *wanted,
                 uint32_t bytes) {
  uint32_t i = 0;
  while (i < bytes && seen[i] == wanted[i]) {
    i++;
  }
  if (!check(b, name, i == bytes)) {
    printf("  byte %" PRIu32 " of %" PRIu32 " is %u, not %u\n", i, bytes, seen[i], wanted[i]);
  }
  return i == bytes;
}

void fill_random(uint8_t *data, uint32_t bytes, uint32_t seed) {
  uint32_t state = seed * 2654435761u + 1; /* xorshift32; 0 would stay 0 */
  for (uint32_t i = 0; i < bytes; i++) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    data[i] = (uint8_t)(state >> 24);
  }
}

void write_spad(bringup_t *b, const uint8_t *bytes) {
  check_result(b, "write the scratchpad", npu_scratchpad_write(&b->npu, 0, bytes, SPAD_BYTES),
               NPU_OK);
}

void check_spad(bringup_t *b, const char *name, const uint8_t *wanted) {
  static uint8_t seen[SPAD_BYTES];
  check_result(b, name, npu_scratchpad_read(&b->npu, 0, seen, SPAD_BYTES), NPU_OK);
  check_bytes(b, name, seen, wanted, SPAD_BYTES);
}

/* Serves single jobs and command lists alike. */
static void on_npu_interrupt(void *context) {
  bringup_t *b = context;
  uint32_t causes = npu_irq_pending(&b->npu);
  b->irq_causes |= causes;
  npu_job_irq(&b->job);
  npu_irq_acknowledge(&b->npu, causes);
}

static bool find_npu(bringup_t *b) {
  if (npu_init(&b->npu, NPU_BASE) != NPU_OK) {
    puts("no NPU of this driver's version");
    return false;
  }
  npu_job_init(&b->job, &b->npu);
  npu_get_config(&b->npu, &b->config);
  printf("NPU: %" PRIu32 "x%" PRIu32 " array, %" PRIu32 " accumulator rows, %" PRIu32
         " bytes in %" PRIu32 " banks, queues of %" PRIu32 "\n",
         b->config.array_rows, b->config.array_cols, b->config.acc_rows, b->config.spad_bytes,
         b->config.spad_banks, b->config.queue_depth);
  return check(b, "the NPU is large enough for these tests",
               b->config.spad_bytes >= SPAD_BYTES && b->config.acc_rows >= MAX_POSITIONS &&
                   b->config.array_cols >= 4 && b->config.array_cols <= MAX_COLS);
}

int main(void) {
  static bringup_t b;
  if (find_npu(&b)) {
    plic_attach(NPU_IRQ, on_npu_interrupt, &b);
    trap_enable_interrupts();
    test_example(&b);
    test_scratchpad(&b);
    test_dma(&b);
    test_compute(&b);
    test_max_pool(&b);
    test_lookup(&b);
    test_arithmetic(&b);
    test_tokens(&b);
    test_interrupt(&b);
    test_list(&b);
    test_faults(&b);
  }
  printf("bringup: %" PRIu32 " passed, %" PRIu32 " failed\n", b.passed, b.failed);
  return b.failed == 0 && b.passed > 0 ? 0 : 1;
}
