/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_job.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_perf.h"

#define END_CAUSES (NPU_IRQ_DONE | NPU_IRQ_FAULT)

void npu_job_init(npu_job_t *job, const npu_t *npu) { *job = (npu_job_t){.npu = *npu}; }

npu_result_t npu_job_submit(npu_job_t *job, const npu_sequencer_job_t *list) {
  if (job->active) {
    return NPU_BUSY;
  }
  npu_result_t result = npu_sequencer_check(&job->npu, list);
  if (result != NPU_OK) {
    return result; /* before anything is written */
  }
  job->ended = false;
  job->faulted = false;
  npu_irq_acknowledge(&job->npu, END_CAUSES);
  npu_irq_enable(&job->npu, END_CAUSES);
  result = npu_sequencer_start(&job->npu, list);
  job->active = result == NPU_OK;
  return result;
}

void npu_job_irq(npu_job_t *job) {
  uint32_t causes = npu_irq_pending(&job->npu) & END_CAUSES;
  if (causes == 0) {
    return;
  }
  npu_irq_acknowledge(&job->npu, causes);
  job->faulted = (causes & NPU_IRQ_FAULT) != 0;
  job->cycles = job->faulted ? npu_perf_cycles(&job->npu) : npu_sequencer_stamp(&job->npu);
  job->ended = true;
}

bool npu_job_ended(const npu_job_t *job) { return job->ended; }

npu_result_t npu_job_wait(npu_job_t *job) {
  if (!job->active) {
    return NPU_BAD_ARGUMENT;
  }
  /* The flag is looked at with interrupts off: an interrupt between the look and the sleep stays
   * pending and ends the sleep at once. The handler runs at the unlock. */
  for (bool ended = false; !ended;) {
    uint32_t state = npu_os_lock();
    ended = job->ended;
    if (!ended) {
      npu_os_sleep(job);
    }
    npu_os_unlock(state);
  }
  job->active = false;
  npu_mmio_fence(); /* what the NPU wrote is read after this */
  return job->faulted ? NPU_FAULT : NPU_OK;
}
