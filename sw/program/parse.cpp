// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// parse(): nothing in the bytes is trusted, not even after the checksums fit.
#include <cmath>
#include <cstring>

#include "sw/program/crc32.h"
#include "sw/program/program_image.h"
#include "sw/program/scratchpad_tensor.h"

namespace systole::program {
namespace {

[[noreturn]] void fail(const std::string& what) { throw ProgramError("program image: " + what); }

void require(bool holds, const std::string& what) {
  if (!holds) fail(what);
}

// Length of the UTF-8 sequence that begins at `text`, 0 when it is malformed.
size_t utf8_length(const uint8_t* text, size_t available) {
  const uint8_t lead = text[0];
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                        : lead >= 0xE0 && lead < 0xF0 ? 3
                        : lead >= 0xF0 && lead < 0xF5 ? 4
                                                      : 0;
  if (length == 0 || length > available) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (lead == 0xE0 && text[1] < 0xA0) || (lead == 0xF0 && text[1] < 0x90);
  const bool is_no_scalar = (lead == 0xED && text[1] > 0x9F) || (lead == 0xF4 && text[1] > 0x8F);
  return is_overlong || is_no_scalar ? 0 : length;
}

class Parser {
 public:
  explicit Parser(const std::vector<uint8_t>& bytes) : bytes_(bytes) {}

  ProgramImage run() {
    read_header();
    check_checksums();
    check_layout();
    ProgramImage image;
    image.machine = {header_.array_rows, header_.array_cols, header_.acc_rows, header_.spad_bytes,
                     header_.spad_banks};
    image.model_name = string_at(header_.model_name, "the model's name");
    image.backend_name = string_at(header_.backend_name, "the backend's name");
    image.arena_bytes = header_.arena_bytes;
    image.input_bytes = header_.input_bytes;
    image.output_bytes = header_.output_bytes;
    read_payload(&image);
    for (uint32_t i = 0; i < header_.tensor_count; ++i) image.tensors.push_back(tensor_at(i));
    for (uint32_t i = 0; i < header_.layer_count; ++i) image.layers.push_back(layer_at(i));
    check_commands(image);
    return image;
  }

 private:
  void read_header() {
    require(bytes_.size() >= sizeof header_,
            "has " + std::to_string(bytes_.size()) + " bytes, less than a header");
    std::memcpy(&header_, bytes_.data(), sizeof header_);
    require(header_.magic == SYSTOLE_PROGRAM_MAGIC, "is not one (wrong magic number)");
    require(header_.version == SYSTOLE_PROGRAM_VERSION,
            "has version " + std::to_string(header_.version) + ", this program reads version " +
                std::to_string(SYSTOLE_PROGRAM_VERSION));
    require(header_.total_bytes == bytes_.size(), "has " + std::to_string(bytes_.size()) +
                                                      " bytes, its header says " +
                                                      std::to_string(header_.total_bytes));
    require(header_.total_bytes % SYSTOLE_PROGRAM_ALIGN == 0, "its size is not a multiple of 64");
    for (const uint32_t word : header_.reserved) require(word == 0, "reserved words are not 0");
  }

  void check_checksums() const {
    require(header_.commands_offset >= sizeof header_ && header_.commands_offset <= bytes_.size(),
            "the command list lies outside");
    std::vector<uint8_t> copy = bytes_;
    systole_program_header_t header = header_;
    header.crc32 = 0;
    std::memcpy(copy.data(), &header, sizeof header);
    require(crc32(copy.data(), copy.size()) == header_.crc32, "its checksum is wrong");
    header.header_crc32 = 0;
    std::memcpy(copy.data(), &header, sizeof header);
    require(crc32(copy.data(), header_.commands_offset) == header_.header_crc32,
            "its header's checksum is wrong");
  }

  void check_part(const char* what, uint64_t offset, uint64_t count, uint64_t unit, uint64_t end,
                  uint64_t align) const {
    require(offset % align == 0, std::string(what) + " are not aligned");
    require(offset >= sizeof header_ && offset <= end && count <= (end - offset) / unit,
            std::string(what) + " reach beyond their part of the image");
  }

  void check_layout() const {
    const uint64_t tables_end = header_.commands_offset;
    check_part("the tensors", header_.tensors_offset, header_.tensor_count,
               sizeof(systole_program_tensor_t), tables_end, 4);
    check_part("the layers", header_.layers_offset, header_.layer_count,
               sizeof(systole_program_layer_t), tables_end, 4);
    check_part("the layers' inputs", header_.inputs_offset, header_.inputs_count, 4, tables_end, 4);
    check_part("the strings", header_.strings_offset, header_.strings_bytes, 1, tables_end, 4);
    check_part("the commands", header_.commands_offset, header_.commands_bytes, 1, bytes_.size(),
               SYSTOLE_PROGRAM_ALIGN);
    check_part("the constants", header_.constants_offset, header_.constants_bytes, 1, bytes_.size(),
               SYSTOLE_PROGRAM_ALIGN);
    require(header_.commands_bytes % 4 == 0, "the command list is not made of words");
    require(header_.strings_bytes > 0 &&
                bytes_[header_.strings_offset + header_.strings_bytes - 1] == 0,
            "the strings are not terminated");
  }

  std::string string_at(uint32_t offset, const char* what) const {
    require(offset < header_.strings_bytes, std::string(what) + " lies outside the strings");
    const uint8_t* text = bytes_.data() + header_.strings_offset + offset;
    const size_t length = std::strlen(reinterpret_cast<const char*>(text));
    for (size_t i = 0; i < length;) {
      const size_t step = utf8_length(text + i, length - i);
      require(step != 0, std::string(what) + " is not UTF-8");
      i += step;
    }
    return std::string(reinterpret_cast<const char*>(text), length);
  }

  void read_payload(ProgramImage* image) const {
    image->commands.resize(header_.commands_bytes / 4);
    if (header_.commands_bytes != 0) {
      std::memcpy(image->commands.data(), bytes_.data() + header_.commands_offset,
                  header_.commands_bytes);
    }
    const auto constants = bytes_.begin() + header_.constants_offset;
    image->constants.assign(constants, constants + header_.constants_bytes);
  }

  uint64_t region_bytes(uint32_t region) const {
    switch (region) {
      case SYSTOLE_REGION_CONSTANTS:
        return header_.constants_bytes;
      case SYSTOLE_REGION_ARENA:
        return header_.arena_bytes;
      case SYSTOLE_REGION_INPUT:
        return header_.input_bytes;
      case SYSTOLE_REGION_OUTPUT:
        return header_.output_bytes;
      default:
        fail("a tensor lies in region " + std::to_string(region) + ", where none can be");
    }
  }

  TensorInfo tensor_at(uint32_t index) const {
    systole_program_tensor_t raw;
    std::memcpy(&raw, bytes_.data() + header_.tensors_offset + index * sizeof raw, sizeof raw);
    const std::string what = "tensor " + std::to_string(index);
    TensorInfo tensor;
    tensor.name = string_at(raw.name, "a tensor's name");
    tensor.region = raw.region;
    tensor.offset = raw.offset;
    tensor.bytes = raw.bytes;
    tensor.dtype = raw.dtype;
    tensor.zero_point = raw.zero_point;
    tensor.row_bytes = raw.row_bytes;
    std::memcpy(&tensor.scale, &raw.scale, sizeof tensor.scale);
    uint64_t elements = 1;
    for (int i = 0; i < 4; ++i) {
      tensor.dims[i] = raw.dims[i];
      require(raw.dims[i] != 0 && elements <= UINT32_MAX / raw.dims[i], what + ": bad dimensions");
      elements *= raw.dims[i];
    }
    require(elements == raw.bytes, what + ": its size is not that of its dimensions");
    if (raw.region == SYSTOLE_REGION_SCRATCHPAD) {
      check_scratchpad_tensor(tensor, what);
    } else {
      require(uint64_t{raw.offset} + raw.bytes <= region_bytes(raw.region) && raw.row_bytes == 0,
              what + " reaches beyond its region");
    }
    require(raw.dtype <= SYSTOLE_DTYPE_INT8, what + ": unknown type");
    require(std::isfinite(tensor.scale) && tensor.scale > 0, what + ": bad scale");
    const int32_t lowest = raw.dtype == SYSTOLE_DTYPE_INT8 ? -128 : 0;
    require(raw.zero_point >= lowest && raw.zero_point <= lowest + 255, what + ": bad zero point");
    return tensor;
  }

  void check_scratchpad_tensor(const TensorInfo& tensor, const std::string& what) const {
    const uint64_t row = uint64_t{tensor.dims[2]} * tensor.dims[3];
    // 64 bits hold the span: 2^32 rows of 2^32 bytes at most.
    require(tensor.row_bytes >= row && tensor.offset <= header_.spad_bytes &&
                scratchpad_span(tensor) <= header_.spad_bytes - tensor.offset,
            what + " reaches beyond the scratchpad");
  }

  LayerInfo layer_at(uint32_t index) const {
    systole_program_layer_t raw;
    std::memcpy(&raw, bytes_.data() + header_.layers_offset + index * sizeof raw, sizeof raw);
    const std::string what = "layer " + std::to_string(index);
    LayerInfo layer;
    layer.name = string_at(raw.name, "a layer's name");
    layer.op = string_at(raw.op, "a layer's operator");
    layer.macs = uint64_t{raw.macs_hi} << 32 | raw.macs_lo;
    layer.kind = static_cast<LayerKind>(raw.kind);
    layer.output_tensor = raw.output_tensor;
    layer.commands_offset = raw.commands_offset;
    layer.commands_bytes = raw.commands_bytes;
    layer.kernel = raw.kernel;
    layer.params_offset = raw.params_offset;
    layer.params_bytes = raw.params_bytes;
    read_inputs(raw, what, &layer);
    require(raw.output_tensor < header_.tensor_count, what + ": no such tensor");
    require(tensor_at(raw.output_tensor).region != SYSTOLE_REGION_CONSTANTS,
            what + " writes the constants");
    for (const uint32_t word : raw.reserved)
      require(word == 0, what + ": reserved words are not 0");
    require(raw.kind <= SYSTOLE_LAYER_FIRMWARE, what + ": unknown kind");
    raw.kind == SYSTOLE_LAYER_NPU ? check_npu_layer(raw, what) : check_firmware_layer(raw, what);
    return layer;
  }

  void read_inputs(const systole_program_layer_t& raw, const std::string& what,
                   LayerInfo* layer) const {
    require(uint64_t{raw.inputs} + raw.input_count <= header_.inputs_count,
            what + ": its inputs lie outside the table");
    layer->input_tensors.resize(raw.input_count);
    if (raw.input_count == 0) return;
    std::memcpy(layer->input_tensors.data(),
                bytes_.data() + header_.inputs_offset + raw.inputs * sizeof(uint32_t),
                raw.input_count * sizeof(uint32_t));
    for (const uint32_t index : layer->input_tensors) {
      require(index < header_.tensor_count, what + ": no such tensor");
      require(raw.kind == SYSTOLE_LAYER_NPU || tensor_at(index).region != SYSTOLE_REGION_SCRATCHPAD,
              what + " reads the scratchpad");
    }
  }

  void check_npu_layer(const systole_program_layer_t& raw, const std::string& what) const {
    require(raw.commands_offset % 4 == 0 && raw.commands_bytes % 4 == 0 &&
                uint64_t{raw.commands_offset} + raw.commands_bytes <= header_.commands_bytes,
            what + ": its commands lie outside the list");
    require(raw.kernel == 0 && raw.params_offset == 0 && raw.params_bytes == 0,
            what + " has commands and a kernel");
  }

  void check_firmware_layer(const systole_program_layer_t& raw, const std::string& what) const {
    require(raw.commands_offset == 0 && raw.commands_bytes == 0,
            what + " has commands and a kernel");
    require(raw.params_offset % 4 == 0 && raw.params_bytes % 4 == 0 &&
                uint64_t{raw.params_offset} + raw.params_bytes <= header_.constants_bytes,
            what + ": its parameters lie outside the constants");
    require(tensor_at(raw.output_tensor).region != SYSTOLE_REGION_SCRATCHPAD,
            what + " writes the scratchpad");
  }

  const std::vector<uint8_t>& bytes_;
  systole_program_header_t header_{};
};

}  // namespace

ProgramImage parse(const std::vector<uint8_t>& bytes) { return Parser(bytes).run(); }

}  // namespace systole::program
