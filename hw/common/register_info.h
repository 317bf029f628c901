// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the generated register tables (hw/*/gen/*_regs.hpp) are made of.
#pragma once

#include <cstdint>

namespace systole::regs {

// One bit field of a 32-bit register.
struct Field {
  uint8_t lsb;
  uint8_t width;

  constexpr uint32_t mask() const {
    return (width == 32 ? 0xFFFFFFFFu : ((1u << width) - 1u)) << lsb;
  }
  constexpr uint32_t get(uint32_t word) const { return (word & mask()) >> lsb; }
  // The field as a two's complement number.
  constexpr int32_t get_signed(uint32_t word) const {
    const uint32_t sign = 1u << (width - 1);
    return static_cast<int32_t>((get(word) ^ sign) - sign);
  }
  // The field alone, in place. Bits beyond its width are dropped.
  constexpr uint32_t put(uint32_t value) const { return (value << lsb) & mask(); }
  constexpr uint32_t with(uint32_t word, uint32_t value) const {
    return (word & ~mask()) | put(value);
  }
};

// One register, or an array of equal registers. Masks say which bits have the property.
struct RegisterInfo {
  const char* name;  // "SIZE0"; members of register files are "PARAM.MULT"
  uint32_t offset;   // of element 0, from the start of the block
  uint32_t count;    // elements
  uint32_t stride;   // bytes between elements
  uint32_t reset;
  uint32_t read_mask;   // bits that software reads
  uint32_t write_mask;  // bits that software writes
  uint32_t clear_mask;  // bits that software clears by writing 1
  uint32_t pulse_mask;  // bits that act when written as 1 and read as 0
};

struct BlockInfo {
  const char* name;
  const RegisterInfo* registers;
  uint32_t register_count;
};

}  // namespace systole::regs
