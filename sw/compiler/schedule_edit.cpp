// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/schedule_edit.h"

namespace systole::compiler {
namespace {

class Mover {
 public:
  Mover(uint64_t limit, uint64_t distance) : limit_(limit), distance_(distance) {}

  void operator()(DmaJob& body) const { move(&body.job.spad_addr); }
  void operator()(mac_array::Job& job) const {
    move(&job.in_addr);
    move(&job.wgt_addr);
  }
  void operator()(requant::Job& job) const {
    move(&job.out_addr);
    if (job.param_load) move(&job.param_addr);
  }
  void operator()(vector::Job& job) const {
    move(&job.in_addr);
    move(job.writes_accumulators() ? &job.in2_addr : &job.out_addr);
    if (job.tables_loaded() != 0) move(&job.table_addr);
  }

 private:
  void move(uint32_t* addr) const {
    if (*addr < limit_) *addr += static_cast<uint32_t>(distance_);
  }

  const uint64_t limit_, distance_;
};

}  // namespace

Schedule with_loads(const Schedule& schedule, const std::vector<DmaJob>& loads) {
  const std::vector<Job>& jobs = schedule.jobs();
  size_t place = 0;  // behind the last load
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].unit == Unit::kLoad) place = i + 1;
  }
  Schedule result;
  const auto add_loads = [&] {
    for (const DmaJob& load : loads) result.add(Unit::kLoad, load, {});
  };
  if (place == 0) add_loads();
  for (size_t i = 0; i < jobs.size(); ++i) {
    result.add(jobs[i].unit, jobs[i].body, jobs[i].after, jobs[i].results);
    if (i + 1 == place) add_loads();
  }
  return result;
}

Schedule without_loads(const Schedule& schedule, const std::vector<bool>& is_done) {
  // Of each load: the last one up to it that is left.
  std::vector<int> left;
  int count = 0;
  for (const bool done : is_done) left.push_back((count += !done) - 1);
  constexpr int kLoad = static_cast<int>(Unit::kLoad);
  Schedule result;
  size_t load = 0;
  for (const Job& job : schedule.jobs()) {
    if (job.unit == Unit::kLoad && is_done[load++]) continue;
    Dependencies after = job.after;
    if (after.last[kLoad] >= 0) after.last[kLoad] = left[static_cast<size_t>(after.last[kLoad])];
    result.add(job.unit, job.body, after, job.results);
  }
  return result;
}

Schedule moved(const Schedule& schedule, uint64_t limit, uint64_t distance) {
  Schedule result;
  for (Job job : schedule.jobs()) {
    if (distance != 0) std::visit(Mover(limit, distance), job.body);
    result.add(job.unit, job.body, job.after, job.results);
  }
  return result;
}

}  // namespace systole::compiler
