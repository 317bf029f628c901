// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// From instruction bits to an Insn. Pure functions of their arguments.
#pragma once

#include <cstdint>

#include "sim/cpu/riscv_insn.h"

namespace systole {

// True when the halfword starts a 32-bit instruction.
inline bool is_full_size(uint16_t first_halfword) { return (first_halfword & 3) == 3; }

// Decodes a 32-bit instruction of RV32IMA_Zicsr_Zifencei at address `pc`. Branches come out in
// their Far form, with the target address in `imm`; auipc as kLoadImm. `cost` and `step` are left
// to the caller. What is not an instruction becomes kIllegal with the bits in `imm`.
Insn decode(uint32_t bits, uint32_t pc);

// The 32-bit instruction that a compressed one stands for; 0 (illegal) when it stands for none.
uint32_t expand_compressed(uint16_t bits);

}  // namespace systole
