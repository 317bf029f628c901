// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cli/embedded_firmware.h"

#include <cstdint>
#include <vector>

// Defined in embedded_firmware.S.
extern "C" const uint8_t systole_firmware_begin[];
extern "C" const uint8_t systole_firmware_end[];

namespace systole::cli {

ElfImage embedded_firmware() {
  return parse_elf(std::vector<uint8_t>(systole_firmware_begin, systole_firmware_end),
                   "inference.elf (built in)");
}

}  // namespace systole::cli
