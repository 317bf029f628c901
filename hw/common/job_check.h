// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// How a unit checks the counts of a job: a table of values, limits and registers.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "hw/common/fault.h"
#include "hw/common/register_info.h"

namespace systole {

// `value` must lie in [min, max]; `reg` is the offset of the register that holds it.
struct Limit {
  int64_t value, min, max;
  uint32_t reg;
};

// The largest value of an unsigned field.
constexpr int64_t max_of(const regs::Field& field) { return field.mask() >> field.lsb; }

inline Fault bad_job(uint32_t reg) { return Fault{FaultCode::kBadJob, reg, 0}; }

// BAD_JOB of the first entry that is outside its limits.
inline Fault check_limits(std::initializer_list<Limit> limits) {
  for (const Limit& limit : limits) {
    if (limit.value < limit.min || limit.value > limit.max) return bad_job(limit.reg);
  }
  return {};
}

// Smallest and largest value of an 8-bit tensor.
constexpr int32_t type_min(bool is_signed) { return is_signed ? -128 : 0; }
constexpr int32_t type_max(bool is_signed) { return is_signed ? 127 : 255; }

}  // namespace systole
