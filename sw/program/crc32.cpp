// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/program/crc32.h"

#include <boost/crc.hpp>

namespace systole::program {

uint32_t crc32(const uint8_t* data, size_t size) {
  boost::crc_32_type crc;
  crc.process_bytes(data, size);
  return crc.checksum();
}

}  // namespace systole::program
