// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace systole::program {

// The CRC-32 of zlib, PNG and Ethernet (reflected 0x04C11DB7, start and final XOR all ones).
uint32_t crc32(const uint8_t* data, size_t size);

}  // namespace systole::program
