// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/scratchpad/scratchpad_kernel.h"

#include <algorithm>

namespace systole::scratchpad {

Fault check_range(const Geometry& geometry, const Range& range) {
  if (range.empty() || range.end <= geometry.bytes) return {};
  const uint64_t first = std::max<uint64_t>(range.begin, geometry.bytes);
  return Fault{FaultCode::kSpadRange, 0, static_cast<uint32_t>(first)};
}

uint32_t banks_of(const Geometry& geometry, const Range& range) {
  if (range.empty()) return 0;
  const uint64_t first = range.begin / geometry.bank_bytes();
  const uint64_t last = (range.end - 1) / geometry.bank_bytes();
  const uint64_t up_to_last = (uint64_t{1} << (last + 1)) - 1;
  const uint64_t below_first = (uint64_t{1} << first) - 1;
  return static_cast<uint32_t>(up_to_last & ~below_first);
}

PortMask ports_of(const Geometry& geometry, const Footprint& footprint) {
  PortMask mask;
  for (const Range& range : footprint.read) mask.read |= banks_of(geometry, range);
  mask.write = banks_of(geometry, footprint.write);
  mask.acc_write = footprint.writes_accumulators;
  return mask;
}

}  // namespace systole::scratchpad
