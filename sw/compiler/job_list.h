// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// A schedule whose dependencies follow from what its jobs read and write: a job waits for earlier
// jobs of other units that wrote what it reads, or that read or wrote what it writes, in the
// scratchpad or in the accumulators. Strided accesses count with the holes between them.
#pragma once

#include <functional>
#include <vector>

#include "sw/compiler/schedule.h"

namespace systole::compiler {

class JobList {
 public:
  void add(Unit unit, const JobBody& body, const ResultMap& results = {});

  // The jobs with their tokens. The list is empty afterwards.
  Schedule finish();

 private:
  struct Access {
    uint64_t begin, end;
    JobRef job;
    bool is_write;
  };
  struct Range {
    uint64_t begin, end;
    bool is_write;
  };

  // `memory`: the accesses so far that a later job may have to wait for.
  static void depend(const Range& range, const std::vector<Access>& memory, Dependencies* after);
  static void record(const Range& range, const JobRef& job, std::vector<Access>* memory);

  Schedule schedule_;
  std::vector<Access> scratchpad_, accumulators_;
};

// The jobs of one tile: what fetches its operands, and all the rest.
struct TileJobs {
  std::function<void(JobList*, size_t tile)> load, work;
};

// Tiles one after the other. With two slots or more the loads of a tile stand before the work on
// the tile before it, so that they overlap.
Schedule tile_schedule(size_t tiles, int64_t slots, const TileJobs& jobs);

}  // namespace systole::compiler
