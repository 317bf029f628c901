// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/params/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace systole {
namespace {

constexpr uint32_t kMinBankBytes = 64;

using Setting = std::pair<std::string, std::string>;  // name, value as text

// Characters to change, insert or remove to make b of a; 0 if b merely continues a.
size_t distance(const std::string& a, const std::string& b) {
  if (b.compare(0, a.size(), a) == 0) return 0;
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

const ParamInfo& find_param(const std::string& name) {
  const ParamInfo* nearest = &kParams[0];
  for (const ParamInfo& info : kParams) {
    if (name == info.name) return info;
    if (distance(name, info.name) < distance(name, nearest->name)) nearest = &info;
  }
  throw ParamError(
      fmt::format("parameter '{}' does not exist; did you mean '{}'?", name, nearest->name));
}

int find_preset(const std::string& name) {
  for (int i = 0; i < kPresetCount; ++i) {
    if (name == kPresetNames[i]) return i;
  }
  throw ParamError(fmt::format("preset '{}' does not exist; there are: {}", name,
                               fmt::join(kPresetNames, kPresetNames + kPresetCount, ", ")));
}

std::string allowed(const ParamInfo& info) {
  return fmt::format("{}{} to {} {}", info.power_of_two ? "a power of two, " : "", info.min,
                     info.max, info.unit);
}

void check_range(const ParamInfo& info, const std::string& text, uint64_t value) {
  const bool power_of_two = value != 0 && (value & (value - 1)) == 0;
  if (value < info.min || value > info.max || (info.power_of_two && !power_of_two)) {
    throw ParamError(
        fmt::format("parameter '{}' is {}, but must be {}", info.name, text, allowed(info)));
  }
}

void assign(Params& params, const Setting& setting) {
  const ParamInfo& info = find_param(setting.first);
  const std::string& text = setting.second;
  const bool digits =
      !text.empty() && text.size() <= 18 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    throw ParamError(
        fmt::format("parameter '{}' is '{}', but must be {}", info.name, text, allowed(info)));
  }
  const uint64_t value = std::stoull(text);
  check_range(info, text, value);
  params.*info.member = static_cast<uint32_t>(value);
}

// Turns {"array": {"rows": 8}, "dram.bytes": 1} into settings with dotted names.
void flatten(const nlohmann::json& node, const std::string& prefix, std::vector<Setting>& out) {
  for (const auto& [key, value] : node.items()) {
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (value.is_object()) {
      flatten(value, name, out);
    } else {
      out.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

std::vector<Setting> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw ParamError(fmt::format("parameter file '{}' cannot be read", path));
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    throw ParamError(
        fmt::format("parameter file '{}' is no JSON: error at byte {}", path, error.byte));
  }
  if (!json.is_object()) {
    throw ParamError(fmt::format("parameter file '{}' must hold one JSON object", path));
  }
  std::vector<Setting> settings;
  flatten(json, "", settings);
  return settings;
}

Setting parse_assignment(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw ParamError(
        fmt::format("'{}' is no assignment; write NAME=VALUE, like array.rows=32", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Params preset_params(const std::string& name) {
  const int preset = find_preset(name);
  Params params;
  for (const ParamInfo& info : kParams) params.*info.member = info.preset[preset];
  return params;
}

void require(bool holds, const std::string& message) {
  if (!holds) throw ParamError(message);
}

void check_scratchpad(const Params& p) {
  require(
      p.scratchpad_bytes / p.scratchpad_banks >= kMinBankBytes,
      fmt::format("parameter 'scratchpad.banks' is {}, but a bank of scratchpad.bytes {} must have "
                  "at least {} bytes",
                  p.scratchpad_banks, p.scratchpad_bytes, kMinBankBytes));
  require(p.accumulator_bytes >= p.array_cols * 4,
          fmt::format("parameter 'accumulator.bytes' is {}, but must be at least {}: one row of "
                      "array.cols {} words",
                      p.accumulator_bytes, p.array_cols * 4, p.array_cols));
}

void check_memory(const Params& p) {
  require(p.dram_row_bytes >= p.dma_burst_bytes,
          fmt::format("parameter 'dma.burst_bytes' is {}, but must be at most dram.row_bytes {}: a "
                      "burst lies in one row",
                      p.dma_burst_bytes, p.dram_row_bytes));
  require(p.dram_bytes_per_cycle <= p.dma_burst_bytes,
          fmt::format("parameter 'dram.bytes_per_cycle' is {}, but must be at most dma.burst_bytes "
                      "{}: a burst has at least one beat",
                      p.dram_bytes_per_cycle, p.dma_burst_bytes));
}

}  // namespace

void validate(const Params& params) {
  for (const ParamInfo& info : kParams) {
    const uint32_t value = params.*info.member;
    check_range(info, std::to_string(value), value);
  }
  check_scratchpad(params);
  check_memory(params);
}

Params load_params(const std::string& preset, const std::string& json_file,
                   const std::vector<std::string>& assignments) {
  std::vector<Setting> settings;
  if (!json_file.empty()) settings = read_file(json_file);
  for (const std::string& text : assignments) settings.push_back(parse_assignment(text));

  std::string base = preset;
  for (const Setting& setting : settings) {
    if (setting.first == "preset" && preset.empty()) base = setting.second;
  }
  Params params = preset_params(base.empty() ? kDefaultPreset : base);
  for (const Setting& setting : settings) {
    if (setting.first != "preset") assign(params, setting);
  }
  validate(params);
  return params;
}

std::string params_json(const Params& params) {
  nlohmann::ordered_json json;
  for (const ParamInfo& info : kParams) {
    const char* dot = std::strchr(info.name, '.');
    json[std::string(info.name, dot)][dot + 1] = params.*info.member;
  }
  return json.dump(2) + "\n";
}

}  // namespace systole
