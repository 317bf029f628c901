// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The program image as C++ values. program_format.h is the layout in memory; README.md explains it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sw/program/command_list.h"
#include "sw/program/program_format.h"

namespace systole::program {

// The machine that a program was compiled for.
struct Machine {
  uint32_t array_rows = 0;
  uint32_t array_cols = 0;
  uint32_t acc_rows = 0;
  uint32_t spad_bytes = 0;
  uint32_t spad_banks = 0;
};

// A tensor in DRAM: an activation or, in region CONSTANTS, an operand that no layer writes.
struct TensorInfo {
  std::string name;
  uint32_t region = SYSTOLE_REGION_ARENA;
  uint32_t offset = 0;
  uint32_t bytes = 0;
  uint32_t dtype = SYSTOLE_DTYPE_UINT8;
  std::array<uint32_t, 4> dims{1, 1, 1, 1};  // N, H, W, C
  float scale = 1;
  int32_t zero_point = 0;
  uint32_t row_bytes = 0;  // region SCRATCHPAD: from one image row to the next
};

// Who computes a layer; the values are SYSTOLE_LAYER_....
enum class LayerKind : uint32_t { kNpu = SYSTOLE_LAYER_NPU, kFirmware = SYSTOLE_LAYER_FIRMWARE };

struct LayerInfo {
  std::string name;
  std::string op;
  uint64_t macs = 0;
  std::vector<uint32_t> input_tensors;
  uint32_t output_tensor = 0;
  LayerKind kind = LayerKind::kNpu;
  // kNpu: bytes from the start of the commands; the END of a segment is no layer's.
  uint32_t commands_offset = 0;
  uint32_t commands_bytes = 0;
  // kFirmware: SYSTOLE_KERNEL_... (kernel_params.h) and where its parameters lie in the constants.
  uint32_t kernel = 0;
  uint32_t params_offset = 0;
  uint32_t params_bytes = 0;
};

// Tensors: first the network's inputs, then its outputs (each in the model's order), then the rest.
// Commands: per segment (a maximal run of NPU layers) those of its layers, then one END.
struct ProgramImage {
  Machine machine;
  std::string model_name;
  std::string backend_name;
  std::vector<TensorInfo> tensors;
  std::vector<LayerInfo> layers;
  std::vector<uint32_t> commands;
  std::vector<uint8_t> constants;
  uint32_t arena_bytes = 0;
  uint32_t input_bytes = 0;
  uint32_t output_bytes = 0;
};

// A command list that the NPU plays on its own: a maximal run of NPU layers.
struct Segment {
  size_t first_layer = 0;
  size_t layer_count = 0;
  uint32_t commands_offset = 0;  // bytes
  uint32_t commands_bytes = 0;   // END included
};

// In order. Throws ProgramError unless they fill the commands and each consists of its layers'
// commands, one behind the other, and an END.
std::vector<Segment> segments(const ProgramImage& image);

// The image's bytes. Throws ProgramError when it would be larger than 32 bits allow.
std::vector<uint8_t> serialize(const ProgramImage& image);

// Reads and checks an image. Whatever the bytes are, the result is an image whose every index,
// string and offset can be used, or a ProgramError. Requires: nothing about `bytes`.
ProgramImage parse(const std::vector<uint8_t>& bytes);

// Throws ProgramError when a command list breaks the sequencer's rules or moves bytes outside the
// image's regions, or when a segment does not MARK each of its layers in order. parse() calls it.
void check_commands(const ProgramImage& image);

// The commands as text: one line per job with layer, unit and registers, and the firmware layers.
std::string listing(const ProgramImage& image);

}  // namespace systole::program
