// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The jobs of one layer in the order of the command list.
//
// Every dependency points to a job that stands earlier in the list. So the list can never deadlock,
// whatever the queues hold: the earliest unfinished job of the list waits for nothing.
#pragma once

#include <vector>

#include "sw/compiler/job.h"

namespace systole::compiler {

class Schedule {
 public:
  JobRef add(Unit unit, const JobBody& body, const Dependencies& after,
             const ResultMap& results = {});

  // Turns dependencies into tokens. Each pair (producer unit, consumer unit) has a semaphore of its
  // own. A consumer job waits for one token when it needs a producer job that is not known to be
  // done by then, and exactly that producer job signals one. Both units work in order, so the n-th
  // token of a pair is always the one that the n-th waiting job needs.
  void assign_tokens();

  const std::vector<Job>& jobs() const { return jobs_; }

 private:
  // Jobs that `job` must have tokens from, when `known` is done before it anyway: a dependency that
  // follows from another one needs none. `done`: what is done when each job ends.
  std::vector<size_t> tokens_needed(const Job& job, const Dependencies& known,
                                    const std::vector<Dependencies>& done) const;

  std::vector<Job> jobs_;
  std::array<std::vector<size_t>, kUnitCount> by_unit_;  // indices into jobs_
};

}  // namespace systole::compiler
