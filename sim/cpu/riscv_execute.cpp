// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The interpreter's loop. It keeps what changes with every instruction in local variables (so in
// host registers) and jumps from one operation straight to the next. Whatever is rare leaves
// through `retire_slow` or `trap`, which go through the members and look at everything again.
#include <cstring>

#include "sim/cpu/riscv_core.h"

namespace systole {
namespace {

int32_t S(uint32_t value) { return static_cast<int32_t>(value); }
template <typename T>
uint32_t U(T value) {
  return static_cast<uint32_t>(value);
}

uint32_t divide(uint32_t a, uint32_t b) {
  if (b == 0) return ~0u;
  if (a == 0x80000000u && b == ~0u) return a;
  return U(S(a) / S(b));
}

uint32_t remainder(uint32_t a, uint32_t b) {
  if (b == 0) return a;
  if (a == 0x80000000u && b == ~0u) return 0;
  return U(S(a) % S(b));
}

// Offset into direct memory in units of T. An address that is not a multiple of sizeof(T) has low
// bits, which the rotation moves to the top: it compares as out of range, so that one comparison
// tests both.
template <typename T>
uint32_t unit_index(uint32_t offset) {
  constexpr unsigned kShift = sizeof(T) == 4 ? 2 : sizeof(T) == 2 ? 1 : 0;
  if constexpr (kShift == 0) {
    return offset;
  } else {
    return offset >> kShift | offset << (32 - kShift);
  }
}

}  // namespace

// The words of riscv_ops.def.
#define RD x[ip->rd]
#define RS1 x[ip->rs1]
#define RS2 x[ip->rs2]
#define IMM ip->imm
#define PC (page->base + 2 * static_cast<uint32_t>(ip - page->slots))

#define DISPATCH()                   \
  do {                               \
    if (budget <= 0) goto limit;     \
    goto* kLabels[unsigned(ip->op)]; \
  } while (false)

// Goes on at an address that may be anywhere.
#define ENTER(address)                                                 \
  do {                                                                 \
    const uint32_t enter_at = (address);                               \
    page = pages[enter_at / DecodeCache::kPageBytes];                  \
    if (page == nullptr) {                                             \
      SAVE();                                                          \
      pc_ = enter_at;                                                  \
      goto reenter;                                                    \
    }                                                                  \
    ip = &page->slots[(enter_at & (DecodeCache::kPageBytes - 1)) / 2]; \
    DISPATCH();                                                        \
  } while (false)

// Members are true to the instruction at `ip`, which has not been executed.
#define SAVE() (budget_ = budget, instret_ = retired)
#define SAVE_PC() (SAVE(), pc_ = PC)

#define COUNT() (budget -= ip->cost, ++retired)

#define TRAP(cause, tval) \
  do {                    \
    SAVE_PC();            \
    raise(cause, tval);   \
    goto trap;            \
  } while (false)

#define BRANCH(condition)  \
  if (condition) {         \
    COUNT();               \
    budget -= taken_extra; \
    ip += IMM;             \
    DISPATCH();            \
  }

#define BRANCH_FAR(condition) \
  if (condition) {            \
    COUNT();                  \
    budget -= taken_extra;    \
    ENTER(U(IMM));            \
  }

#define JUMP_AND_LINK()      \
  do {                       \
    COUNT();                 \
    RD = PC + 2u * ip->step; \
    ip += IMM;               \
    DISPATCH();              \
  } while (false)

#define JUMP_AND_LINK_FAR(target)      \
  do {                                 \
    COUNT();                           \
    const uint32_t jump_to = (target); \
    RD = PC + 2u * ip->step;           \
    ENTER(jump_to);                    \
  } while (false)

#define OUT_OF_LINE(method)       \
  do {                            \
    SAVE_PC();                    \
    slow = *ip;                   \
    if (!method(slow)) goto trap; \
    goto retire_slow;             \
  } while (false)

#define LOAD(type)                                                            \
  do {                                                                        \
    const uint32_t address = RS1 + IMM;                                       \
    const uint32_t index = unit_index<type>(address - direct_base);           \
    if (__builtin_expect(index >= direct_size / sizeof(type), 0)) {           \
      SAVE_PC();                                                              \
      slow = *ip;                                                             \
      if (!load_slow(slow, address)) goto trap;                               \
      goto retire_slow;                                                       \
    }                                                                         \
    type value;                                                               \
    std::memcpy(&value, direct + size_t{index} * sizeof(type), sizeof(type)); \
    RD = U(value);                                                            \
  } while (false)

#define STORE(type)                                                               \
  do {                                                                            \
    const uint32_t address = RS1 + IMM;                                           \
    const uint32_t index = unit_index<type>(address - direct_base);               \
    if (__builtin_expect(index >= direct_size / sizeof(type) ||                   \
                             pages[address / DecodeCache::kPageBytes] != nullptr, \
                         0)) {                                                    \
      SAVE_PC();                                                                  \
      slow = *ip;                                                                 \
      if (!store_slow(slow, address)) goto trap;                                  \
      goto retire_slow;                                                           \
    }                                                                             \
    const auto value = static_cast<type>(RS2);                                    \
    std::memcpy(direct + size_t{index} * sizeof(type), &value, sizeof(type));     \
  } while (false)

#define DECODE_SLOT()                                            \
  do {                                                           \
    SAVE_PC();                                                   \
    cache_.fill(*page, static_cast<uint32_t>(ip - page->slots)); \
    DISPATCH();                                                  \
  } while (false)

#define BREAKPOINT()          \
  do {                        \
    SAVE_PC();                \
    at_breakpoint_ = true;    \
    return Stop::kBreakpoint; \
  } while (false)

#define REENTER(action) \
  do {                  \
    SAVE_PC();          \
    slow = *ip;         \
    action;             \
    goto retire_slow;   \
  } while (false)

#define MRET()               \
  do {                       \
    COUNT();                 \
    SAVE();                  \
    reserved_ = false;       \
    pc_ = csr_.leave_trap(); \
    goto reenter;            \
  } while (false)

#define WFI()         \
  do {                \
    SAVE_PC();        \
    slow = *ip;       \
    waiting_ = true;  \
    goto retire_slow; \
  } while (false)

// One label for each row of the table: long, but made of that table.
// NOLINTBEGIN(readability-function-size,readability-function-cognitive-complexity)
RiscvCore::Stop RiscvCore::execute() {
  static const void* const kLabels[] = {
#define OP(name, cost, ...) &&do_##name,
#include "sim/cpu/riscv_ops.def"
#undef OP
  };
  uint32_t* const x = x_;
  DecodeCache::Page* const* const pages = cache_.pages();
  const int64_t taken_extra = branch_taken_extra_;
  DecodeCache::Page* page = nullptr;
  Insn* ip = nullptr;
  Insn slow;
  int64_t budget = 0;
  uint64_t retired = 0;
  uint8_t* direct = nullptr;
  uint32_t direct_base = 0;
  uint32_t direct_size = 0;
  goto reenter;

trap:
  take_trap();
  goto reenter;

retire_slow:
  pc_ += 2u * slow.step;
  budget_ -= slow.cost + extra_cost_;
  ++instret_;

reenter:
  extra_cost_ = 0;
  if (lockup_) return Stop::kLockup;
  if (waiting_ && !csr_.wake_up()) return Stop::kWfi;
  waiting_ = false;
  if (stop_) return Stop::kRequested;
  if (budget_ <= 0) return Stop::kLimit;
  if (csr_.interrupt_pending()) {
    take_interrupt();
    goto reenter;
  }
  if (pages[pc_ / DecodeCache::kPageBytes] == nullptr && !enter_page(pc_)) goto trap;
  budget = budget_;
  retired = instret_;
  direct = direct_;
  direct_base = direct_base_;
  direct_size = direct_size_;
  if (__builtin_expect(at_breakpoint_, 0)) {
    at_breakpoint_ = false;
    ip = cache_.fill_alone(pc_, page);
    DISPATCH();
  }
  ENTER(pc_);

#define OP(name, cost, ...) \
  do_##name : __VA_ARGS__;  \
  COUNT();                  \
  ip += ip->step;           \
  DISPATCH();
#include "sim/cpu/riscv_ops.def"
#undef OP

limit:
  SAVE_PC();
  return Stop::kLimit;
}
// NOLINTEND(readability-function-size,readability-function-cognitive-complexity)

}  // namespace systole
