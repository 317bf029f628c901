// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Random layers of every operator with what the reference makes of them, lowered for the firmware.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sw/compiler/lower_firmware.h"
#include "sw/graph/graph.h"

namespace systole::test {

struct FirmwareCase {
  std::string name;  // operator and backend
  compiler::FirmwareLayer layer;
  std::vector<std::vector<uint8_t>> inputs;
  std::vector<uint8_t> expected;
};

// `rounds` random layers of each operator that the firmware has, for each backend that has it.
void for_each_firmware_case(uint32_t seed, int rounds,
                            const std::function<void(const FirmwareCase&)>& visit);

}  // namespace systole::test
