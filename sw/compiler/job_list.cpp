// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/job_list.h"

#include <algorithm>
#include <utility>

namespace systole::compiler {
namespace {

// The accumulator rows of a job, and whether it writes them.
struct AccRows {
  uint64_t begin = 0, end = 0;
  bool is_write = false;
};

AccRows acc_rows(const JobBody& body) {
  if (const auto* job = std::get_if<mac_array::Job>(&body)) {
    return {job->acc_row, job->acc_row + job->positions(), true};
  }
  if (const auto* job = std::get_if<requant::Job>(&body)) {
    return {job->acc_row, job->acc_row + job->positions(), false};
  }
  const auto* job = std::get_if<vector::Job>(&body);
  if (job == nullptr || !job->writes_accumulators()) return {};
  return {job->acc_row, job->acc_row + job->positions(), true};
}

}  // namespace

void JobList::add(Unit unit, const JobBody& body, const ResultMap& results) {
  const scratchpad::Footprint spad = footprint(Job{unit, body, {}});
  std::vector<Range> ranges;
  for (const scratchpad::Range& read : spad.read) {
    if (!read.empty()) ranges.push_back({read.begin, read.end, false});
  }
  if (!spad.write.empty()) ranges.push_back({spad.write.begin, spad.write.end, true});
  const AccRows rows = acc_rows(body);
  const Range acc = {rows.begin, rows.end, rows.is_write};

  Dependencies after;
  for (const Range& range : ranges) depend(range, scratchpad_, &after);
  if (acc.begin < acc.end) depend(acc, accumulators_, &after);
  const JobRef job = schedule_.add(unit, body, after, results);
  for (const Range& range : ranges) record(range, job, &scratchpad_);
  if (acc.begin < acc.end) record(acc, job, &accumulators_);
}

void JobList::depend(const Range& range, const std::vector<Access>& memory, Dependencies* after) {
  for (const Access& access : memory) {
    const bool overlaps = access.begin < range.end && range.begin < access.end;
    if (overlaps && (range.is_write || access.is_write)) after->on(access.job);
  }
}

// Forgets what the new access stands for: who waits for it has waited for those too. A write has
// waited for all that it covers; a unit works in order.
void JobList::record(const Range& range, const JobRef& job, std::vector<Access>* memory) {
  const auto is_implied = [&](const Access& access) {
    const bool is_covered = range.begin <= access.begin && access.end <= range.end;
    return is_covered && (range.is_write || (!access.is_write && access.job.unit == job.unit));
  };
  memory->erase(std::remove_if(memory->begin(), memory->end(), is_implied), memory->end());
  memory->push_back({range.begin, range.end, job, range.is_write});
}

Schedule JobList::finish() {
  schedule_.assign_tokens();
  scratchpad_.clear();
  accumulators_.clear();
  return std::exchange(schedule_, {});
}

Schedule tile_schedule(size_t tiles, int64_t slots, const TileJobs& jobs) {
  JobList list;
  const bool ahead = slots > 1;
  for (size_t i = 0; i < tiles; ++i) {
    if (i == 0 || !ahead) jobs.load(&list, i);
    if (ahead && i + 1 < tiles) jobs.load(&list, i + 1);
    jobs.work(&list, i);
  }
  return list.finish();
}

}  // namespace systole::compiler
