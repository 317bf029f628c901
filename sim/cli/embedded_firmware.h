// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include "sim/platform/elf_loader.h"

namespace systole::cli {

// The inference firmware (firmware/apps/inference) that was built with this program.
ElfImage embedded_firmware();

}  // namespace systole::cli
