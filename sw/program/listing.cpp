// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sw/program/program_image.h"

namespace systole::program {
namespace {

const char* region_name(uint32_t region) {
  switch (region) {
    case SYSTOLE_REGION_CONSTANTS:
      return "const";
    case SYSTOLE_REGION_ARENA:
      return "arena";
    case SYSTOLE_REGION_INPUT:
      return "input";
    case SYSTOLE_REGION_OUTPUT:
      return "output";
    case SYSTOLE_REGION_SCRATCHPAD:
      return "spad";
    default:
      return "?";
  }
}

// Plays the command lists and prints a line per job: its number, its unit and what it writes.
class Listing {
 public:
  explicit Listing(const ProgramImage& image) : image_(image) {}

  std::string run() {
    head();
    firmware_heads();
    for_each_command(image_.commands, [this](const Command& command) { visit(command); });
    return text_;
  }

 private:
  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  void head() {
    print("model {} ({}), array {}x{}, {} accumulator rows, scratchpad {} bytes in {} banks\n",
          image_.model_name, image_.backend_name, image_.machine.array_rows,
          image_.machine.array_cols, image_.machine.acc_rows, image_.machine.spad_bytes,
          image_.machine.spad_banks);
    print(
        "commands {} bytes, constants {} bytes, arena {} bytes, input {} bytes, output {} bytes\n",
        image_.commands.size() * 4, image_.constants.size(), image_.arena_bytes, image_.input_bytes,
        image_.output_bytes);
    for (const TensorInfo& t : image_.tensors) {
      print("tensor {:<6} +{:#08x} {:>8} bytes {:>4}x{}x{}x{} {}  {}\n", region_name(t.region),
            t.offset, t.bytes, t.dims[0], t.dims[1], t.dims[2], t.dims[3],
            t.dtype == SYSTOLE_DTYPE_INT8 ? "int8" : "uint8", t.name);
    }
  }

  // Heads of the NPU's layers that begin up to word `index`.
  void layer_heads(size_t index) {
    while (next_layer_ < image_.layers.size() && !is_firmware(next_layer_) &&
           image_.layers[next_layer_].commands_offset <= index * 4) {
      layer_head(next_layer_, image_.layers[next_layer_]);
      ++next_layer_;
    }
  }

  // Between two segments.
  void firmware_heads() {
    for (; next_layer_ < image_.layers.size() && is_firmware(next_layer_); ++next_layer_) {
      layer_head(next_layer_, image_.layers[next_layer_]);
    }
  }

  bool is_firmware(size_t layer) const { return image_.layers[layer].kind == LayerKind::kFirmware; }

  void layer_head(size_t index, const LayerInfo& layer) {
    print("\nlayer {} {} ({}), ", index, layer.name, layer.op);
    if (is_firmware(index)) {
      print("firmware kernel {}, {} bytes of parameters at +{:#x}\n", layer.kernel,
            layer.params_bytes, layer.params_offset);
    } else {
      print("{} MACs, {} bytes of commands\n", layer.macs, layer.commands_bytes);
    }
  }

  void visit(const Command& command) {
    layer_heads(command.index);
    switch (command.opcode) {
      case Opcode::kWrite:
        write(command);
        break;
      case Opcode::kFence:
        print("{:6}  FENCE\n", command.index);
        break;
      case Opcode::kMark:
        print("{:6}  MARK {}\n", command.index, command.offset);
        break;
      case Opcode::kEnd:
        print("{:6}  END\n", command.index);
        firmware_heads();
        break;
    }
  }

  void write(const Command& command) {
    for (uint32_t i = 0; i < command.count; ++i) {
      const RegisterRef ref = find_register(command.offset + 4 * i);
      const std::string name = ref.info->name;
      if (name == "START") {
        flush(command.index, ref.block->instance);
      } else if (ref.info->count > 1) {
        pending_ += fmt::format(" {}[{}]={:#x}", name, ref.element, command.data[i]);
      } else {
        pending_ += value_text(name, command.data[i]);
      }
    }
  }

  // Packed registers read best as two 16-bit halves in hexadecimal, sizes and addresses as numbers.
  static std::string value_text(const std::string& name, uint32_t value) {
    if (name == "TOKENS") {
      return fmt::format(" TOKENS=wait:{:#06x},signal:{:#06x}", value & 0xFFFF, value >> 16);
    }
    if (name == "OUT_SIZE") return fmt::format(" OUT_SIZE={}x{}", value >> 16, value & 0xFFFF);
    if (name == "PAD" || name == "MODE" || name == "K_LOOPS" || name == "WINDOW" ||
        name == "CLAMP" || name == "ZERO_POINT" || name == "AUX") {
      return fmt::format(" {}={:#x}", name, value);
    }
    return fmt::format(" {}={}", name, value);
  }

  void flush(size_t index, const char* unit) {
    print("{:6}  {:<9}{}\n", index, unit, pending_);
    pending_.clear();
  }

  const ProgramImage& image_;
  std::string text_;
  std::string pending_;  // register writes since the last START
  size_t next_layer_ = 0;
};

}  // namespace

std::string listing(const ProgramImage& image) { return Listing(image).run(); }

}  // namespace systole::program
