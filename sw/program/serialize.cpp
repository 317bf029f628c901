// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// serialize(): header, tensors, layers, their inputs, strings, then (64-byte aligned) commands and
// constants.
#include <cstddef>
#include <cstring>
#include <map>

#include "sw/program/crc32.h"
#include "sw/program/program_image.h"

namespace systole::program {
namespace {

// The file is little-endian and written as it lies in memory.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a big-endian host needs byte swaps");
static_assert(sizeof(systole_program_header_t) == 128);
static_assert(sizeof(systole_program_tensor_t) == 48 && sizeof(systole_program_layer_t) == 64);

uint64_t align_up(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

// Zero-terminated strings; equal strings are stored once.
class StringTable {
 public:
  uint32_t add(const std::string& text) {
    const auto [place, is_new] = offsets_.try_emplace(text, static_cast<uint32_t>(bytes_.size()));
    if (is_new) bytes_.insert(bytes_.end(), text.c_str(), text.c_str() + text.size() + 1);
    return place->second;
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::map<std::string, uint32_t> offsets_;
  std::vector<uint8_t> bytes_;
};

systole_program_tensor_t encode(const TensorInfo& tensor, StringTable* strings) {
  systole_program_tensor_t out{};
  out.name = strings->add(tensor.name);
  out.region = tensor.region;
  out.offset = tensor.offset;
  out.bytes = tensor.bytes;
  out.dtype = tensor.dtype;
  for (int i = 0; i < 4; ++i) out.dims[i] = tensor.dims[i];
  std::memcpy(&out.scale, &tensor.scale, sizeof out.scale);
  out.zero_point = tensor.zero_point;
  out.row_bytes = tensor.row_bytes;
  return out;
}

systole_program_layer_t encode(const LayerInfo& layer, StringTable* strings,
                               std::vector<uint32_t>* inputs) {
  systole_program_layer_t out{};
  out.name = strings->add(layer.name);
  out.op = strings->add(layer.op);
  out.macs_lo = static_cast<uint32_t>(layer.macs);
  out.macs_hi = static_cast<uint32_t>(layer.macs >> 32);
  out.kind = static_cast<uint32_t>(layer.kind);
  out.inputs = static_cast<uint32_t>(inputs->size());
  out.input_count = static_cast<uint32_t>(layer.input_tensors.size());
  inputs->insert(inputs->end(), layer.input_tensors.begin(), layer.input_tensors.end());
  out.output_tensor = layer.output_tensor;
  out.commands_offset = layer.commands_offset;
  out.commands_bytes = layer.commands_bytes;
  out.kernel = layer.kernel;
  out.params_offset = layer.params_offset;
  out.params_bytes = layer.params_bytes;
  return out;
}

class Writer {
 public:
  // Appends `size` bytes at the next multiple of `align`; returns where they begin.
  uint32_t put(const void* data, size_t size, uint64_t align) {
    const uint64_t offset = align_up(bytes_.size(), align);
    if (offset + size > UINT32_MAX - SYSTOLE_PROGRAM_ALIGN) {
      throw ProgramError("the program image would be larger than 4 GiB");
    }
    bytes_.resize(offset + size);
    if (size != 0) std::memcpy(bytes_.data() + offset, data, size);
    return static_cast<uint32_t>(offset);
  }
  std::vector<uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<uint8_t> bytes_;
};

systole_program_header_t header_of(const ProgramImage& image) {
  systole_program_header_t header{};
  header.magic = SYSTOLE_PROGRAM_MAGIC;
  header.version = SYSTOLE_PROGRAM_VERSION;
  header.array_rows = image.machine.array_rows;
  header.array_cols = image.machine.array_cols;
  header.acc_rows = image.machine.acc_rows;
  header.spad_bytes = image.machine.spad_bytes;
  header.spad_banks = image.machine.spad_banks;
  header.tensor_count = static_cast<uint32_t>(image.tensors.size());
  header.layer_count = static_cast<uint32_t>(image.layers.size());
  header.commands_bytes = static_cast<uint32_t>(image.commands.size() * 4);
  header.constants_bytes = static_cast<uint32_t>(image.constants.size());
  header.arena_bytes = image.arena_bytes;
  header.input_bytes = image.input_bytes;
  header.output_bytes = image.output_bytes;
  return header;
}

void seal(std::vector<uint8_t>* bytes, systole_program_header_t header) {
  header.total_bytes = static_cast<uint32_t>(bytes->size());
  std::memcpy(bytes->data(), &header, sizeof header);
  header.header_crc32 = crc32(bytes->data(), header.commands_offset);
  std::memcpy(bytes->data(), &header, sizeof header);
  header.crc32 = crc32(bytes->data(), bytes->size());
  std::memcpy(bytes->data(), &header, sizeof header);
}

}  // namespace

std::vector<uint8_t> serialize(const ProgramImage& image) {
  StringTable strings;
  systole_program_header_t header = header_of(image);
  header.model_name = strings.add(image.model_name);
  header.backend_name = strings.add(image.backend_name);
  std::vector<systole_program_tensor_t> tensors;
  for (const TensorInfo& tensor : image.tensors) tensors.push_back(encode(tensor, &strings));
  std::vector<systole_program_layer_t> layers;
  std::vector<uint32_t> inputs;
  for (const LayerInfo& layer : image.layers) layers.push_back(encode(layer, &strings, &inputs));

  Writer writer;
  writer.put(&header, sizeof header, 1);
  header.tensors_offset = writer.put(tensors.data(), tensors.size() * sizeof tensors[0], 4);
  header.layers_offset = writer.put(layers.data(), layers.size() * sizeof layers[0], 4);
  header.inputs_count = static_cast<uint32_t>(inputs.size());
  header.inputs_offset = writer.put(inputs.data(), inputs.size() * sizeof inputs[0], 4);
  header.strings_bytes = static_cast<uint32_t>(strings.bytes().size());
  header.strings_offset = writer.put(strings.bytes().data(), header.strings_bytes, 4);
  header.commands_offset =
      writer.put(image.commands.data(), header.commands_bytes, SYSTOLE_PROGRAM_ALIGN);
  header.constants_offset =
      writer.put(image.constants.data(), header.constants_bytes, SYSTOLE_PROGRAM_ALIGN);
  writer.put(nullptr, 0, SYSTOLE_PROGRAM_ALIGN);
  std::vector<uint8_t> bytes = writer.take();
  seal(&bytes, header);
  return bytes;
}

}  // namespace systole::program
