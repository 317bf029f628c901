// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/model_file.h"

#include <filesystem>
#include <fstream>
#include <limits>

#include "sw/graph/graph.h"

namespace systole::frontend {

using graph::ModelError;

std::string read_model_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) throw ModelError("no such file");
  if (!std::filesystem::is_regular_file(path, error)) throw ModelError("is not a file");
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > static_cast<std::uintmax_t>(std::numeric_limits<int32_t>::max())) {
    throw ModelError("is larger than 2 GiB");
  }
  std::string content(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(content.data(), static_cast<std::streamsize>(size))) {
    throw ModelError("cannot be read");
  }
  return content;
}

std::string one_line(const std::string& text) {
  constexpr size_t kLongest = 1000;
  std::string line = text.substr(0, kLongest);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return line;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "{";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "}";
}

}  // namespace systole::frontend
