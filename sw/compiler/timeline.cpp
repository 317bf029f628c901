// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/timeline.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace systole::compiler {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kWordsPerJob = 8;  // of the command list; the sequencer plays one a cycle

bool shares_bank(const scratchpad::Footprint& footprint, const scratchpad::Geometry& geometry) {
  return (scratchpad::banks_of(geometry, footprint.read[0]) &
          scratchpad::banks_of(geometry, footprint.read[1])) != 0;
}

uint64_t dma_cycles(const dma::Demand& demand) {
  return dma::kSetupCycles + std::max(demand.min_dram_cycles, demand.spad_cycles) +
         dma::kTailCycles;
}

// A job with all that its time depends on.
struct Task {
  const Job* job;
  scratchpad::PortMask ports;
  uint64_t cycles = 0;  // alone
  dma::Demand demand;   // DMA only
  bool is_dma = false;
};

Task task_of(const Job& job, const MachineConfig& machine) {
  Task task{};
  task.job = &job;
  task.ports = scratchpad::ports_of(machine.spad, footprint(job));
  if (const auto* body = std::get_if<DmaJob>(&job.body)) {
    task.is_dma = true;
    task.demand = dma::demand(body->job, machine.dma, machine.dram);
    task.cycles = dma_cycles(task.demand);
  } else {
    task.cycles = job_cycles(job, machine);
  }
  return task;
}

class Timeline {
 public:
  Timeline(const Schedule& schedule, const MachineConfig& machine) : machine_(machine) {
    tasks_.reserve(schedule.jobs().size());
    for (const Job& job : schedule.jobs()) {
      by_unit_[static_cast<int>(job.unit)].push_back(tasks_.size());
      tasks_.push_back(task_of(job, machine));
    }
    queued_.assign(tasks_.size(), kNever);
  }

  Prediction run() {
    for (size_t done = 0; done < tasks_.size(); ++done) {
      issue();
      start(next_unit());
    }
    for (int u = 0; u < kUnitCount; ++u) {
      if (!ends_[u].empty()) result_.cycles = std::max(result_.cycles, ends_[u].back());
    }
    return result_;
  }

 private:
  // Plays commands until a queue is full whose head has not started.
  void issue() {
    while (issued_ < tasks_.size()) {
      const int u = static_cast<int>(tasks_[issued_].job->unit);
      const size_t ahead = in_queue_[u];  // jobs of the unit that were issued before
      uint64_t place = 0;
      if (ahead >= machine_.queue_depth) {
        const size_t leaver = ahead - machine_.queue_depth;
        if (leaver >= starts_[u].size()) return;
        place = starts_[u][leaver];
      }
      sequencer_ = std::max(sequencer_ + kWordsPerJob, place);
      queued_[issued_] = sequencer_;
      ++in_queue_[u];
      ++issued_;
    }
  }

  // When the next job of a unit could start; kNever when that is not known yet.
  uint64_t earliest(int unit) const {
    const size_t position = starts_[unit].size();
    if (position >= by_unit_[unit].size()) return kNever;
    const size_t index = by_unit_[unit][position];
    if (queued_[index] == kNever) return kNever;
    uint64_t time = queued_[index] + 1;
    if (position > 0) time = std::max(time, ends_[unit].back());
    for (int u = 0; u < kUnitCount; ++u) {
      const int needed = tasks_[index].job->after.last[u];
      if (u == unit || needed < 0) continue;
      if (static_cast<size_t>(needed) >= ends_[u].size()) return kNever;
      time = std::max(time, ends_[u][needed]);
    }
    for (int u = 0; u < kUnitCount; ++u) {
      if (u == unit || ends_[u].empty() || ends_[u].back() <= time) continue;
      const Task& other = tasks_[by_unit_[u][ends_[u].size() - 1]];
      if (other.ports.conflicts(tasks_[index].ports)) time = ends_[u].back();
    }
    return time;
  }

  int next_unit() const {
    int best = 0;
    uint64_t best_time = kNever;
    for (int u = 0; u < kUnitCount; ++u) {
      const uint64_t time = earliest(u);
      if (time < best_time) best_time = time, best = u;
    }
    return best;
  }

  void start(int unit) {
    const Task& task = tasks_[by_unit_[unit][starts_[unit].size()]];
    const uint64_t begin = earliest(unit);
    const uint64_t end = task.is_dma ? dma_end(task, begin) : begin + task.cycles;
    starts_[unit].push_back(begin);
    ends_[unit].push_back(end);
    result_.busy[unit] += end - begin;
    ++result_.jobs[unit];
    if (task.is_dma) {
      (task.job->unit == Unit::kLoad ? result_.load_bytes : result_.store_bytes) +=
          task.demand.bytes;
    }
  }

  // The memory port serves one DMA job after the other; their latencies overlap.
  uint64_t dma_end(const Task& task, uint64_t begin) {
    if (task.demand.port_cycles == 0) return begin + task.cycles;
    const uint64_t first_beat = begin + dma::kSetupCycles + machine_.dram.latency_cycles;
    port_free_ = std::max(port_free_, first_beat) + task.demand.port_cycles;
    return std::max(begin + task.cycles, port_free_ + dma::kTailCycles);
  }

  const MachineConfig& machine_;
  std::vector<Task> tasks_;
  std::array<std::vector<size_t>, kUnitCount> by_unit_;  // indices into tasks_
  std::vector<uint64_t> queued_;                         // per task: when it was in its queue
  std::array<std::vector<uint64_t>, kUnitCount> starts_, ends_;
  std::array<size_t, kUnitCount> in_queue_{};
  size_t issued_ = 0;
  uint64_t sequencer_ = 0;
  uint64_t port_free_ = 0;
  Prediction result_;
};

}  // namespace

uint64_t job_cycles(const Job& job, const MachineConfig& machine) {
  if (const auto* body = std::get_if<DmaJob>(&job.body)) {
    return dma_cycles(dma::demand(body->job, machine.dma, machine.dram));
  }
  if (const auto* body = std::get_if<mac_array::Job>(&job.body)) {
    const bool shared = shares_bank(mac_array::footprint(*body), machine.spad);
    return mac_array::timing(*body, machine.array, shared).total();
  }
  if (const auto* body = std::get_if<requant::Job>(&job.body)) {
    return requant::timing(*body, machine.requant).total();
  }
  return vector::timing(std::get<vector::Job>(job.body), machine.vector_lanes).total();
}

Prediction predict(const Schedule& schedule, const MachineConfig& machine) {
  return Timeline(schedule, machine).run();
}

}  // namespace systole::compiler
