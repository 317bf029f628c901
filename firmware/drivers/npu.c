/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu.h"

#include <stddef.h>

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/npu/gen/npu_map.h"

/* What this driver was written for; a test compares both with the register description. */
#define NPU_ID 0x53595354u /* "SYST" */
#define NPU_VERSION_MAJOR 1u

static uint32_t read_register(const npu_t *npu, uint32_t offset) {
  return npu_mmio_read32(npu->base + NPU_SEQUENCER_BASE + offset);
}

static void write_register(const npu_t *npu, uint32_t offset, uint32_t value) {
  npu_mmio_write32(npu->base + NPU_SEQUENCER_BASE + offset, value);
}

static const char *lookup(const char *const *names, size_t count, uint32_t index) {
  return index < count && names[index] ? names[index] : "UNKNOWN";
}

#define LOOKUP(names, index) lookup(names, sizeof(names) / sizeof(names[0]), (uint32_t)(index))

const char *npu_result_string(npu_result_t result) {
  static const char *const kNames[] = {
      [NPU_OK] = "NPU_OK",       [NPU_BAD_ARGUMENT] = "NPU_BAD_ARGUMENT",
      [NPU_BUSY] = "NPU_BUSY",   [NPU_TIMEOUT] = "NPU_TIMEOUT",
      [NPU_FAULT] = "NPU_FAULT", [NPU_NO_DEVICE] = "NPU_NO_DEVICE",
  };
  return LOOKUP(kNames, result);
}

npu_result_t npu_init(npu_t *npu, uint32_t base) {
  npu->base = base;
  if (read_register(npu, NPU_SEQUENCER_ID_OFFSET) != NPU_ID) {
    return NPU_NO_DEVICE;
  }
  uint32_t version = read_register(npu, NPU_SEQUENCER_VERSION_OFFSET);
  if (NPU_GET(NPU_SEQUENCER_VERSION_MAJOR, version) != NPU_VERSION_MAJOR) {
    return NPU_NO_DEVICE;
  }
  npu_irq_enable(npu, 0);
  npu_reset(npu);
  return NPU_OK;
}

void npu_reset(const npu_t *npu) {
  write_register(npu, NPU_SEQUENCER_CTRL_OFFSET, NPU_SEQUENCER_CTRL_RESET_MASK);
}

void npu_get_config(const npu_t *npu, npu_config_t *config) {
  uint32_t array = read_register(npu, NPU_SEQUENCER_CONFIG_ARRAY_OFFSET);
  uint32_t memory = read_register(npu, NPU_SEQUENCER_CONFIG_MEM_OFFSET);
  config->array_rows = NPU_GET(NPU_SEQUENCER_CONFIG_ARRAY_ROWS, array);
  config->array_cols = NPU_GET(NPU_SEQUENCER_CONFIG_ARRAY_COLS, array);
  config->spad_bytes = read_register(npu, NPU_SEQUENCER_CONFIG_SPAD_OFFSET);
  config->spad_banks = NPU_GET(NPU_SEQUENCER_CONFIG_MEM_BANKS, memory);
  config->acc_rows = NPU_GET(NPU_SEQUENCER_CONFIG_MEM_ACC_ROWS, memory);
  config->queue_depth = NPU_GET(NPU_SEQUENCER_CONFIG_MEM_QUEUE_DEPTH, memory);
}

void npu_irq_enable(const npu_t *npu, uint32_t causes) {
  write_register(npu, NPU_SEQUENCER_IRQ_ENABLE_OFFSET, causes);
}

uint32_t npu_irq_pending(const npu_t *npu) {
  return read_register(npu, NPU_SEQUENCER_IRQ_STATUS_OFFSET);
}

void npu_irq_acknowledge(const npu_t *npu, uint32_t causes) {
  write_register(npu, NPU_SEQUENCER_IRQ_STATUS_OFFSET, causes);
}

bool npu_has_fault(const npu_t *npu) {
  return NPU_GET(NPU_SEQUENCER_STATUS_FAULT, read_register(npu, NPU_SEQUENCER_STATUS_OFFSET)) != 0;
}

void npu_get_fault(const npu_t *npu, npu_fault_t *fault) {
  uint32_t status = read_register(npu, NPU_SEQUENCER_FAULT_STATUS_OFFSET);
  fault->status = status;
  fault->code = NPU_GET(NPU_SEQUENCER_FAULT_STATUS_CODE, status);
  fault->unit = NPU_GET(NPU_SEQUENCER_FAULT_STATUS_UNIT, status);
  fault->tag = NPU_GET(NPU_SEQUENCER_FAULT_STATUS_TAG, status);
  fault->info = read_register(npu, NPU_SEQUENCER_FAULT_INFO_OFFSET);
  fault->addr = read_register(npu, NPU_SEQUENCER_FAULT_ADDR_OFFSET);
}

const char *npu_fault_string(uint32_t code) {
  static const char *const kNames[] = {
      [NPU_FAULT_CODE_NONE] = "NONE",
      [NPU_FAULT_CODE_BUS_ERROR] = "BUS_ERROR",
      [NPU_FAULT_CODE_BAD_COMMAND] = "BAD_COMMAND",
      [NPU_FAULT_CODE_BAD_JOB] = "BAD_JOB",
      [NPU_FAULT_CODE_SPAD_RANGE] = "SPAD_RANGE",
      [NPU_FAULT_CODE_ACC_RANGE] = "ACC_RANGE",
      [NPU_FAULT_CODE_QUEUE_FULL] = "QUEUE_FULL",
      [NPU_FAULT_CODE_WATCHDOG] = "WATCHDOG",
      [NPU_FAULT_CODE_SEM_OVERFLOW] = "SEM_OVERFLOW",
  };
  return LOOKUP(kNames, code);
}

const char *npu_unit_string(uint32_t unit) {
  static const char *const kNames[] = {
      [NPU_UNIT_ID_SEQUENCER] = "SEQUENCER", [NPU_UNIT_ID_LOAD] = "LOAD",
      [NPU_UNIT_ID_STORE] = "STORE",         [NPU_UNIT_ID_MAC_ARRAY] = "MAC_ARRAY",
      [NPU_UNIT_ID_REQUANT] = "REQUANT",     [NPU_UNIT_ID_VECTOR] = "VECTOR",
  };
  return LOOKUP(kNames, unit);
}
