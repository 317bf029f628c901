// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/cli/input_options.h"

#include <fmt/core.h>

#include <cmath>
#include <sstream>

namespace systole::cli {
namespace {

// "0.5" or "0.485,0.456,0.406".
std::vector<double> numbers(const Parsed& parsed, const char* name) {
  std::vector<double> values;
  if (!parsed.has(name)) return values;
  std::istringstream text(parsed.text(name));
  for (std::string item; std::getline(text, item, ',');) {
    size_t used = 0;
    double value = 0;
    try {
      value = std::stod(item, &used);
    } catch (const std::exception&) {
      used = 0;
    }
    if (used == 0 || used != item.size() || !std::isfinite(value)) {
      throw UsageError(
          fmt::format("--{}: '{}' is not a number; use one, or one per channel: 0.5 or 0.4,0.5,0.6",
                      name, item));
    }
    values.push_back(value);
  }
  if (values.empty()) throw UsageError(fmt::format("--{}: no number is given", name));
  return values;
}

std::vector<double> means(const Parsed& parsed) {
  const std::vector<double> values = numbers(parsed, "mean");
  for (const double value : values) {
    if (value >= 0 && value <= 1) continue;
    throw UsageError(fmt::format(
        "--mean: {} is not within 0 and 1; a pixel of 255 counts as 1 (127.5 is 0.5)", value));
  }
  return values;
}

std::vector<double> deviations(const Parsed& parsed) {
  const std::vector<double> values = numbers(parsed, "std");
  for (const double value : values) {
    if (value <= 0) throw UsageError(fmt::format("--std: {} is not above 0", value));
  }
  return values;
}

data::Resize resize_named(const std::string& name) {
  if (name == "bilinear") return data::Resize::kBilinear;
  if (name == "nearest") return data::Resize::kNearest;
  if (name == "none") return data::Resize::kNone;
  throw UsageError(
      fmt::format("--resize: '{}' is no way to resize; use bilinear, nearest or none", name));
}

}  // namespace

void add_input_options(po::options_description& options) {
  options.add_options()(
      "input", po::value<Texts>()->composing()->value_name("PATH"),
      "what to infer, may be given several times: PNG, JPEG, PGM or PPM pictures, .npy (integers "
      "are quantized codes, floats real values), raw codes, or a folder of such files. A model of "
      "several inputs takes one for each, in order or as NAME=PATH. Default: MODEL.inputs.npy "
      "beside the model, else random inputs")(
      "resize", po::value<std::string>()->value_name("HOW")->default_value("bilinear"),
      "pictures of another size than the input's: bilinear, nearest, or none (refused)")(
      "crop", "cut pictures to the input's shape, around the centre, before they are resized")(
      "mean", po::value<std::string>()->value_name("M[,M,M]"),
      "pictures: (pixel / 255 - mean) / std is the real value, which the input's scale and zero "
      "point turn into a code. Default: as sw/data/README.md says, shown in the report")(
      "std", po::value<std::string>()->value_name("S[,S,S]"), "see --mean")(
      "labels", po::value<std::string>()->value_name("FILE"),
      "names of the classes, one per line; shows the best ones of each inference")(
      "limit", po::value<int>()->value_name("N"), "run the first N inputs only")(
      "seed", po::value<uint64_t>()->value_name("S")->default_value(1), "for random inputs");
}

void read_input_options(const Parsed& parsed, run::WorkloadOptions* options) {
  options->inputs = texts(parsed, "input");
  options->images.resize = resize_named(parsed.text("resize"));
  options->images.crop = parsed.has("crop");
  options->images.mean = means(parsed);
  options->images.std = deviations(parsed);
  if (parsed.has("labels")) options->class_names = parsed.text("labels");
  if (parsed.has("limit")) {
    options->limit = parsed.values["limit"].as<int>();
    if (options->limit < 1) throw UsageError("--limit: must be at least 1");
  }
  options->seed = parsed.values["seed"].as<uint64_t>();
}

}  // namespace systole::cli
