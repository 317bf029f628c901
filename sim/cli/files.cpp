// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cli/files.h"

#include <fmt/core.h>

#include <fstream>
#include <system_error>

#include "sim/cli/command.h"

namespace systole::cli {

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || !std::filesystem::is_directory(path)) {
    throw UsageError(fmt::format("{}: cannot make this folder", path));
  }
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  if (!file) throw UsageError(fmt::format("{}: cannot write this file", path.string()));
}

}  // namespace systole::cli
