// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <fmt/core.h>

#include <numeric>
#include <optional>

#include "sim/cli/command.h"
#include "sim/run/workload.h"
#include "sw/explain/json.h"
#include "sw/explain/layout.h"
#include "sw/explain/text.h"
#include "sw/reference/reference.h"

namespace systole::cli {
namespace {

constexpr const char* kAbout =
    "Where each scale and zero point of a quantized model goes: per layer the numbers of the file, "
    "what\nthe backend derives from them, what the NPU's registers get, and the step that uses "
    "each "
    "one.\nWith --layer and --output, one output value worked through from its input codes to its "
    "byte.";

// Inputs run to see which codes occur: so many, within so many multiplications.
constexpr size_t kMaxSamples = 16;
constexpr int64_t kMaxMacs = 500'000'000;

po::options_description explain_options() {
  po::options_description options("options");
  options.add_options()("layer", po::value<std::string>()->value_name("NAME"), "this layer alone")(
      "output", po::value<std::string>()->value_name("I"),
      "with --layer: work through output I of that layer: its index in the model's own order, or "
      "y,x,c")("input", po::value<Texts>()->value_name("PATH"),
               ".npy, raw bytes, pictures or a folder; see systole run. Default: MODEL.inputs.npy "
               "beside the model, else random inputs")(
      "sample", po::value<int>()->value_name("N")->default_value(0),
      "which input --output takes, counted from 0")(
      "backend", po::value<std::string>()->value_name("NAME"),
      "whose arithmetic; default: what the model says")("json", "all channels, as JSON");
  return options;
}

run::Workload workload_of(const Parsed& parsed) {
  run::WorkloadOptions options;
  options.model = parsed.text("MODEL");
  options.inputs = texts(parsed, "input");
  if (parsed.has("backend")) options.backend = parsed.text("backend");
  return run::load_workload(options);
}

const data::Sample& chosen_sample(const run::Workload& workload, int index) {
  const int count = int(workload.samples.size());
  if (index < 0 || index >= count) {
    throw UsageError(fmt::format("--sample: there is no input {}; use 0 to {}", index, count - 1));
  }
  return workload.samples[size_t(index)];
}

// Random inputs say nothing about the codes that occur, and large models take long.
std::vector<data::Sample> observed_samples(const run::Workload& workload) {
  if (workload.samples_from.rfind("random", 0) == 0) return {};
  int64_t macs = 1;
  for (const graph::Node& node : workload.graph.nodes) macs += graph::macs(workload.graph, node);
  const size_t affordable = size_t(kMaxMacs / macs);
  const size_t count = std::min({workload.samples.size(), kMaxSamples, affordable});
  return {workload.samples.begin(), workload.samples.begin() + int64_t(count)};
}

void check_operator(const graph::Node& node) {
  const bool has_products = has_weights(node.op) && node.op != graph::OpType::kTransposedConv;
  if (has_products || is_view(node.op) || node.op == graph::OpType::kMaxPool) return;
  throw graph::ModelError(
      fmt::format("layer '{}' ({}): cannot be explained yet; conv2d, fully_connected, max_pool and "
                  "reshape can, "
                  "one at a time with --layer",
                  node.name, to_string(node.op)));
}

std::vector<int> chosen_layers(const Parsed& parsed, const graph::Graph& graph) {
  std::vector<int> layers(graph.nodes.size());
  std::iota(layers.begin(), layers.end(), 0);
  if (parsed.has("layer")) layers = {explain::find_layer(graph, parsed.text("layer"))};
  for (const int layer : layers) check_operator(graph.nodes[size_t(layer)]);
  return layers;
}

std::optional<explain::Worked> work_through(const Parsed& parsed, const run::Workload& workload,
                                            const explain::ModelFacts& facts, int layer) {
  const data::Sample& sample = chosen_sample(workload, parsed.values["sample"].as<int>());
  if (!parsed.has("output")) return std::nullopt;
  const graph::Graph& graph = workload.graph;
  const graph::Tensor& output = graph.tensors[size_t(graph.nodes[size_t(layer)].output)];
  const explain::Position at = explain::parse_position(output, parsed.text("output"));
  return explain::work_through(graph, facts, layer, at, reference::Reference(graph).run(sample));
}

}  // namespace

int explain_command(const Args& args) {
  const Parsed parsed =
      parse(args, "explain MODEL [options]", kAbout, explain_options(), "MODEL", true);
  if (parsed.help) return kDone;
  if (parsed.has("output") && !parsed.has("layer")) {
    throw UsageError("--output: say of which layer with --layer NAME");
  }
  const run::Workload workload = workload_of(parsed);
  const std::vector<int> layers = chosen_layers(parsed, workload.graph);
  const explain::ModelFacts facts =
      explain::explain_model(workload.graph, observed_samples(workload));
  const std::string& from = workload.samples_from;
  const std::optional<explain::Worked> worked =
      work_through(parsed, workload, facts, layers.front());

  if (parsed.has("json")) {
    fmt::print("{}", explain::to_json(facts, layers, from, worked ? &*worked : nullptr));
  } else {
    const int width = explain::terminal_width();
    fmt::print("{}", explain::model_text(facts, from, width));
    for (const int layer : layers) {
      fmt::print("{}", explain::layer_text(facts, facts.layers[size_t(layer)], width));
    }
    const std::string sample =
        fmt::format("input {} of {}", parsed.values["sample"].as<int>(), from);
    if (worked) fmt::print("{}", explain::worked_text(facts, *worked, sample, width));
  }
  return worked && worked->code != worked->expected ? kFailed : kDone;
}

}  // namespace systole::cli
