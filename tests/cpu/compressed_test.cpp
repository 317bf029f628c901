// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// All compressed encodings against GNU's disassembler: the same ones are legal, and each has
// the text of the 32-bit instruction it is expanded to.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sim/cpu/riscv_decode.h"

namespace systole {
namespace {

const char* const kObjdump = "riscv64-unknown-elf-objdump";

// The disassembly of words placed one after the other from address 0, by address.
std::map<uint32_t, std::string> disassemble(const std::vector<uint8_t>& bytes) {
  const std::string path = ::testing::TempDir() + "compressed_test.bin";
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  const std::string command =
      std::string(kObjdump) + " -D -b binary -m riscv:rv32 -M no-aliases,numeric " + path;
  std::map<uint32_t, std::string> lines;
  std::FILE* pipe = popen(command.c_str(), "r");
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    unsigned address = 0;
    char code[16];
    char text[200];
    if (std::sscanf(line, " %x: %15s %199[^\n]", &address, code, text) == 3) lines[address] = text;
  }
  pclose(pipe);
  return lines;
}

void put(std::vector<uint8_t>& bytes, uint32_t value, unsigned count) {
  for (unsigned i = 0; i < count; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

// Without floating point, which the core does not have but the disassembler knows.
bool is_float(uint32_t c) {
  const uint32_t f3 = (c >> 13) & 7;
  return (c & 3) != 1 && (f3 == 1 || f3 == 3 || f3 == 5 || f3 == 7);
}

// What GNU prints although it is reserved in RV32: shifts by 32 and more, C.ADDI16SP by 0. The
// program traps.c holds these against QEMU.
bool is_leniently_printed(uint32_t c) {
  const bool slli = (c & 0xe003) == 0x0002;
  const bool right = (c & 0xe803) == 0x8001;
  return ((slli || right) && (c & 0x1000) != 0) || c == 0x6101;
}

// GNU names what does nothing or is reserved for hints; it is legal all the same.
bool illegal(const std::string& text) {
  return text.find(".2byte") == 0 || text.find(".short") == 0 || text.find("unimp") != text.npos ||
         text.find(".insn") == 0;
}

// "c.addi\tx10,x10,1" and "addi\tx10,x10,1" have the same operands, except that a compressed
// instruction may leave out the ones that its form implies; the last one is always there.
std::string last_operand(const std::string& text) {
  const std::string head = text.substr(0, text.find(" #"));
  const size_t at = head.find_last_of(",\t");
  return at == head.npos ? head : head.substr(at + 1);
}

TEST(Compressed, AgreesWithTheDisassemblerOnWhatIsLegal) {
  if (std::system((std::string(kObjdump) + " --version >/dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << kObjdump << " is not installed";
  }
  std::vector<uint32_t> codes;
  std::vector<uint8_t> compressed;
  std::vector<uint8_t> expanded;
  for (uint32_t c = 0; c < 0x10000; ++c) {
    if ((c & 3) == 3 || is_float(c) || is_leniently_printed(c)) continue;
    codes.push_back(c);
    put(compressed, c, 2);
    put(compressed, 0x0001, 2);  // C.NOP, so that both lists have the same addresses
    put(expanded, expand_compressed(static_cast<uint16_t>(c)), 4);
  }
  const auto short_text = disassemble(compressed);
  const auto long_text = disassemble(expanded);
  unsigned legal = 0;
  for (uint32_t i = 0; i < codes.size(); ++i) {
    const std::string& text = short_text.at(4 * i);
    const uint32_t word = expand_compressed(static_cast<uint16_t>(codes[i]));
    ASSERT_EQ(word == 0, illegal(text)) << std::hex << codes[i] << " " << text;
    if (word == 0) continue;
    ++legal;
    const std::string& expansion = long_text.at(4 * i);
    const bool implied = expansion.find("jalr") == 0 || text.find("c.lui") == 0 ||
                         text.find("c.mv") == 0 || text.find("64\t") != text.npos ||
                         text == "c.nop" || text == "c.ebreak";
    if (implied) continue;
    EXPECT_EQ(last_operand(expansion), last_operand(text))
        << std::hex << codes[i] << ": " << text << " / " << expansion;
  }
  EXPECT_GT(legal, 20000u);
}

}  // namespace
}  // namespace systole
