// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// libFuzzer entry: any bytes as a program image, with checksums that fit, so that the checks behind
// them are reached. Anything but an image or ProgramError is a finding; an image must survive being
// written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "sw/program/crc32.h"
#include "sw/program/program_image.h"

namespace {

using namespace systole::program;

void reseal(std::vector<uint8_t>* bytes) {
  systole_program_header_t header;
  if (bytes->size() < sizeof header) return;
  std::memcpy(&header, bytes->data(), sizeof header);
  header.crc32 = header.header_crc32 = 0;
  std::memcpy(bytes->data(), &header, sizeof header);
  if (header.commands_offset <= bytes->size()) {
    header.header_crc32 = crc32(bytes->data(), header.commands_offset);
  }
  std::memcpy(bytes->data(), &header, sizeof header);
  header.crc32 = crc32(bytes->data(), bytes->size());
  std::memcpy(bytes->data(), &header, sizeof header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<uint8_t> bytes(data, data + size);
  reseal(&bytes);
  ProgramImage image;
  try {
    image = parse(bytes);
  } catch (const ProgramError&) {
    return 0;
  }
  listing(image);
  segments(image);
  const std::vector<uint8_t> written = serialize(image);
  if (serialize(parse(written)) != written) std::abort();
  return 0;
}
