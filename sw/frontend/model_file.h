// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the readers of all model formats share: files and messages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::frontend {

// The content of a file of at most 2 GiB. Throws graph::ModelError without the path.
std::string read_model_file(const std::string& path);

// One printable line of at most 1000 characters, whatever names a file contains.
std::string one_line(const std::string& text);

// "{1, 3, 28, 28}"
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace systole::frontend
