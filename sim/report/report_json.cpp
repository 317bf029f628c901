// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include <nlohmann/json.hpp>

#include "sim/report/report.h"

namespace systole::report {
namespace {

using Json = nlohmann::ordered_json;

Json config_json(const Params& params) {
  Json config;
  for (const ParamInfo& info : kParams) config[info.name] = params.*(info.member);
  return config;
}

Json layer_json(const Layer& layer, const Params& params) {
  Json causes;
  for (int i = 0; i < kCauseCount; ++i)
    causes[kCauseNames[size_t(i)]] = layer.time.causes[size_t(i)];
  return {{"index", layer.index},
          {"name", layer.name},
          {"op", layer.op},
          {"output_shape", layer.output_shape},
          {"macs", layer.time.macs},
          {"cycles", layer.time.cycles},
          {"utilization", utilization(layer.time, params)},
          {"dram_read_bytes", layer.time.dram_read_bytes},
          {"dram_write_bytes", layer.time.dram_write_bytes},
          {"causes", causes},
          {"bytes_checked", layer.bytes_checked},
          {"mismatches", layer.mismatches}};
}

Json top_json(const std::vector<TopEntry>& entries) {
  Json top = Json::array();
  for (const TopEntry& entry : entries) {
    Json json = {{"index", entry.index}, {"value", entry.value}};
    if (!entry.label.empty()) json["label"] = entry.label;
    top.push_back(json);
  }
  return top;
}

Json output_json(const Output& output) {
  Json json = {{"name", output.name},
               {"dtype", output.dtype},
               {"shape", output.shape},
               {"top", top_json(output.top)}};
  if (!output.file.empty()) json["file"] = output.file;
  if (!output.left_out.empty()) json["left_out"] = output.left_out;
  return json;
}

Json inference_json(const Inference& inference) {
  Json json = {{"answer", inference.answer},
               {"npu_cycles", inference.npu_cycles},
               {"cpu_cycles", inference.cpu_cycles}};
  if (inference.label >= 0) json["label"] = inference.label;
  if (!inference.input.empty()) json["input"] = inference.input;
  json["top"] = top_json(inference.top);
  return json;
}

Json lockstep_json(const Lockstep& lockstep) {
  Json json = {{"block", lockstep.block},
               {"jobs", lockstep.jobs},
               {"results", lockstep.results},
               {"mismatches", lockstep.mismatches}};
  if (!lockstep.first_mismatch.empty()) json["first"] = lockstep.first_mismatch;
  return json;
}

Json totals_json(const Report& report) {
  return {{"cycles", report.cycles()},
          {"tail_cycles", report.tail_cycles},
          {"macs", report.macs()},
          {"simulated_seconds", report.simulated_seconds},
          {"wall_seconds", report.wall_seconds},
          {"inferences", report.inferences.size()}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json;
  json["schema_version"] = kSchemaVersion;
  json["model"] = report.model;
  json["backend"] = report.backend;
  json["config"] = config_json(report.params);
  json["inputs"] = {{"from", report.inputs.from}, {"notes", report.inputs.notes}};
  json["totals"] = totals_json(report);
  json["check"] = {{"against", report.check.against},
                   {"bytes", report.check.bytes},
                   {"mismatches", report.check.mismatches}};
  if (!report.check.first_mismatch.empty()) json["check"]["first"] = report.check.first_mismatch;
  if (!report.lockstep.block.empty()) json["lockstep"] = lockstep_json(report.lockstep);
  json["outputs"] = Json::array();
  for (const Output& output : report.outputs) json["outputs"].push_back(output_json(output));
  json["layers"] = Json::array();
  for (const Layer& layer : report.layers) {
    json["layers"].push_back(layer_json(layer, report.params));
  }
  json["inferences"] = Json::array();
  for (const Inference& i : report.inferences) json["inferences"].push_back(inference_json(i));
  return json.dump(2) + "\n";
}

}  // namespace systole::report
