// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The tensors and results of a run, where they lie in DRAM or in the scratchpad. Reading and
// writing here is the simulator's own business: it takes no simulated time.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/platform/dram.h"
#include "sim/run/memory_layout.h"
#include "sw/compiler/compiler.h"
#include "sw/program/program_format.h"

namespace systole::run {

class MemoryView {
 public:
  // Requires: all outlive this object; `layout` fits into `dram`.
  MemoryView(const compiler::CompileResult& compiled, const MemoryLayout& layout, Dram& dram,
             const uint8_t* scratchpad)
      : compiled_(compiled), layout_(layout), dram_(dram), scratchpad_(scratchpad) {}

  void put(uint32_t address, const std::vector<uint8_t>& bytes);
  std::vector<uint8_t> get(uint32_t address, uint32_t bytes) const;

  // Of a tensor of the graph (NHWC). Requires: it is no constant.
  void put_tensor(int tensor, uint32_t inference, const std::vector<uint8_t>& bytes);
  std::vector<uint8_t> get_tensor(int tensor, uint32_t inference) const;

  // What the firmware says of one inference.
  systole_run_result_t result(uint32_t inference) const;

 private:
  const program::TensorInfo& info(int tensor) const;
  uint32_t address(const program::TensorInfo& tensor, uint32_t inference) const;

  const compiler::CompileResult& compiled_;
  const MemoryLayout& layout_;
  Dram& dram_;
  const uint8_t* scratchpad_;
};

}  // namespace systole::run
