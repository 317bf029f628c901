// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Reads executables for the core: ELF32, little-endian, RISC-V. Input is not trusted: whatever the
// bytes are, the result is an image or an ElfError that names the file.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole {

class ElfError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ElfImage {
  struct Segment {
    uint32_t address;            // where to load (physical)
    uint32_t memory_bytes;       // the rest after `bytes` is zero
    std::vector<uint8_t> bytes;  // at most memory_bytes
  };
  struct Symbol {
    std::string name;
    uint32_t address;
    uint32_t size_bytes;
  };

  std::string path;
  uint32_t entry = 0;
  std::vector<Segment> segments;
  std::vector<Symbol> symbols;  // with a name; ascending by address

  std::optional<uint32_t> find_symbol(const std::string& name) const;
  // "main+0x1c" for an address in or after a symbol; empty when there is none before it.
  std::string describe(uint32_t address) const;
};

// Both throw ElfError. A file without symbols is fine.
ElfImage load_elf(const std::string& path);
ElfImage parse_elf(const std::vector<uint8_t>& file, const std::string& path);

std::string hex_address(uint32_t address);

}  // namespace systole
