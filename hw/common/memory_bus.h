// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// How units reach system memory: the data alone. When it moves is the memory port's business
// (hw/dma/memory_port.h).
#pragma once

#include <cstdint>

namespace systole {

class MemoryBus {
 public:
  virtual ~MemoryBus() = default;
  // One contiguous access. False if the memory system refuses any part of it; the part before may
  // have been moved.
  virtual bool read(uint32_t address, uint8_t* data, uint32_t bytes) = 0;
  virtual bool write(uint32_t address, const uint8_t* data, uint32_t bytes) = 0;
  // Time that the memories asked for since the last call, in NPU cycles, rounded up. It is added to
  // the job. A memory whose time is simulated by the memory port asks for none.
  virtual uint64_t take_delay_cycles() = 0;
};

}  // namespace systole
