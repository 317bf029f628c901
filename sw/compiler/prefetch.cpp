// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/prefetch.h"

#include <algorithm>
#include <optional>
#include <set>

#include "sw/compiler/math.h"
#include "sw/compiler/schedule_edit.h"

namespace systole::compiler {
namespace {

using scratchpad::Range;

bool meet(const Range& a, const Range& b) {
  return !a.empty() && !b.empty() && a.begin < b.end && b.begin < a.end;
}

// Ranges that jobs of a layer read or write below `limit`.
std::vector<Range> ranges_of(const Schedule& schedule, uint64_t limit) {
  std::vector<Range> ranges;
  for (const Job& job : schedule.jobs()) {
    const scratchpad::Footprint used = footprint(job);
    for (const Range& range : {used.read[0], used.read[1], used.read[2], used.write}) {
      if (!range.empty() && range.begin < limit) ranges.push_back(range);
    }
  }
  return ranges;
}

// A load that the layer before could do.
struct EarlyLoad {
  size_t index = 0;  // among the layer's loads
  DmaJob job;
  Range range;  // that it writes
};

uint64_t bytes_of(const EarlyLoad& load) {
  return uint64_t{load.job.job.size0} * load.job.job.size1;
}

// Loads of constants that depend on nothing and go where no earlier load of the layer goes.
std::vector<EarlyLoad> early_loads(const Schedule& schedule) {
  std::vector<EarlyLoad> result;
  std::vector<Range> written;
  size_t index = 0;
  for (const Job& job : schedule.jobs()) {
    if (job.unit != Unit::kLoad) continue;
    const DmaJob& body = std::get<DmaJob>(job.body);
    const Range range = footprint(job).write;
    const bool is_constant = body.region == SYSTOLE_REGION_CONSTANTS && body.job.size1 != 0;
    const bool is_free = job.after.last == Dependencies{}.last;
    const bool is_first = std::none_of(written.begin(), written.end(),
                                       [&](const Range& other) { return meet(range, other); });
    if (is_constant && is_free && is_first) result.push_back({index, body, range});
    written.push_back(range);
    ++index;
  }
  return result;
}

class Prefetch {
 public:
  Prefetch(const LayerInPlace& before, const LayerInPlace& next, const MachineConfig& machine)
      : before_(before),
        next_(next),
        machine_(machine),
        loads_(early_loads(next.layer->schedule)),
        busy_(ranges_of(before.layer->schedule, before.buffer_bytes)) {
    for (const Range& range : ranges_of(next.layer->schedule, next.buffer_bytes)) {
      used_bytes_ = std::max(used_bytes_, range.end);
    }
    for (const Job& job : next.layer->schedule.jobs()) load_count_ += job.unit == Unit::kLoad;
  }

  void run() {
    if (loads_.empty()) return;
    find_distance();
    // All of them, and fewer: what is loaded too early keeps the layer before from ending.
    for (size_t count = fitting_.size(); count > 0; count /= 2) consider(count);
    if (!best_) return;
    apply(before_.layer, std::move(best_->before), best_->before_prediction);
    apply(next_.layer, std::move(best_->next), best_->next_prediction);
    for (BufferInfo& buffer : next_.layer->buffers) {
      if (buffer.addr < next_.buffer_bytes) buffer.addr += static_cast<uint32_t>(distance_);
    }
    for (size_t i = 0; i < best_->count; ++i) {
      before_.layer->prefetched_bytes += bytes_of(fitting_[i]);
    }
  }

 private:
  struct Choice {
    size_t count = 0;
    Schedule before, next;
    Prediction before_prediction, next_prediction;
    uint64_t cycles() const { return before_prediction.cycles + next_prediction.cycles; }
  };

  std::vector<EarlyLoad> fitting_at(uint64_t distance) const {
    std::vector<EarlyLoad> fitting;
    for (EarlyLoad load : loads_) {
      load.range.begin += distance;
      load.range.end += distance;
      if (load.range.end > before_.buffer_bytes) continue;
      if (std::any_of(busy_.begin(), busy_.end(),
                      [&](const Range& range) { return meet(range, load.range); })) {
        continue;
      }
      load.job.job.spad_addr += static_cast<uint32_t>(distance);
      fitting.push_back(load);
    }
    return fitting;
  }

  // By whole banks, so that what has banks of its own keeps them.
  void find_distance() {
    uint64_t best_bytes = 0;
    for (uint64_t distance = 0; distance + used_bytes_ <= next_.buffer_bytes;
         distance += machine_.scratchpad.bank_bytes()) {
      std::vector<EarlyLoad> fitting = fitting_at(distance);
      uint64_t bytes = 0;
      for (const EarlyLoad& load : fitting) bytes += bytes_of(load);
      if (bytes <= best_bytes) continue;
      best_bytes = bytes;
      distance_ = distance;
      fitting_ = std::move(fitting);
    }
  }

  void consider(size_t count) {
    std::vector<bool> is_done(load_count_, false);
    std::vector<DmaJob> jobs;
    for (size_t i = 0; i < count; ++i) {
      is_done[fitting_[i].index] = true;
      jobs.push_back(fitting_[i].job);
    }
    Choice choice;
    choice.count = count;
    choice.before = with_loads(before_.layer->schedule, jobs);
    choice.next =
        without_loads(moved(next_.layer->schedule, next_.buffer_bytes, distance_), is_done);
    choice.before_prediction = predict(choice.before, machine_);
    choice.next_prediction = predict(choice.next, machine_);
    const uint64_t now = before_.layer->prediction.cycles + next_.layer->prediction.cycles;
    if (choice.cycles() >= (best_ ? best_->cycles() : now)) return;
    best_ = std::move(choice);
  }

  static void apply(LoweredLayer* layer, Schedule schedule, const Prediction& prediction) {
    layer->schedule = std::move(schedule);
    layer->schedule.assign_tokens();
    layer->prediction = prediction;
    layer->reason = bound_text(prediction);
  }

  const LayerInPlace before_, next_;
  const MachineConfig& machine_;
  const std::vector<EarlyLoad> loads_;
  const std::vector<Range> busy_;
  uint64_t used_bytes_ = 0;
  size_t load_count_ = 0;
  uint64_t distance_ = 0;
  std::vector<EarlyLoad> fitting_;  // at that distance
  std::optional<Choice> best_;
};

}  // namespace

void prefetch(const LayerInPlace& before, const LayerInPlace& next, const MachineConfig& machine) {
  Prefetch(before, next, machine).run();
}

}  // namespace systole::compiler
