// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/run/session.h"

#include <fmt/core.h>

#include <chrono>
#include <map>

#include "sim/report/attribution.h"
#include "sim/run/checker.h"
#include "sim/run/machine.h"
#include "sim/run/memory_layout.h"
#include "sim/run/memory_view.h"
#include "sim/run/run_report.h"

namespace systole::run {
namespace {

constexpr uint32_t kWatchdogCycles = 1000000;
constexpr int kFinishedByLockstep = 1;

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

// Watches the NPU: keeps time, tells when a layer or an inference ends, remembers that a fault
// came.
class Watcher : public report::TimeKeeper {
 public:
  Watcher(const program::ProgramImage& image, const Params& params,
          std::function<void(size_t, uint16_t)> on_layer, std::function<void(size_t)> on_end)
      : TimeKeeper(layer_macs(image), uint64_t{params.array_rows} * params.array_cols),
        on_layer_(std::move(on_layer)),
        on_end_(std::move(on_end)) {}

  void on_mark(uint16_t tag, uint64_t cycle) override {
    const size_t inference = inferences().size();
    TimeKeeper::on_mark(tag, cycle);
    on_layer_(inference, tag);
    tell_end();
  }

  void on_done(uint64_t cycle) override {
    TimeKeeper::on_done(cycle);
    tell_end();
  }
  void on_start(uint64_t cycle) override {
    TimeKeeper::on_start(cycle);
    requant_jobs_.clear();
  }
  void on_job(const npu::JobRecord& job) override {
    TimeKeeper::on_job(job);
    if (job.unit == UnitId::kRequant) ++requant_jobs_[job.tag];
  }
  // Requantization jobs of a layer that are done in this inference.
  size_t requant_jobs(uint16_t layer) const {
    const auto found = requant_jobs_.find(layer);
    return found == requant_jobs_.end() ? 0 : found->second;
  }
  void on_fault(const Fault&, UnitId, uint16_t, uint64_t cycle) override {
    fault_cycle_ = cycle;
    faulted_ = true;
  }
  bool faulted() const { return faulted_; }
  uint64_t fault_cycle() const { return fault_cycle_; }

 private:
  void tell_end() {
    for (; told_ < inferences().size(); ++told_) on_end_(told_);
  }

  std::function<void(size_t, uint16_t)> on_layer_;
  std::function<void(size_t)> on_end_;
  size_t told_ = 0;  // inferences whose end was told
  bool faulted_ = false;
  uint64_t fault_cycle_ = 0;
  std::map<uint16_t, size_t> requant_jobs_;
};

class Session {
 public:
  Session(const Workload& workload, const compiler::CompileResult& compiled,
          const ElfImage& firmware, const SessionOptions& options)
      : workload_(workload),
        compiled_(compiled),
        firmware_(firmware),
        options_(options),
        image_bytes_(program::serialize(compiled.image)),
        layout_(lay_out(compiled.image, image_bytes_.size(), uint32_t(workload.samples.size()),
                        kDramBase, options.params.dram_bytes)),
        checker_(workload),
        watcher_(
            compiled.image, options.params, [this](size_t i, uint16_t tag) { layer_ended(i, tag); },
            [this](size_t i) { inference_ended(i); }),
        platform_("platform", console_platform(options)),
        requant_(options.requant, npu::npu_config(options.params),
                 [this](const cosim::RequantLockstepReport& report) { requant_differs(report); }),
        npu_(
            connect_npu(platform_, options.params, options.use_dmi, &watcher_, requant_.engines())),
        memory_(compiled, layout_, platform_.dram, npu_->scratchpad()) {}

  SessionResult run() {
    load();
    const auto begin = std::chrono::steady_clock::now();
    const RunResult end = platform_.run(options_.max_cycles);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
    SessionResult result;
    result.failure = failure_text(end);
    result.report = make_report(workload_, compiled_, options_.params, watcher_,
                                options_.check ? &checker_ : nullptr, memory_, options_.top);
    result.report.lockstep = requant_.report();
    result.report.lockstep.first_mismatch = first_difference_;
    result.report.simulated_seconds = end.time.to_seconds();
    result.report.wall_seconds = wall.count();
    for (uint32_t i = 0; i < layout_.count; ++i) result.outputs.push_back(outputs(i));
    return result;
  }

 private:
  void load() {
    platform_.load(firmware_);
    memory_.put(layout_.image, image_bytes_);
    for (uint32_t i = 0; i < layout_.count; ++i) {
      const data::Sample& sample = workload_.samples[i];
      for (size_t port = 0; port < sample.size(); ++port) {
        memory_.put_tensor(workload_.graph.inputs[port].tensor, i, sample[port]);
      }
    }
    const uint32_t flags = SYSTOLE_RUN_FLAG_PRINT_RESULTS |
                           (options_.print_counters ? SYSTOLE_RUN_FLAG_PRINT_COUNTERS : 0u);
    memory_.put(SYSTOLE_RUN_REQUEST_ADDR, run_request(layout_, flags, kWatchdogCycles));
  }

  std::vector<std::vector<uint8_t>> outputs(uint32_t inference) const {
    std::vector<std::vector<uint8_t>> tensors;
    for (const graph::Port& port : workload_.graph.outputs) {
      tensors.push_back(memory_.get_tensor(port.tensor, inference));
    }
    return tensors;
  }

  // A layer's output is compared at once: the next layers may take its memory.
  void layer_ended(size_t inference, uint16_t layer) {
    if (!options_.check || inference >= layout_.count || layer >= compiled_.layers.size()) return;
    const int node = compiled_.layers[layer].node;
    if (node < 0) return;  // a copy
    const int tensor = workload_.graph.nodes[size_t(node)].output;
    checker_.check(inference, node, memory_.get_tensor(tensor, uint32_t(inference)));
  }

  void inference_ended(size_t inference) {
    if (inference >= layout_.count) return;
    if (options_.on_progress) options_.on_progress(inference + 1, layout_.count);
  }

  // The first difference ends the run, unless it is to be counted.
  void requant_differs(const cosim::RequantLockstepReport& report) {
    if (first_difference_.empty()) first_difference_ = difference_text(report);
    if (!options_.requant.keep_going) platform_.finish(kFinishedByLockstep);
  }

  // The job's own place in its layer is the compiler's knowledge: jobs come in the order of the
  // list.
  std::string difference_text(const cosim::RequantLockstepReport& report) const {
    const uint16_t layer = report.info.tag;
    const size_t job = watcher_.requant_jobs(layer);
    std::string place = fmt::format("layer {}", layer);
    if (layer < compiled_.layers.size() && job < compiled_.layers[layer].requant_results.size()) {
      const compiler::LayerPlan& plan = compiled_.layers[layer];
      const int64_t element = plan.requant_results[job].element(
          report.mismatch.y, report.mismatch.x, report.mismatch.channel);
      const uint32_t output = compiled_.image.layers[layer].output_tensor;
      const auto& [n, h, width, channels] = compiled_.image.tensors[output].dims;
      const int64_t pixel = element / channels;
      place += fmt::format(" ({}), pixel ({}, {}), channel {}", plan.name, pixel / width,
                           pixel % width, element % channels);
    }
    return fmt::format("inference {}, {}, NPU cycle {}; in requant job {} of the layer: {}",
                       watcher_.inferences().size(), place,
                       report.info.start + report.mismatch.cycle, job,
                       report.mismatch.text(report.job));
  }

  std::string failure_text(const RunResult& end) const {
    const uint32_t pc = platform_.cpu.core().pc();
    const std::string where = fmt::format("pc {} {}, {} core cycles, {}", hex_address(pc),
                                          firmware_.describe(pc), end.cycles, end.time.to_string());
    if (!first_difference_.empty() && !options_.requant.keep_going) {
      return "stopped at the first difference between the RTL and the model of requant";
    }
    switch (end.end) {
      case RunEnd::kExit:
        if (end.exit_code == 0) return "";
        if (watcher_.faulted()) {
          return fmt::format("the NPU stopped with a fault at its cycle {}; the firmware says:",
                             watcher_.fault_cycle());
        }
        return fmt::format("the firmware ended with exit code {}; it says:", end.exit_code);
      case RunEnd::kHang:
        return fmt::format("the firmware waits for an interrupt that can never come ({})", where);
      case RunEnd::kLockup:
        return fmt::format("the firmware's trap handler cannot be fetched ({})", where);
      default:
        return fmt::format("the firmware did not end within the limit ({})", where);
    }
  }

  const Workload& workload_;
  const compiler::CompileResult& compiled_;
  const ElfImage& firmware_;
  const SessionOptions& options_;
  std::vector<uint8_t> image_bytes_;
  MemoryLayout layout_;
  Checker checker_;
  Watcher watcher_;
  Platform platform_;
  RequantEngines requant_;
  std::unique_ptr<npu::NpuModel> npu_;
  MemoryView memory_;
  std::string first_difference_;
};

}  // namespace

SessionResult run_session(const Workload& workload, const compiler::CompileResult& compiled,
                          const ElfImage& firmware, const SessionOptions& options) {
  return Session(workload, compiled, firmware, options).run();
}

}  // namespace systole::run
