// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The smallest ELF with a program and symbols, for tests that need no compiler.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::test {

inline void put(std::vector<uint8_t>& file, uint32_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) file.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

inline void put_words(std::vector<uint8_t>& file, const std::vector<uint32_t>& words) {
  for (const uint32_t word : words) put(file, word, 4);
}

// A 32-bit RISC-V executable of one segment at 0x80000000 that holds `code`, with the symbols
// _start (there) and tohost (0x80001000).
inline std::vector<uint8_t> make_elf(const std::vector<uint32_t>& code) {
  const auto code_bytes = static_cast<uint32_t>(4 * code.size());
  const std::string names("\0_start\0tohost\0", 15);
  const uint32_t code_at = 52 + 32;
  const uint32_t names_at = code_at + code_bytes;
  const uint32_t symbols_at = names_at + 16;
  const uint32_t sections_at = symbols_at + 3 * 16;
  std::vector<uint8_t> file = {0x7f, 'E', 'L', 'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  put_words(file, {243u << 16 | 2, 1, 0x80000000, 52, sections_at, 0});
  put_words(file, {32u << 16 | 52, 40u << 16 | 1, 3});
  put_words(file, {1, code_at, 0x80000000, 0x80000000, code_bytes, 0x2000, 7, 4});
  put_words(file, code);
  file.insert(file.end(), names.begin(), names.end());
  put(file, 0, 1);
  put_words(file, {0, 0, 0, 0});
  put_words(file, {1, 0x80000000, 0, 1u << 16 | 0x10});
  put_words(file, {8, 0x80001000, 0, 1u << 16 | 0x10});
  put_words(file, std::vector<uint32_t>(10, 0));                   // section 0
  put_words(file, {0, 2, 0, 0, symbols_at, 3 * 16, 2, 0, 4, 16});  // symbols
  put_words(file, {0, 3, 0, 0, names_at, 15, 0, 0, 1, 0});         // their names
  return file;
}

}  // namespace systole::test
