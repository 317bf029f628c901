/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_unit.h"

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/dma/gen/dma_regs.h"
#include "hw/mac_array/gen/mac_array_regs.h"
#include "hw/npu/gen/npu_map.h"
#include "hw/requant/gen/requant_regs.h"
#include "hw/vector/gen/vector_regs.h"

/* The functions below read every unit's STATUS by the DMA's names. */
#define SAME_STATUS(block)                                                             \
  _Static_assert(NPU_##block##_STATUS_OFFSET == NPU_DMA_STATUS_OFFSET &&               \
                     NPU_##block##_STATUS_BUSY_MASK == NPU_DMA_STATUS_BUSY_MASK &&     \
                     NPU_##block##_STATUS_QUEUED_MASK == NPU_DMA_STATUS_QUEUED_MASK && \
                     NPU_##block##_STATUS_FREE_MASK == NPU_DMA_STATUS_FREE_MASK,       \
                 "STATUS differs between units")
SAME_STATUS(MAC_ARRAY);
SAME_STATUS(REQUANT);
SAME_STATUS(VECTOR);

npu_result_t npu_unit_check_ready(const npu_t *npu, uint32_t unit_base) {
  uint32_t state = npu_mmio_read32(npu->base + NPU_SEQUENCER_BASE + NPU_SEQUENCER_STATUS_OFFSET);
  if (NPU_GET(NPU_SEQUENCER_STATUS_FAULT, state)) {
    return NPU_FAULT;
  }
  if (NPU_GET(NPU_SEQUENCER_STATUS_BUSY, state)) {
    return NPU_BUSY;
  }
  uint32_t status = npu_mmio_read32(npu->base + unit_base + NPU_DMA_STATUS_OFFSET);
  return NPU_GET(NPU_DMA_STATUS_FREE, status) ? NPU_OK : NPU_BUSY;
}

npu_result_t npu_unit_wait(const npu_t *npu, uint32_t unit_base, uint32_t max_polls) {
  const uint32_t working = NPU_DMA_STATUS_BUSY_MASK | NPU_DMA_STATUS_QUEUED_MASK;
  for (uint32_t i = 0; i < max_polls; i++) {
    uint32_t status = npu_mmio_read32(npu->base + unit_base + NPU_DMA_STATUS_OFFSET);
    if ((status & working) == 0) { /* so it is after a fault, too: the queues are emptied */
      npu_mmio_fence();
      return npu_has_fault(npu) ? NPU_FAULT : NPU_OK;
    }
  }
  return NPU_TIMEOUT;
}
