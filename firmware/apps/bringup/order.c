/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * Jobs in order: semaphores instead of polling, the interrupt of a job, a command list.
 */
#include <string.h>

#include "bringup.h"
#include "firmware/boot/trap.h"
#include "firmware/drivers/npu_dma.h"
#include "firmware/drivers/npu_perf.h"
#include "firmware/drivers/npu_sequencer.h"

#define LINE 200u

static uint8_t from[LINE], to[LINE];

static uint32_t address_of(const void *data) { return (uint32_t)(uintptr_t)data; }

static npu_dma_job_t line_job(void *dram) {
  return (npu_dma_job_t){.tag = 21,
                         .dram_addr = address_of(dram),
                         .spad_addr = 300,
                         .size0 = LINE,
                         .size1 = 1,
                         .size2 = 1};
}

/* The store is queued first and waits for the load's token. */
void test_tokens(bringup_t *b) {
  npu_dma_job_t store = line_job(to);
  npu_dma_job_t load = line_job(from);
  store.tokens.wait = 1u << 5;
  load.tokens.signal = 1u << 5;
  fill_random(from, LINE, 50);
  memset(to, 0, LINE);
  check_result(b, "queue a store", npu_dma_start(&b->npu, NPU_DMA_STORE, &store), NPU_OK);
  check_result(b, "the store waits", npu_dma_wait(&b->npu, NPU_DMA_STORE, 10), NPU_TIMEOUT);
  check_result(b, "queue a load", npu_dma_start(&b->npu, NPU_DMA_LOAD, &load), NPU_OK);
  check_result(b, "the store follows", npu_dma_wait(&b->npu, NPU_DMA_STORE, MAX_POLLS), NPU_OK);
  check_bytes(b, "load, token, store", to, from, LINE);
  check(b, "the token is taken", npu_sequencer_semaphore(&b->npu, 5) == 0);
}

/* START.IRQ of one job, and sleep. The same race-free pattern as in npu_job_wait. */
void test_interrupt(bringup_t *b) {
  npu_dma_job_t load = line_job(from);
  load.irq = true;
  b->irq_causes = 0;
  npu_irq_enable(&b->npu, NPU_IRQ_JOB);
  check_result(b, "start with interrupt", npu_dma_start(&b->npu, NPU_DMA_LOAD, &load), NPU_OK);
  for (bool come = false; !come;) {
    trap_disable_interrupts();
    come = b->irq_causes != 0;
    if (!come) {
      trap_wait_for_interrupt();
    }
    trap_enable_interrupts();
  }
  check(b, "the job's interrupt came", b->irq_causes == NPU_IRQ_JOB);
  check(b, "and was acknowledged", npu_irq_pending(&b->npu) == 0);
}

#define COMMAND(opcode, low) (((uint32_t)(opcode) << 28) | (low))
#define MARK 3u
#define END 4u

/* A list of one MARK, with interrupt: the upper layer on the real core. */
void test_list(bringup_t *b) {
  static const uint32_t kCommands[] = {COMMAND(MARK, 9), COMMAND(END, 0)};
  static npu_perf_record_t record;
  npu_sequencer_job_t list = {.cmd_addr = address_of(kCommands),
                              .cmd_bytes = sizeof(kCommands),
                              .watchdog = 10000,
                              .perf_addr = address_of(&record)};
  check_result(b, "submit a list", npu_job_submit(&b->job, &list), NPU_OK);
  check_result(b, "sleep until its end", npu_job_wait(&b->job), NPU_OK);
  check(b, "the list's MARK", record.mark_tag == 9);
  check(b, "its time",
        npu_perf_record_cycles(&record) > 0 && npu_perf_record_cycles(&record) <= b->job.cycles);
  npu_perf_record_t live;
  npu_perf_read(&b->npu, &live);
  check(b, "two commands were played", live.commands == 2);
}
