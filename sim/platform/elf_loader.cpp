// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/platform/elf_loader.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace systole {
namespace {

constexpr uint32_t kHeaderBytes = 52;
constexpr uint32_t kProgramHeaderBytes = 32;
constexpr uint32_t kSectionHeaderBytes = 40;
constexpr uint32_t kSymbolBytes = 16;
constexpr uint16_t kMachineRiscv = 243;
constexpr uint16_t kTypeExecutable = 2;
constexpr uint32_t kSegmentLoad = 1;
constexpr uint32_t kSectionSymbols = 2;
constexpr uint64_t kMaxFileBytes = 1ull << 30;

// Little-endian reads with a bounds check on each.
class Reader {
 public:
  Reader(const std::vector<uint8_t>& file, const std::string& path) : file_(file), path_(path) {}

  [[noreturn]] void fail(const std::string& what) const { throw ElfError(path_ + ": " + what); }

  void require(uint64_t offset, uint64_t size, const char* what) const {
    if (offset > file_.size() || file_.size() - offset < size) {
      fail(std::string(what) + " lies past the end of the file (truncated?)");
    }
  }
  uint32_t get(uint64_t offset, unsigned size) const {
    require(offset, size, "a header");
    uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value |= uint32_t{file_[offset + i]} << (8 * i);
    return value;
  }
  uint16_t u16(uint64_t offset) const { return static_cast<uint16_t>(get(offset, 2)); }
  uint32_t u32(uint64_t offset) const { return get(offset, 4); }

  // The zero-terminated string in [offset, end); empty when it is not terminated there.
  std::string string(uint64_t offset, uint64_t end) const {
    if (offset >= end || end > file_.size()) return {};
    const auto first = file_.begin() + static_cast<std::ptrdiff_t>(offset);
    const auto last = file_.begin() + static_cast<std::ptrdiff_t>(end);
    const auto zero = std::find(first, last, 0);
    return zero == last ? std::string() : std::string(first, zero);
  }
  const std::vector<uint8_t>& file() const { return file_; }

 private:
  const std::vector<uint8_t>& file_;
  const std::string& path_;
};

void check_header(const Reader& in) {
  const std::vector<uint8_t>& file = in.file();
  static constexpr uint8_t kMagic[] = {0x7f, 'E', 'L', 'F'};
  if (file.size() < 4 || !std::equal(std::begin(kMagic), std::end(kMagic), file.begin())) {
    in.fail("not an ELF file");
  }
  in.require(0, kHeaderBytes, "the ELF header");
  if (file[4] != 1) in.fail("not a 32-bit ELF file");
  if (file[5] != 1) in.fail("not a little-endian ELF file");
  if (in.u16(18) != kMachineRiscv) {
    in.fail("made for another machine (ELF machine " + std::to_string(in.u16(18)) +
            ", RISC-V is 243)");
  }
  if (in.u16(16) != kTypeExecutable) in.fail("not an executable (is it linked?)");
}

void read_segment(const Reader& in, uint64_t header, ElfImage& image) {
  if (in.u32(header) != kSegmentLoad) return;
  const uint32_t offset = in.u32(header + 4);
  const uint32_t file_bytes = in.u32(header + 16);
  ElfImage::Segment segment;
  segment.address = in.u32(header + 12);
  segment.memory_bytes = in.u32(header + 20);
  if (segment.memory_bytes == 0) return;
  if (file_bytes > segment.memory_bytes) in.fail("a segment is larger in the file than in memory");
  in.require(offset, file_bytes, "a segment");
  const auto first = in.file().begin() + offset;
  segment.bytes.assign(first, first + file_bytes);
  image.segments.push_back(std::move(segment));
}

void read_segments(const Reader& in, ElfImage& image) {
  const uint32_t table = in.u32(28);
  const uint32_t entry_bytes = in.u16(42);
  const uint32_t count = in.u16(44);
  if (count != 0 && entry_bytes < kProgramHeaderBytes) in.fail("bad program header size");
  // Overlapping segments could make a small file ask for much memory.
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t header = table + uint64_t{i} * entry_bytes;
    in.require(header, kProgramHeaderBytes, "the program header table");
    read_segment(in, header, image);
    if (in.u32(header) == kSegmentLoad) total += in.u32(header + 16);
    if (total > in.file().size()) in.fail("segments overlap in the file");
  }
  if (image.segments.empty()) in.fail("no segment to load");
}

void read_symbol_table(const Reader& in, uint64_t section, uint64_t strings, ElfImage& image) {
  const uint32_t offset = in.u32(section + 16);
  const uint32_t bytes = in.u32(section + 20);
  in.require(offset, bytes, "the symbol table");
  const uint64_t names = in.u32(strings + 16);
  const uint64_t names_end = names + in.u32(strings + 20);
  in.require(names, names_end - names, "the string table");
  for (uint64_t at = offset; at + kSymbolBytes <= uint64_t{offset} + bytes; at += kSymbolBytes) {
    const uint32_t type = in.get(at + 12, 1) & 15;
    const bool defined = in.u16(at + 14) != 0;
    if (!defined || type > 2) continue;  // plain, object or function
    std::string name = in.string(names + in.u32(at), names_end);
    if (name.empty() || name[0] == '$') continue;  // mapping symbols
    image.symbols.push_back({std::move(name), in.u32(at + 4), in.u32(at + 8)});
  }
}

void read_symbols(const Reader& in, ElfImage& image) {
  const uint32_t table = in.u32(32);
  const uint32_t entry_bytes = in.u16(46);
  const uint32_t count = in.u16(48);
  if (table == 0 || count == 0) return;
  if (entry_bytes < kSectionHeaderBytes) in.fail("bad section header size");
  in.require(table, uint64_t{count} * entry_bytes, "the section header table");
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t section = table + uint64_t{i} * entry_bytes;
    if (in.u32(section + 4) != kSectionSymbols) continue;
    const uint32_t link = in.u32(section + 24);
    if (link >= count) in.fail("the symbol table has no string table");
    read_symbol_table(in, section, table + uint64_t{link} * entry_bytes, image);
    break;  // an executable has one
  }
  std::stable_sort(image.symbols.begin(), image.symbols.end(),
                   [](const auto& a, const auto& b) { return a.address < b.address; });
}

}  // namespace

std::string hex_address(uint32_t address) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", address);
  return text;
}

std::optional<uint32_t> ElfImage::find_symbol(const std::string& name) const {
  const auto found = std::find_if(symbols.begin(), symbols.end(),
                                  [&name](const Symbol& symbol) { return symbol.name == name; });
  if (found == symbols.end()) return std::nullopt;
  return found->address;
}

std::string ElfImage::describe(uint32_t address) const {
  const auto after =
      std::upper_bound(symbols.begin(), symbols.end(), address,
                       [](uint32_t value, const Symbol& symbol) { return value < symbol.address; });
  if (after == symbols.begin()) return {};
  const Symbol& symbol = *std::prev(after);
  char text[16];
  std::snprintf(text, sizeof text, "+0x%x", address - symbol.address);
  return symbol.name + (address == symbol.address ? "" : text);
}

ElfImage parse_elf(const std::vector<uint8_t>& file, const std::string& path) {
  const Reader in(file, path);
  check_header(in);
  ElfImage image;
  image.path = path;
  image.entry = in.u32(24);
  read_segments(in, image);
  read_symbols(in, image);
  return image;
}

ElfImage load_elf(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw ElfError(path + ": no such file");
  if (!std::filesystem::is_regular_file(path, error)) throw ElfError(path + ": not a file");
  if (std::filesystem::file_size(path, error) > kMaxFileBytes) {
    throw ElfError(path + ": larger than 1 GiB");
  }
  std::ifstream in(path, std::ios::binary);
  const std::vector<uint8_t> file((std::istreambuf_iterator<char>(in)),
                                  std::istreambuf_iterator<char>());
  if (!in) throw ElfError(path + ": cannot be read");
  return parse_elf(file, path);
}

}  // namespace systole
