// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/session.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "sim/report/attribution.h"
#include "sim/run/checker.h"
#include "sim/run/machine.h"
#include "sim/run/memory_layout.h"
#include "sw/program/program_format.h"
#include "sw/quant/requant_params.h"

namespace systole::run {
namespace {

constexpr size_t kTopEntries = 5;
constexpr uint32_t kWatchdogCycles = 1000000;

PlatformConfig console_platform(const SessionOptions& options) {
  PlatformConfig config = platform_config(options.params, options.use_dmi);
  config.console = options.console;
  return config;
}

std::vector<uint64_t> layer_macs(const program::ProgramImage& image) {
  std::vector<uint64_t> macs;
  for (const program::LayerInfo& layer : image.layers) macs.push_back(layer.macs);
  return macs;
}

// Watches the NPU: keeps time, and checks each inference in the moment it ends.
class Watcher : public report::TimeKeeper {
 public:
  Watcher(const program::ProgramImage& image, const Params& params,
          std::function<void(size_t)> on_end)
      : TimeKeeper(layer_macs(image), uint64_t{params.array_rows} * params.array_cols),
        on_end_(std::move(on_end)) {}

  void on_done(uint64_t cycle) override {
    TimeKeeper::on_done(cycle);
    on_end_(inferences().size() - 1);
  }
  void on_fault(const Fault& fault, UnitId unit, uint16_t tag, uint64_t cycle) override {
    if (!fault_.empty()) return;
    fault_ =
        fmt::format("fault {} in unit {}, layer {}, at NPU cycle {}: info 0x{:x}, addr 0x{:08x}",
                    static_cast<uint32_t>(fault.code), static_cast<uint32_t>(unit), tag, cycle,
                    fault.info, fault.addr);
  }
  const std::string& fault() const { return fault_; }

 private:
  std::function<void(size_t)> on_end_;
  std::string fault_;
};

class Session {
 public:
  Session(const Workload& workload, const compiler::CompileResult& compiled,
          const ElfImage& firmware, const SessionOptions& options)
      : workload_(workload),
        compiled_(compiled),
        image_(compiled.image),
        firmware_(firmware),
        options_(options),
        image_bytes_(program::serialize(image_)),
        layout_(lay_out(image_, image_bytes_.size(), uint32_t(workload.samples.size()), kDramBase,
                        options.params.dram_bytes)),
        checker_(workload),
        watcher_(image_, options.params, [this](size_t i) { inference_ended(i); }),
        platform_("platform", console_platform(options)),
        npu_(connect_npu(platform_, options.params, options.use_dmi, &watcher_)) {}

  SessionResult run() {
    load();
    const auto begin = std::chrono::steady_clock::now();
    const RunResult end = platform_.run(options_.max_cycles);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    SessionResult result;
    result.failure = failure_text(end);
    result.report = make_report(end);
    result.report.wall_seconds = wall.count();
    for (uint32_t i = 0; i < layout_.count; ++i) {
      result.outputs.push_back(
          bytes_at(layout_.outputs + i * layout_.output_stride, image_.output_bytes));
    }
    return result;
  }

 private:
  void load() {
    platform_.load(firmware_);
    put(layout_.image, image_bytes_);
    for (uint32_t i = 0; i < layout_.count; ++i) put_inputs(i);
    uint32_t flags = SYSTOLE_RUN_FLAG_PRINT_RESULTS;
    put(SYSTOLE_RUN_REQUEST_ADDR,
        run_request(layout_, options_.print ? flags : 0u, kWatchdogCycles));
  }

  void put(uint32_t address, const std::vector<uint8_t>& bytes) {
    if (!bytes.empty()) platform_.write_memory(address, bytes.data(), bytes.size());
  }

  void put_inputs(uint32_t inference) {
    const data::Sample& sample = workload_.samples[inference];
    for (size_t i = 0; i < sample.size(); ++i) {
      put(tensor_address(tensor_info(workload_.graph.inputs[i].tensor), inference), sample[i]);
    }
  }

  // Of a tensor of the graph. Requires: it is no constant.
  const program::TensorInfo& tensor_info(int tensor) const {
    return image_.tensors.at(size_t(compiled_.tensor_index.at(size_t(tensor))));
  }

  uint32_t tensor_address(const program::TensorInfo& tensor, uint32_t inference) const {
    switch (tensor.region) {
      case SYSTOLE_REGION_INPUT:
        return layout_.inputs + inference * layout_.input_stride + tensor.offset;
      case SYSTOLE_REGION_OUTPUT:
        return layout_.outputs + inference * layout_.output_stride + tensor.offset;
      default:
        return layout_.arena + tensor.offset;
    }
  }

  std::vector<uint8_t> bytes_at(uint32_t address, uint32_t bytes) const {
    const uint8_t* begin = platform_.dram.data() + (address - kDramBase);
    return std::vector<uint8_t>(begin, begin + bytes);
  }

  void inference_ended(size_t inference) {
    if (inference >= layout_.count) return;
    if (options_.check) {
      checker_.check(inference, [&](int index) {
        const program::TensorInfo& info = tensor_info(index);
        return bytes_at(tensor_address(info, uint32_t(inference)), info.bytes);
      });
    }
    if (options_.on_progress) options_.on_progress(inference + 1, layout_.count);
  }

  systole_run_result_t result_of(uint32_t inference) const {
    systole_run_result_t result;
    const auto bytes =
        bytes_at(layout_.results + inference * uint32_t(sizeof result), sizeof result);
    std::memcpy(&result, bytes.data(), sizeof result);
    return result;
  }

  std::string failure_text(const RunResult& end) const {
    const std::string where = fmt::format(
        "pc {} {}, {} core cycles, {}", hex_address(platform_.cpu.core().pc()),
        firmware_.describe(platform_.cpu.core().pc()), end.cycles, end.time.to_string());
    if (!watcher_.fault().empty()) return "the NPU stopped: " + watcher_.fault();
    switch (end.end) {
      case RunEnd::kExit:
        if (end.exit_code == 0) return "";
        return fmt::format("the firmware ended with exit code {} ({})", end.exit_code, where);
      case RunEnd::kHang:
        return fmt::format("the firmware hangs: it waits for an interrupt that can never come ({})",
                           where);
      case RunEnd::kLockup:
        return fmt::format("the firmware's trap handler cannot be fetched ({})", where);
      default:
        return fmt::format("the firmware did not end within the limit ({})", where);
    }
  }

  report::Report make_report(const RunResult& end) const {
    report::Report report;
    report.model = workload_.graph.name;
    report.backend = graph::to_string(workload_.graph.backend);
    report.params = options_.params;
    report.simulated_seconds = end.time.to_seconds();
    if (options_.check) {
      report.check = checker_.result();
    } else {
      report.check.against = "nothing";
    }
    add_layers(report);
    add_inferences(report);
    add_outputs(report);
    return report;
  }

  void add_layers(report::Report& report) const {
    if (watcher_.inferences().empty()) return;
    const report::InferenceTime& time = watcher_.inferences().front();
    report.tail_cycles = time.tail_cycles;
    for (size_t i = 0; i < image_.layers.size() && i < time.layers.size(); ++i) {
      const program::LayerInfo& info = image_.layers[i];
      report::Layer layer;
      layer.index = int(i);
      layer.name = info.name;
      layer.op = info.op;
      layer.time = time.layers[i];
      for (uint32_t dim : image_.tensors[info.output_tensor].dims)
        layer.output_shape.push_back(dim);
      const int node = compiled_.layers[i].node;
      if (node >= 0 && options_.check) {
        layer.bytes_checked = checker_.bytes(node);
        layer.mismatches = checker_.mismatches(node);
      }
      report.layers.push_back(layer);
    }
  }

  void add_inferences(report::Report& report) const {
    for (uint32_t i = 0; i < layout_.count; ++i) {
      const systole_run_result_t result = result_of(i);
      if (result.status == SYSTOLE_RUN_PENDING) break;
      report::Inference inference;
      inference.answer = result.status == SYSTOLE_RUN_DONE ? int(result.top_index) : -1;
      inference.npu_cycles = uint64_t{result.npu_cycles_hi} << 32 | result.npu_cycles_lo;
      inference.cpu_cycles = uint64_t{result.cpu_cycles_hi} << 32 | result.cpu_cycles_lo;
      if (i < workload_.labels.size()) inference.label = int(workload_.labels[i]);
      report.inferences.push_back(inference);
    }
  }

  void add_outputs(report::Report& report) const {
    for (const graph::Port& port : workload_.graph.outputs) {
      const graph::Tensor& tensor = workload_.graph.tensors[size_t(port.tensor)];
      const program::TensorInfo& info = tensor_info(port.tensor);
      report::Output output;
      output.name = port.name;
      output.dtype = graph::to_string(tensor.dtype);
      output.shape = tensor.shape;
      const auto real = quant::dequantize(bytes_at(tensor_address(info, 0), info.bytes),
                                          tensor.quant, tensor.dtype);
      output.top = top_of(real);
      report.outputs.push_back(output);
    }
  }

  static std::vector<report::TopEntry> top_of(const std::vector<float>& values) {
    std::vector<report::TopEntry> all;
    for (size_t i = 0; i < values.size(); ++i) all.push_back({int(i), values[i]});
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.value > b.value; });
    if (all.size() > kTopEntries) all.resize(kTopEntries);
    return all;
  }

  const Workload& workload_;
  const compiler::CompileResult& compiled_;
  const program::ProgramImage& image_;
  const ElfImage& firmware_;
  const SessionOptions& options_;
  std::vector<uint8_t> image_bytes_;
  MemoryLayout layout_;
  Checker checker_;
  Watcher watcher_;
  Platform platform_;
  std::unique_ptr<npu::NpuModel> npu_;
};

}  // namespace

SessionResult run_session(const Workload& workload, const compiler::CompileResult& compiled,
                          const ElfImage& firmware, const SessionOptions& options) {
  return Session(workload, compiled, firmware, options).run();
}

}  // namespace systole::run
