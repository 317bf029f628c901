// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Runs a command list without time: decodes it by the generated register tables and lets the
// kernels do the jobs, one at a time, in any order that queues and tokens allow. Who lists jobs
// with too few tokens gets wrong bytes in some order; who lists them wrongly gets a deadlock or a
// fault.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "hw/params/gen/params.hpp"
#include "sw/compiler/machine.h"
#include "sw/program/program_image.h"

namespace systole::test {

// Which of the possible next steps is taken.
enum class Policy {
  kListOrder,       // the sequencer only moves on when every unit is idle
  kEagerSequencer,  // queues fill before any job runs; then units from load to vector
  kLoadsFirst,      // loads run as far ahead as they may
  kStoresLast,      // the last units of the pipeline as late as possible
  kStoresFirst,     // and as early as possible
  kRandom,
};

class CommandExecutor {
 public:
  CommandExecutor(const program::ProgramImage& image, const Params& params, uint32_t seed);

  // What the RISC-V core does: the output of layer `layer` of the image, from its inputs' bytes.
  using Firmware = std::function<std::vector<uint8_t>(
      size_t layer, const std::vector<std::vector<uint8_t>>& inputs)>;
  void set_firmware(Firmware firmware) { firmware_ = std::move(firmware); }

  // Runs the whole list on `input` (region INPUT). Throws std::runtime_error for a deadlock, a
  // fault, a semaphore beyond 255, a token that nobody took.
  void run(const std::vector<uint8_t>& input, Policy policy, uint32_t queue_depth);

  // Bytes of a tensor of the image, at the end of the list.
  std::vector<uint8_t> tensor(size_t index) const;
  // The output of a layer when it ended, at its MARK: later layers may take its memory.
  // Requires: the tensor is the output of a layer.
  const std::vector<uint8_t>& output_at_mark(size_t tensor) const;
  size_t jobs_run() const { return jobs_run_; }

 private:
  struct QueuedJob {
    uint32_t base = 0;                       // of the unit
    std::map<uint32_t, uint32_t> registers;  // by window offset
    uint32_t wait = 0, signal = 0;
  };
  struct Event {
    program::Opcode opcode = program::Opcode::kEnd;
    int unit = -1;     // kWrite with a START
    uint32_t tag = 0;  // kMark
    QueuedJob job;
  };

  void reset(const std::vector<uint8_t>& input);
  void decode();
  bool can_issue(uint32_t queue_depth) const;
  bool can_run(int unit) const;
  int choose(Policy policy, const std::vector<int>& choices);
  void issue();
  void run_firmware_layers();
  void run_head(int unit);
  void execute(const QueuedJob& job);
  void run_dma(const QueuedJob& job, bool is_load);
  void run_mac_array(const QueuedJob& job);
  void run_requant(const QueuedJob& job);
  void run_vector(const QueuedJob& job);
  std::vector<uint8_t>& region(uint32_t index);

  const program::ProgramImage& image_;
  const compiler::MachineConfig machine_;
  std::mt19937 random_;
  std::vector<Event> events_;
  size_t next_event_ = 0;
  std::deque<QueuedJob> queues_[5];
  uint32_t semaphores_[16] = {};
  std::vector<uint8_t> spad_;
  std::vector<int32_t> acc_;
  std::vector<requant::ChannelParams> table_;
  vector::Tables tables_;
  std::vector<uint8_t> regions_[8];
  std::map<size_t, std::vector<uint8_t>> at_mark_;  // by tensor
  size_t jobs_run_ = 0;
  Firmware firmware_;
  size_t next_layer_ = 0;  // the first that has not ended
};

}  // namespace systole::test
