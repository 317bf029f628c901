// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstdint>

#include "hw/sequencer/gen/sequencer_regs.hpp"

namespace systole {

using FaultCode = regs::sequencer::FaultCode;
using UnitId = regs::sequencer::UnitId;

// Why a job or a command cannot be done, as FAULT_STATUS, FAULT_INFO and FAULT_ADDR show it.
struct Fault {
  FaultCode code = FaultCode::kNone;
  uint32_t info = 0;  // kBadJob: offset of the job register at fault
  uint32_t addr = 0;  // kSpadRange, kAccRange: first address outside; kBusError: the DRAM address

  explicit operator bool() const { return code != FaultCode::kNone; }
};

}  // namespace systole
