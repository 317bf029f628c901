/* SPDX-License-Identifier: Apache-2.0
 * Copyright the Systole authors
 */
#include "firmware/drivers/npu_scratchpad.h"

#include <string.h>

#include "firmware/drivers/mmio.h"
#include "firmware/drivers/npu_field.h"
#include "hw/npu/gen/npu_map.h"
#include "hw/scratchpad/gen/scratchpad_regs.h"

static bool valid(uint32_t addr, uint32_t bytes) {
  const uint32_t last = NPU_MAX(NPU_SCRATCHPAD_WINDOW_ADDR_ADDR);
  return addr % 4 == 0 && addr <= last && bytes <= last + 1 - addr;
}

static uint32_t data_register(const npu_t *npu) {
  return npu->base + NPU_SCRATCHPAD_BASE + NPU_SCRATCHPAD_WINDOW_DATA_OFFSET;
}

static void set_address(const npu_t *npu, uint32_t addr) {
  npu_mmio_write32(npu->base + NPU_SCRATCHPAD_BASE + NPU_SCRATCHPAD_WINDOW_ADDR_OFFSET, addr);
}

npu_result_t npu_scratchpad_write(const npu_t *npu, uint32_t addr, const void *data,
                                  uint32_t bytes) {
  if (!valid(addr, bytes)) {
    return NPU_BAD_ARGUMENT;
  }
  const uint8_t *from = data;
  uint32_t word;
  uint32_t whole = bytes & ~3u;
  set_address(npu, addr);
  for (uint32_t i = 0; i < whole; i += 4) {
    memcpy(&word, from + i, 4); /* both the core and the hosts are little-endian */
    npu_mmio_write32(data_register(npu), word);
  }
  if (whole != bytes) {
    word = npu_mmio_read32(data_register(npu));
    memcpy(&word, from + whole, bytes - whole);
    set_address(npu, addr + whole); /* the read has moved the window */
    npu_mmio_write32(data_register(npu), word);
  }
  return NPU_OK;
}

npu_result_t npu_scratchpad_read(const npu_t *npu, uint32_t addr, void *data, uint32_t bytes) {
  if (!valid(addr, bytes)) {
    return NPU_BAD_ARGUMENT;
  }
  uint8_t *to = data;
  set_address(npu, addr);
  for (uint32_t i = 0; i < bytes; i += 4) {
    uint32_t word = npu_mmio_read32(data_register(npu));
    memcpy(to + i, &word, bytes - i < 4 ? bytes - i : 4);
  }
  return NPU_OK;
}
