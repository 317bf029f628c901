/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Every fault: what it says, that it interrupts, that the NPU stands still until reset, and that it
 * works again after it.
 */
#include <stddef.h>
#include <stdio.h>

#include "bringup.h"
#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_dma.h"
#include "firmware/drivers/npu_field.h"
#include "firmware/drivers/npu_mac_array.h"
#include "firmware/drivers/npu_requant.h"
#include "firmware/drivers/npu_scratchpad.h"
#include "firmware/drivers/npu_vector.h"
#include "hw/dma/gen/dma_regs.h"
#include "hw/mac_array/gen/mac_array_regs.h"
#include "hw/npu/gen/npu_map.h"
#include "hw/scratchpad/gen/scratchpad_regs.h"

#define TAG 77u
#define NOWHERE 0x40000000u /* no memory there */
#define ANY 0xFFFFFFFFu     /* not checked */

static uint8_t line[64];

static npu_dma_job_t good_load(void) {
  return (npu_dma_job_t){.tag = TAG,
                         .dram_addr = (uint32_t)(uintptr_t)line,
                         .size0 = sizeof(line),
                         .size1 = 1,
                         .size2 = 1};
}

static npu_mac_array_job_t good_mac(void) {
  return (npu_mac_array_job_t){
      .tag = TAG, .k_len = 4, .out_channels = 4, .k_loops = {1, 1}, .out_size = {1, 1}};
}

/* How each fault is provoked. The results of these calls say nothing: the fault comes later. */

static npu_result_t too_many_channels(bringup_t *b) {
  npu_mac_array_job_t job = good_mac();
  job.out_channels = (uint16_t)(b->config.array_cols + 1);
  return npu_mac_array_start(&b->npu, &job);
}

static npu_result_t input_beyond_the_scratchpad(bringup_t *b) {
  npu_mac_array_job_t job = good_mac();
  job.in_addr = b->config.spad_bytes - 3; /* one byte too far */
  return npu_mac_array_start(&b->npu, &job);
}

static npu_result_t accumulators_too_few(bringup_t *b) {
  npu_mac_array_job_t job = good_mac();
  job.acc_addr = (uint16_t)(b->config.acc_rows - 1);
  job.out_size.x = 2;
  return npu_mac_array_start(&b->npu, &job);
}

static npu_result_t no_such_vector_operation(bringup_t *b) {
  npu_vector_job_t job = {
      .tag = TAG, .channels = 1, .out_size = {1, 1}, .window = {1, 1}, .mode = {.op = 15}};
  return npu_vector_start(&b->npu, &job);
}

static npu_result_t sums_beyond_the_accumulators(bringup_t *b) {
  npu_vector_job_t job = {.tag = TAG,
                          .channels = 1,
                          .out_size = {2, 1},
                          .window = {1, 1},
                          .mode = {.op = NPU_VECTOR_OP_ADD},
                          .acc_addr = (uint16_t)(b->config.acc_rows - 1)};
  return npu_vector_start(&b->npu, &job);
}

static npu_result_t window_beyond_the_scratchpad(bringup_t *b) {
  uint32_t word = 0;
  return npu_scratchpad_write(&b->npu, b->config.spad_bytes, &word, sizeof(word));
}

static npu_result_t load_from_nowhere(bringup_t *b) {
  npu_dma_job_t job = good_load();
  job.dram_addr = NOWHERE;
  return npu_dma_start(&b->npu, NPU_DMA_LOAD, &job);
}

static npu_result_t store_to_nowhere(bringup_t *b) {
  npu_dma_job_t job = good_load();
  job.dram_addr = NOWHERE;
  return npu_dma_start(&b->npu, NPU_DMA_STORE, &job);
}

/* Fills the queue with jobs that wait for a token; then the START that the driver would refuse. */
static npu_result_t queue_full(bringup_t *b) {
  npu_dma_job_t job = good_load();
  job.tokens.wait = 1;
  for (uint32_t i = 0; i < b->config.queue_depth; i++) {
    check_result(b, "fill the queue", npu_dma_start(&b->npu, NPU_DMA_LOAD, &job), NPU_OK);
  }
  npu_result_t refused = npu_dma_start(&b->npu, NPU_DMA_LOAD, &job);
  check_result(b, "a full queue is refused", refused, NPU_BUSY);
  npu_mmio_write32(b->npu.base + NPU_DMA_LOAD_BASE + NPU_DMA_START_OFFSET, NPU_DMA_START_GO_MASK);
  return NPU_OK;
}

static npu_result_t token_that_never_comes(bringup_t *b) {
  npu_dma_job_t job = good_load();
  job.tokens.wait = 1u << 3;
  npu_sequencer_set_watchdog(&b->npu, 2000);
  return npu_dma_start(&b->npu, NPU_DMA_LOAD, &job);
}

static npu_result_t too_many_tokens(bringup_t *b) {
  npu_dma_job_t job = good_load();
  job.tokens.signal = 1u << 6;
  npu_result_t result = NPU_OK;
  for (uint32_t i = 0; i < 256 && result == NPU_OK; i++) {
    result = npu_dma_start(&b->npu, NPU_DMA_LOAD, &job);
    npu_result_t done = npu_dma_wait(&b->npu, NPU_DMA_LOAD, MAX_POLLS);
    result = result == NPU_OK ? done : result;
  }
  return result == NPU_FAULT ? NPU_OK : result; /* as wanted */
}

static npu_result_t play(bringup_t *b, const uint32_t *commands, uint32_t bytes) {
  npu_sequencer_job_t list = {
      .cmd_addr = (uint32_t)(uintptr_t)commands, .cmd_bytes = bytes, .watchdog = 2000};
  return npu_sequencer_start(&b->npu, &list);
}

static npu_result_t no_such_opcode(bringup_t *b) {
  static const uint32_t kCommands[] = {0xF0000000u};
  return play(b, kCommands, sizeof(kCommands));
}

static npu_result_t write_to_ctrl(bringup_t *b) {
  static const uint32_t kCommands[] = {0x10010000u | NPU_SEQUENCER_CTRL_OFFSET, 0, 0x40000000u};
  return play(b, kCommands, sizeof(kCommands));
}

static npu_result_t list_without_end(bringup_t *b) {
  static const uint32_t kCommands[] = {0x20000000u};
  return play(b, kCommands, sizeof(kCommands));
}

typedef struct {
  const char *name;
  npu_result_t (*provoke)(bringup_t *b);
  uint32_t code, unit, tag, info, addr; /* ANY: not checked */
} fault_case_t;

/* Polls until the NPU has stopped. */
static bool wait_for_fault(bringup_t *b) {
  for (uint32_t i = 0; i < MAX_POLLS; i++) {
    if (npu_has_fault(&b->npu)) {
      return true;
    }
  }
  return false;
}

static bool matches(uint32_t wanted, uint32_t seen) { return wanted == ANY || wanted == seen; }

static void check_fault(bringup_t *b, const fault_case_t *test) {
  npu_fault_t fault;
  npu_get_fault(&b->npu, &fault);
  bool same = matches(test->code, fault.code) && matches(test->unit, fault.unit) &&
              matches(test->tag, fault.tag) && matches(test->info, fault.info) &&
              matches(test->addr, fault.addr);
  if (!check(b, test->name, same)) {
    printf("  fault %s in %s, tag %lu, info 0x%lx, addr 0x%lx\n", npu_fault_string(fault.code),
           npu_unit_string(fault.unit), (unsigned long)fault.tag, (unsigned long)fault.info,
           (unsigned long)fault.addr);
  }
}

static void check_stands_still(bringup_t *b) {
  const npu_dma_job_t job = good_load();
  check_result(b, "no start after a fault", npu_dma_start(&b->npu, NPU_DMA_LOAD, &job), NPU_FAULT);
  check(b, "the fault interrupts", b->irq_causes == NPU_IRQ_FAULT);
}

static void check_recovery(bringup_t *b) {
  npu_reset(&b->npu);
  check(b, "reset clears the fault", !npu_has_fault(&b->npu));
  const npu_dma_job_t job = good_load();
  uint8_t seen[sizeof(line)] = {0};
  check_result(b, "start after reset", npu_dma_start(&b->npu, NPU_DMA_LOAD, &job), NPU_OK);
  check_result(b, "wait after reset", npu_dma_wait(&b->npu, NPU_DMA_LOAD, MAX_POLLS), NPU_OK);
  check_result(b, "read after reset", npu_scratchpad_read(&b->npu, 0, seen, sizeof(seen)), NPU_OK);
  check_bytes(b, "works after reset", seen, line, sizeof(line));
}

static void test_fault(bringup_t *b, const fault_case_t *test) {
  b->irq_causes = 0;
  npu_sequencer_set_watchdog(&b->npu, 0);
  npu_irq_enable(&b->npu, NPU_IRQ_FAULT);
  check_result(b, test->name, test->provoke(b), NPU_OK);
  if (check(b, test->name, wait_for_fault(b))) {
    check_fault(b, test);
    check_stands_still(b);
  }
  check_recovery(b);
}

void test_faults(bringup_t *b) {
  const uint32_t spad = b->config.spad_bytes;
  const fault_case_t cases[] = {
      {"too many channels", too_many_channels, NPU_FAULT_CODE_BAD_JOB, NPU_UNIT_ID_MAC_ARRAY, TAG,
       NPU_MAC_ARRAY_OUT_CHANNELS_OFFSET, ANY},
      {"input beyond the scratchpad", input_beyond_the_scratchpad, NPU_FAULT_CODE_SPAD_RANGE,
       NPU_UNIT_ID_MAC_ARRAY, TAG, ANY, spad},
      {"accumulators too few", accumulators_too_few, NPU_FAULT_CODE_ACC_RANGE,
       NPU_UNIT_ID_MAC_ARRAY, TAG, ANY, b->config.acc_rows},
      {"no such vector operation", no_such_vector_operation, NPU_FAULT_CODE_BAD_JOB,
       NPU_UNIT_ID_VECTOR, TAG, NPU_VECTOR_MODE_OFFSET, ANY},
      {"sums beyond the accumulators", sums_beyond_the_accumulators, NPU_FAULT_CODE_ACC_RANGE,
       NPU_UNIT_ID_VECTOR, TAG, ANY, b->config.acc_rows},
      {"window beyond the scratchpad", window_beyond_the_scratchpad, NPU_FAULT_CODE_SPAD_RANGE, ANY,
       ANY, ANY, spad},
      {"load from nowhere", load_from_nowhere, NPU_FAULT_CODE_BUS_ERROR, NPU_UNIT_ID_LOAD, TAG, ANY,
       NOWHERE},
      {"store to nowhere", store_to_nowhere, NPU_FAULT_CODE_BUS_ERROR, NPU_UNIT_ID_STORE, TAG, ANY,
       NOWHERE},
      {"queue full", queue_full, NPU_FAULT_CODE_QUEUE_FULL, NPU_UNIT_ID_LOAD, ANY, ANY, ANY},
      {"watchdog", token_that_never_comes, NPU_FAULT_CODE_WATCHDOG, ANY, ANY,
       1u << NPU_UNIT_ID_LOAD, ANY},
      {"semaphore overflow", too_many_tokens, NPU_FAULT_CODE_SEM_OVERFLOW, ANY, ANY, 6, ANY},
      {"no such opcode", no_such_opcode, NPU_FAULT_CODE_BAD_COMMAND, NPU_UNIT_ID_SEQUENCER, ANY,
       ANY, ANY},
      {"write to CTRL", write_to_ctrl, NPU_FAULT_CODE_BAD_COMMAND, NPU_UNIT_ID_SEQUENCER, ANY, ANY,
       ANY},
      {"list without END", list_without_end, NPU_FAULT_CODE_BAD_COMMAND, NPU_UNIT_ID_SEQUENCER, ANY,
       ANY, ANY},
  };
  fill_random(line, sizeof(line), 60);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    /* A scratchpad of 16 MiB fills the window: nothing is beyond. */
    if (cases[i].provoke != window_beyond_the_scratchpad ||
        NPU_FITS(NPU_SCRATCHPAD_WINDOW_ADDR_ADDR, spad)) {
      test_fault(b, &cases[i]);
    }
  }
}
