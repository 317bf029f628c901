// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/timeline.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
// Words of the command list: a unit's first job of a layer changes most registers.
constexpr uint64_t kWordsOfFirstJob = 14, kWordsOfJob = 8;
constexpr uint64_t kMarkBytes = 256;  // of the record that ends a layer

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
  task.ports = scratchpad::ports_of(machine.scratchpad, footprint(job));
  if (const auto* body = std::get_if<DmaJob>(&job.body)) {
    task.is_dma = true;
    task.demand = dma::demand(body->job, machine.dma, machine.memory);
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
    result_.cycles += machine_.memory.latency_cycles + kMarkBytes / machine_.memory.bytes_per_cycle;
    return result_;
  }

 private:
  // A block of words is played while the next one is fetched; the slower of both counts.
  uint64_t play_cycles(uint64_t words) const {
    const uint64_t block = machine_.fetch_bytes / 4;
    const uint64_t fetch =
        machine_.memory.latency_cycles + machine_.fetch_bytes / machine_.memory.bytes_per_cycle;
    return words * std::max(block, fetch) / block;
  }

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
      const uint64_t words = ahead == 0 ? kWordsOfFirstJob : kWordsOfJob;
      sequencer_ += play_cycles(words);
      fetch_cycles_ += ceil_div<uint64_t>(4 * words, machine_.memory.bytes_per_cycle);
      sequencer_ = std::max(sequencer_, place);
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
    starts_[unit].push_back(begin);
    ends_[unit].push_back(begin + task.cycles);
    result_.busy[unit] += task.cycles;
    ++result_.jobs[unit];
    if (task.is_dma) use_port(task, begin);
  }

  // The memory port serves loads and stores in turn, so while both want it each gets half: both end
  // later by what they share. The other job runs, so nothing that waits for its end has started.
  void use_port(const Task& task, uint64_t begin) {
    const bool is_load = task.job->unit == Unit::kLoad;
    (is_load ? result_.load_bytes : result_.store_bytes) += task.demand.bytes;
    if (task.demand.port_cycles == 0) return;
    const int own = static_cast<int>(is_load ? Unit::kLoad : Unit::kStore);
    const int other = static_cast<int>(is_load ? Unit::kStore : Unit::kLoad);
    const uint64_t wanted = task.demand.port_cycles + std::exchange(fetch_cycles_, 0);
    const uint64_t first = begin + dma::kSetupCycles + machine_.memory.latency_cycles;
    const uint64_t shared =
        port_end_[other] > first ? std::min(wanted, port_end_[other] - first) : 0;
    port_end_[own] = first + wanted + shared;
    extend(own, port_end_[own] + dma::kTailCycles);
    if (shared == 0) return;
    port_end_[other] += shared;
    extend(other, port_end_[other] + dma::kTailCycles);
  }

  void extend(int unit, uint64_t end) {
    if (end <= ends_[unit].back()) return;
    result_.busy[unit] += end - ends_[unit].back();
    ends_[unit].back() = end;
  }

  const MachineConfig& machine_;
  std::vector<Task> tasks_;
  std::array<std::vector<size_t>, kUnitCount> by_unit_;  // indices into tasks_
  std::vector<uint64_t> queued_;                         // per task: when it was in its queue
  std::array<std::vector<uint64_t>, kUnitCount> starts_, ends_;
  std::array<size_t, kUnitCount> in_queue_{};
  size_t issued_ = 0;
  uint64_t sequencer_ = 0;
  uint64_t fetch_cycles_ = 0;                    // of the port, for words that were issued
  std::array<uint64_t, kUnitCount> port_end_{};  // of each DMA's last job
  Prediction result_;
};

}  // namespace

uint64_t job_cycles(const Job& job, const MachineConfig& machine) {
  if (const auto* body = std::get_if<DmaJob>(&job.body)) {
    return dma_cycles(dma::demand(body->job, machine.dma, machine.memory));
  }
  if (const auto* body = std::get_if<mac_array::Job>(&job.body)) {
    const bool shared = shares_bank(mac_array::footprint(*body), machine.scratchpad);
    return mac_array::timing(*body, machine.mac_array, shared).total();
  }
  if (const auto* body = std::get_if<requant::Job>(&job.body)) {
    return requant::timing(*body, machine.requant).total();
  }
  const auto& body = std::get<vector::Job>(job.body);
  return vector::timing(body, machine.vector, vector::shares_bank(body, machine.scratchpad))
      .total();
}

Prediction predict(const Schedule& schedule, const MachineConfig& machine) {
  return Timeline(schedule, machine).run();
}

}  // namespace systole::compiler
