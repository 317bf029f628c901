// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The machine's parameters: a preset, then a file, then single assignments; the later one wins.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "hw/params/gen/params.hpp"

namespace systole {

// A parameter or a file that cannot be used. what() is one line that names the parameter, its value
// and what is allowed.
class ParamError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr const char* kDefaultPreset = "edge";

// `preset`: a name from kPresetNames; empty: the one that the file or an assignment names with
// "preset", else the default. `json_file`: a path, may be empty. `assignments`: "array.rows=32".
// Throws ParamError.
Params load_params(const std::string& preset, const std::string& json_file,
                   const std::vector<std::string>& assignments);

// Throws ParamError unless every value is in its range and the values fit each other.
void validate(const Params& params);

// The effective configuration: a JSON object of nested names that load_params() reads back.
std::string params_json(const Params& params);

}  // namespace systole
