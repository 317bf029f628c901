// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Where the cycles of a layer went. Watches the NPU and splits the time between two MARKs so that
// the causes of a layer sum to its cycles, exactly.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "hw/npu/npu_observer.h"

namespace systole::report {

// While a MAC array job runs, its own record says where its cycles went; while none runs, the
// cycles go to what the array was waiting for.
enum class Cause {
  kIdealMacs,      // macs / (rows * columns), rounded down: the array full, every cycle
  kEdgeLoss,       // the array streams, but rows or columns are empty
  kFillDrain,      // set-up of a job, fill and drain of the array
  kWeightLoad,     // streaming waits for weights
  kDramWait,       // no MAC job runs; a DMA does
  kBankConflict,   // no MAC job runs; the next one waits for a scratchpad bank
  kRequantVector,  // no MAC job runs; requantization or the vector unit does
  kDependency,     // no unit runs: command fetch, tokens, fences
  kFirmware,       // no command list plays: the core computes, or prepares the next list
};
inline constexpr int kCauseCount = 9;
extern const std::array<const char*, kCauseCount> kCauseNames;  // "ideal_macs", "edge_loss", ...

struct LayerTime {
  uint16_t tag = 0;
  uint64_t cycles = 0;
  uint64_t macs = 0;
  uint64_t dram_read_bytes = 0;
  uint64_t dram_write_bytes = 0;
  std::array<uint64_t, kCauseCount> causes{};  // sums to `cycles`
};

// [begin, end) in NPU cycles.
struct Stretch {
  uint64_t begin, end;
};

// The time of one inference: from the first CTRL.START, or from SW_MARK.BEGIN if the core computes
// the first layer, to the last END, or the SW_MARK of the last layer.
struct InferenceTime {
  uint64_t start = 0, end = 0;  // NPU cycles since reset
  std::vector<LayerTime> layers;
  uint64_t tail_cycles = 0;  // from the last MARK to its END
  uint64_t cycles() const { return end - start; }
};

// `macs`: products that the layer needs; jobs may do more (a depthwise layer fills the array with
// zeros off the diagonal), and those count as edge loss.
// `gaps`: when no command list played.
// Requires: jobs of a layer end before its MARK (the compiler puts a FENCE before each MARK).
LayerTime attribute(uint16_t tag, uint64_t begin, uint64_t end, uint64_t macs,
                    const std::vector<npu::JobRecord>& jobs, uint64_t array_size,
                    const std::vector<Stretch>& gaps = {});

// Collects the InferenceTimes of a program's runs: of one command list, or of several with layers
// of the core before, between or behind them.
class TimeKeeper : public npu::NpuObserver {
 public:
  // `layer_macs`: products that each layer of the program needs, by tag; `array_size`: rows *
  // columns.
  TimeKeeper(std::vector<uint64_t> layer_macs, uint64_t array_size)
      : layer_macs_(std::move(layer_macs)), array_size_(array_size) {}

  void on_begin(uint64_t cycle) override;
  void on_start(uint64_t cycle) override;
  void on_job(const npu::JobRecord& job) override;
  void on_mark(uint16_t tag, uint64_t cycle) override;
  void on_done(uint64_t cycle) override;

  const std::vector<InferenceTime>& inferences() const { return inferences_; }

 private:
  void begin_inference(uint64_t cycle);
  void end_inference(uint64_t cycle);
  bool has_all_layers() const { return current_.layers.size() >= layer_macs_.size(); }

  std::vector<uint64_t> layer_macs_;
  uint64_t array_size_;
  std::vector<InferenceTime> inferences_;
  InferenceTime current_;
  bool is_running_ = false;  // an inference has begun and not ended
  bool is_playing_ = false;  // a command list
  uint64_t last_mark_ = 0;
  uint64_t gap_begin_ = 0;            // while none plays: since when
  std::vector<npu::JobRecord> jobs_;  // since the last mark
  std::vector<Stretch> gaps_;         // since the last mark
};

}  // namespace systole::report
