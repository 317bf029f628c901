/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 *
 * The NPU as one device: identity, configuration, interrupt, faults. Units have a header each
 * (npu_dma.h, npu_mac_array.h, ...); whole programs are run by npu_job.h.
 *
 * No function keeps state outside its arguments. None is safe against a second caller on the same
 * device; npu_job.h says what an interrupt handler may call. Pointers must be valid, not null.
 */
#ifndef SYSTOLE_NPU_H
#define SYSTOLE_NPU_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/sequencer/gen/sequencer_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One NPU: the bus address of its register window. */
typedef struct {
  uint32_t base;
} npu_t;

/* What has happened to the device when a function returns. */
typedef enum {
  NPU_OK = 0,       /* All that the function describes was done. */
  NPU_BAD_ARGUMENT, /* Nothing was read or written. */
  NPU_BUSY,         /* No room or not idle. Status was read, nothing was written: try again. */
  NPU_TIMEOUT,      /* Not finished yet, and still running. Status was read, nothing was written. */
  NPU_FAULT,        /* The NPU stands still since a fault (npu_get_fault); nothing was written. Only
                       npu_reset ends this. */
  NPU_NO_DEVICE,    /* ID or VERSION are not this driver's. Nothing was written. */
} npu_result_t;

#define NPU_WARN_UNUSED __attribute__((warn_unused_result))

/* Name of a result: "NPU_BUSY". */
const char *npu_result_string(npu_result_t result);

/* Checks ID and the major VERSION, resets the NPU and disables its interrupt. Sets `npu`. */
NPU_WARN_UNUSED npu_result_t npu_init(npu_t *npu, uint32_t base);

/* Aborts everything and clears a fault, the semaphores and IRQ_STATUS. Job registers, the parameter
 * table, the scratchpad and IRQ_ENABLE keep their values. */
void npu_reset(const npu_t *npu);

/* Sizes of this NPU, from its CONFIG registers. */
typedef struct {
  uint32_t array_rows;
  uint32_t array_cols;
  uint32_t spad_bytes;
  uint32_t spad_banks;
  uint32_t acc_rows;
  uint32_t queue_depth;
} npu_config_t;

void npu_get_config(const npu_t *npu, npu_config_t *config);

/* Causes of the interrupt, as a mask. */
#define NPU_IRQ_DONE NPU_SEQUENCER_IRQ_STATUS_DONE_MASK   /* a command list reached END */
#define NPU_IRQ_FAULT NPU_SEQUENCER_IRQ_STATUS_FAULT_MASK /* a fault stopped the NPU */
#define NPU_IRQ_JOB NPU_SEQUENCER_IRQ_STATUS_JOB_MASK     /* a job with `irq` is done */
#define NPU_IRQ_ALL (NPU_IRQ_DONE | NPU_IRQ_FAULT | NPU_IRQ_JOB)

/* Lets exactly `causes` reach the interrupt line. */
void npu_irq_enable(const npu_t *npu, uint32_t causes);

/* Causes that are pending, enabled or not. */
uint32_t npu_irq_pending(const npu_t *npu);

/* Clears `causes`. Acknowledging NPU_IRQ_FAULT lowers the line but leaves the fault in place. */
void npu_irq_acknowledge(const npu_t *npu, uint32_t causes);

/* The first fault since the last reset. */
typedef struct {
  uint32_t status; /* register FAULT_STATUS: code, unit and tag in one */
  uint32_t code;   /* NPU_FAULT_CODE_... */
  uint32_t unit;   /* NPU_UNIT_ID_... */
  uint32_t tag;    /* of the job: in compiled programs the layer's index */
  uint32_t
      info; /* BAD_JOB: offset of the register; WATCHDOG: mask of units; SEM_OVERFLOW: number */
  uint32_t addr; /* of the command, bus access, scratchpad byte or accumulator row at fault */
} npu_fault_t;

/* True after a fault, until npu_reset. */
bool npu_has_fault(const npu_t *npu);

void npu_get_fault(const npu_t *npu, npu_fault_t *fault);

/* Names as in sequencer.rdl: "SPAD_RANGE", "MAC_ARRAY"; "UNKNOWN" for other values. */
const char *npu_fault_string(uint32_t code);
const char *npu_unit_string(uint32_t unit);

#ifdef __cplusplus
}
#endif

#endif /* SYSTOLE_NPU_H */
