// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sim/report/attribution.h"

#include <algorithm>

namespace systole::report {

const std::array<const char*, kCauseCount> kCauseNames = {
    "ideal_macs",    "edge_loss",      "fill_drain", "weight_load", "dram_wait",
    "bank_conflict", "requant_vector", "dependency", "firmware"};

namespace {

uint64_t& at(LayerTime& layer, Cause cause) { return layer.causes[static_cast<int>(cause)]; }

bool is_dma(const npu::JobRecord& job) {
  return job.unit == UnitId::kLoad || job.unit == UnitId::kStore;
}

// What the units did in one stretch of time in which nothing starts or ends.
struct Activity {
  int mac = 0, mac_at_banks = 0, dma = 0, post = 0, gap = 0;

  void add(const npu::JobRecord& job, int sign) {
    if (job.unit == UnitId::kMacArray) {
      mac += sign;
    } else if (is_dma(job)) {
      dma += sign;
    } else {
      post += sign;
    }
  }

  // Requires: no MAC job runs.
  Cause idle_cause() const {
    if (mac_at_banks > 0) return Cause::kBankConflict;
    if (dma > 0) return Cause::kDramWait;
    if (post > 0) return Cause::kRequantVector;
    return gap > 0 ? Cause::kFirmware : Cause::kDependency;
  }
};

enum class Edge { kBegin, kEnd, kAtBanks, kLeavesBanks, kGapBegin, kGapEnd };

struct Event {
  uint64_t cycle;
  Edge edge;
  const npu::JobRecord* job;  // of the first four
};

std::vector<Event> events_of(const std::vector<npu::JobRecord>& jobs,
                             const std::vector<Stretch>& gaps) {
  std::vector<Event> events;
  for (const Stretch& gap : gaps) {
    events.push_back({gap.begin, Edge::kGapBegin, nullptr});
    events.push_back({gap.end, Edge::kGapEnd, nullptr});
  }
  for (const npu::JobRecord& job : jobs) {
    events.push_back({job.start, Edge::kBegin, &job});
    events.push_back({job.end, Edge::kEnd, &job});
    if (job.unit == UnitId::kMacArray && job.tokens < job.start) {
      events.push_back({job.tokens, Edge::kAtBanks, &job});
      events.push_back({job.start, Edge::kLeavesBanks, &job});
    }
  }
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.cycle < b.cycle; });
  return events;
}

void apply(const Event& event, Activity& now) {
  switch (event.edge) {
    case Edge::kBegin:
      now.add(*event.job, +1);
      break;
    case Edge::kEnd:
      now.add(*event.job, -1);
      break;
    case Edge::kAtBanks:
      ++now.mac_at_banks;
      break;
    case Edge::kLeavesBanks:
      --now.mac_at_banks;
      break;
    case Edge::kGapBegin:
      ++now.gap;
      break;
    case Edge::kGapEnd:
      --now.gap;
      break;
  }
}

// The cycles of [begin, end) in which no MAC job runs, by cause.
void attribute_idle(LayerTime& layer, uint64_t begin, uint64_t end,
                    const std::vector<npu::JobRecord>& jobs, const std::vector<Stretch>& gaps) {
  Activity now;
  uint64_t cycle = begin;
  const auto account = [&](uint64_t until) {
    if (now.mac == 0 && until > cycle) at(layer, now.idle_cause()) += until - cycle;
    cycle = std::max(cycle, until);
  };
  for (const Event& event : events_of(jobs, gaps)) {
    account(std::clamp(event.cycle, begin, end));
    apply(event, now);
  }
  account(end);
}

}  // namespace

LayerTime attribute(uint16_t tag, uint64_t begin, uint64_t end, uint64_t macs,
                    const std::vector<npu::JobRecord>& jobs, uint64_t array_size,
                    const std::vector<Stretch>& gaps) {
  LayerTime layer;
  layer.tag = tag;
  layer.cycles = end - begin;
  layer.macs = macs;
  uint64_t stream = 0;
  for (const npu::JobRecord& job : jobs) {
    if (job.unit == UnitId::kLoad) layer.dram_read_bytes += job.dram_bytes;
    if (job.unit == UnitId::kStore) layer.dram_write_bytes += job.dram_bytes;
    if (job.unit != UnitId::kMacArray) continue;
    stream += job.stream;
    at(layer, Cause::kWeightLoad) += job.weight_wait;
    at(layer, Cause::kFillDrain) += job.fill;
  }
  at(layer, Cause::kIdealMacs) = std::min(stream, macs / array_size);
  at(layer, Cause::kEdgeLoss) = stream - at(layer, Cause::kIdealMacs);
  attribute_idle(layer, begin, end, jobs, gaps);
  return layer;
}

void TimeKeeper::begin_inference(uint64_t cycle) {
  current_ = InferenceTime{};
  current_.start = last_mark_ = gap_begin_ = cycle;
  is_running_ = true;
  jobs_.clear();
  gaps_.clear();
}

void TimeKeeper::end_inference(uint64_t cycle) {
  current_.end = cycle;
  current_.tail_cycles = cycle - last_mark_;
  inferences_.push_back(current_);
  is_running_ = false;
}

void TimeKeeper::on_begin(uint64_t cycle) { begin_inference(cycle); }

void TimeKeeper::on_start(uint64_t cycle) {
  if (!is_running_) begin_inference(cycle);
  gaps_.push_back({gap_begin_, cycle});
  is_playing_ = true;
}

void TimeKeeper::on_job(const npu::JobRecord& job) { jobs_.push_back(job); }

void TimeKeeper::on_mark(uint16_t tag, uint64_t cycle) {
  if (!is_playing_) gaps_.push_back({gap_begin_, cycle});
  const uint64_t macs = tag < layer_macs_.size() ? layer_macs_[tag] : 0;
  current_.layers.push_back(attribute(tag, last_mark_, cycle, macs, jobs_, array_size_, gaps_));
  last_mark_ = gap_begin_ = cycle;
  jobs_.clear();
  gaps_.clear();
  if (!is_playing_ && has_all_layers()) end_inference(cycle);
}

void TimeKeeper::on_done(uint64_t cycle) {
  is_playing_ = false;
  gap_begin_ = cycle;
  if (has_all_layers()) end_inference(cycle);
}

}  // namespace systole::report
