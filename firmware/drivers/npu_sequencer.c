/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_sequencer.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/npu/gen/npu_map.h"

static uint32_t read_register(const npu_t *npu, uint32_t offset) {
  return npu_mmio_read32(npu->base + NPU_SEQUENCER_BASE + offset);
}

static void write_register(const npu_t *npu, uint32_t offset, uint32_t value) {
  npu_mmio_write32(npu->base + NPU_SEQUENCER_BASE + offset, value);
}

npu_result_t npu_sequencer_set_base(const npu_t *npu, uint32_t region, uint32_t address) {
  if (region >= NPU_SEQUENCER_BASE_COUNT) {
    return NPU_BAD_ARGUMENT;
  }
  write_register(npu, NPU_SEQUENCER_BASE_OFFSET + region * NPU_SEQUENCER_BASE_STRIDE, address);
  return NPU_OK;
}

void npu_sequencer_set_watchdog(const npu_t *npu, uint32_t cycles) {
  write_register(npu, NPU_SEQUENCER_WATCHDOG_OFFSET, cycles);
}

static npu_result_t check_idle(const npu_t *npu) {
  uint32_t status = read_register(npu, NPU_SEQUENCER_STATUS_OFFSET);
  if (NPU_GET(NPU_SEQUENCER_STATUS_FAULT, status)) {
    return NPU_FAULT;
  }
  bool idle = NPU_GET(NPU_SEQUENCER_STATUS_IDLE, status) != 0;
  return idle && !NPU_GET(NPU_SEQUENCER_STATUS_BUSY, status) ? NPU_OK : NPU_BUSY;
}

npu_result_t npu_sequencer_check(const npu_t *npu, const npu_sequencer_job_t *job) {
  if (job->cmd_addr % 4 || job->cmd_bytes % 4 || job->cmd_bytes == 0 || job->perf_addr % 4) {
    return NPU_BAD_ARGUMENT;
  }
  return check_idle(npu);
}

npu_result_t npu_sequencer_start(const npu_t *npu, const npu_sequencer_job_t *job) {
  npu_result_t ready = npu_sequencer_check(npu, job);
  if (ready != NPU_OK) {
    return ready;
  }
  write_register(npu, NPU_SEQUENCER_CMD_ADDR_OFFSET, job->cmd_addr);
  write_register(npu, NPU_SEQUENCER_CMD_BYTES_OFFSET, job->cmd_bytes);
  write_register(npu, NPU_SEQUENCER_WATCHDOG_OFFSET, job->watchdog);
  write_register(npu, NPU_SEQUENCER_PERF_ADDR_OFFSET, job->perf_addr);
  for (uint32_t i = 0; i < NPU_SEQUENCER_BASE_COUNT; i++) {
    write_register(npu, NPU_SEQUENCER_BASE_OFFSET + i * NPU_SEQUENCER_BASE_STRIDE, job->base[i]);
  }
  npu_mmio_fence(); /* the list and its data, just written by the CPU, are in DRAM before it plays
                     */
  uint32_t clear = job->keep_counters ? 0 : NPU_SEQUENCER_CTRL_CLEAR_COUNTERS_MASK;
  write_register(npu, NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_START_MASK | clear);
  return NPU_OK;
}

npu_result_t npu_sequencer_wait(const npu_t *npu, uint32_t max_polls) {
  for (uint32_t i = 0; i < max_polls; i++) {
    npu_result_t idle = check_idle(npu);
    if (idle != NPU_BUSY) {
      npu_mmio_fence(); /* what the NPU wrote is read after this */
      return idle;
    }
  }
  return NPU_TIMEOUT;
}

void npu_sequencer_begin(const npu_t *npu) {
  write_register(npu, NPU_SEQUENCER_SW_MARK_OFFSET, NPU_SEQUENCER_SW_MARK_BEGIN_MASK);
}

void npu_sequencer_mark(const npu_t *npu, uint16_t tag) {
  npu_mmio_fence();
  write_register(npu, NPU_SEQUENCER_SW_MARK_OFFSET, tag);
}

uint64_t npu_sequencer_stamp(const npu_t *npu) {
  uint32_t high = read_register(npu, NPU_SEQUENCER_STAMP_HI_OFFSET);
  return ((uint64_t)high << 32) | read_register(npu, NPU_SEQUENCER_STAMP_LO_OFFSET);
}

uint32_t npu_sequencer_semaphore(const npu_t *npu, uint32_t index) {
  if (index >= NPU_SEQUENCER_SEM_COUNT) {
    return 0;
  }
  uint32_t offset = NPU_SEQUENCER_SEM_OFFSET + index * NPU_SEQUENCER_SEM_STRIDE;
  return NPU_GET(NPU_SEQUENCER_SEM_COUNT, read_register(npu, offset));
}
