// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#pragma once

#include <filesystem>
#include <string>

namespace systole::cli {

// Both throw UsageError, one line that names the path.
void make_folder(const std::string& path);
void write_file(const std::filesystem::path& path, const std::string& content);

}  // namespace systole::cli
