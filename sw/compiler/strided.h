// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Copies of strided blocks of any rank, as jobs of units that know three loops.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/compiler/job_list.h"
#include "sw/compiler/layer.h"

namespace systole::compiler {

// One loop of a copy: `extent` turns, and how far a turn moves in the source and the destination.
struct Stride {
  int64_t extent = 1;
  int64_t from = 0, to = 0;
};
// Outermost first; the element is a byte.
using StridedBlock = std::vector<Stride>;

// Drops loops of one turn and merges neighbours that walk on where the inner one ends.
StridedBlock simplified(const StridedBlock& block);

// From `from` in DRAM to scratchpad address `to`.
void add_load(const StridedBlock& block, const Place& from, uint32_t to, JobList* list);
// From scratchpad address `from` to `to` in DRAM.
void add_store(const StridedBlock& block, uint32_t from, const Place& to, JobList* list);
// Within the scratchpad, by the vector unit: job's operation for every byte.
void add_vector(const StridedBlock& block, uint32_t from, uint32_t to, vector::Job job,
                JobList* list);
// Fills `bytes` of the scratchpad.
void add_fill(uint32_t address, uint64_t bytes, uint8_t value, JobList* list);

// A vector job that changes no byte.
vector::Job identity_job();

// `place` and `offset` bytes on.
Place at(const Place& place, int64_t offset);

}  // namespace systole::compiler
