// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/memory_view.h"

#include <algorithm>
#include <cstring>

#include "sim/platform/memory_map.h"
#include "sw/program/scratchpad_tensor.h"

namespace systole::run {

void MemoryView::put(uint32_t address, const std::vector<uint8_t>& bytes) {
  std::copy(bytes.begin(), bytes.end(), dram_.data() + (address - kDramBase));
}

std::vector<uint8_t> MemoryView::get(uint32_t address, uint32_t bytes) const {
  const uint8_t* begin = dram_.data() + (address - kDramBase);
  return std::vector<uint8_t>(begin, begin + bytes);
}

void MemoryView::put_tensor(int tensor, uint32_t inference, const std::vector<uint8_t>& bytes) {
  put(address(info(tensor), inference), bytes);
}

std::vector<uint8_t> MemoryView::get_tensor(int tensor, uint32_t inference) const {
  const program::TensorInfo& tensor_info = info(tensor);
  if (tensor_info.region == SYSTOLE_REGION_SCRATCHPAD) {
    return program::scratchpad_tensor(tensor_info, scratchpad_);
  }
  return get(address(tensor_info, inference), tensor_info.bytes);
}

systole_run_result_t MemoryView::result(uint32_t inference) const {
  systole_run_result_t result;
  const auto bytes = get(layout_.results + inference * uint32_t(sizeof result), sizeof result);
  std::memcpy(&result, bytes.data(), sizeof result);
  return result;
}

const program::TensorInfo& MemoryView::info(int tensor) const {
  return compiled_.image.tensors.at(size_t(compiled_.tensor_index.at(size_t(tensor))));
}

uint32_t MemoryView::address(const program::TensorInfo& tensor, uint32_t inference) const {
  switch (tensor.region) {
    case SYSTOLE_REGION_INPUT:
      return layout_.inputs + inference * layout_.input_stride + tensor.offset;
    case SYSTOLE_REGION_OUTPUT:
      return layout_.outputs + inference * layout_.output_stride + tensor.offset;
    default:
      return layout_.arena + tensor.offset;
  }
}

}  // namespace systole::run
