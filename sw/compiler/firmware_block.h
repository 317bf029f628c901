// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The parameter block of a firmware kernel (sw/program/kernel_params.h): one structure, and behind
// it the tables that it refers to.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "sw/program/kernel_params.h"
#include "sw/quant/requant_params.h"

namespace systole::compiler {

class FirmwareBlock {
 public:
  // Leaves room for the structure.
  explicit FirmwareBlock(size_t struct_bytes) : bytes_(struct_bytes) {}

  // Appends a table; returns where it begins.
  uint32_t add(const void* data, size_t bytes) {
    const size_t begin = (bytes_.size() + 3) / 4 * 4;
    bytes_.resize(begin + bytes);
    if (bytes != 0) std::memcpy(bytes_.data() + begin, data, bytes);
    return static_cast<uint32_t>(begin);
  }
  template <typename Container>
  uint32_t add(const Container& table) {
    return add(table.data(), table.size() * sizeof *table.data());
  }

  // Appends the channels' table. Requires: the mode is not kFp32FmaBias or kBypass32.
  systole_requant_params_t add_requant(const quant::RequantParams& requant);

  // The whole block, a multiple of 4 bytes.
  template <typename Struct>
  std::vector<uint8_t> finish(const Struct& head) {
    std::memcpy(bytes_.data(), &head, sizeof head);
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    return std::move(bytes_);
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace systole::compiler
