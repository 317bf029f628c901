// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Jobs to words of the command list.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sw/compiler/job.h"

namespace systole::compiler {

// Register values of a job, by offset in its unit's block: all but STATUS and START.
std::map<uint32_t, uint32_t> register_values(const Job& job, uint16_t tag);

// Job registers keep their values from job to job, so only what differs and matters is written. A
// unit's first job writes all of them: a list does not rely on what was there before it.
class CommandWriter {
 public:
  void job(const Job& job, uint16_t tag);
  void fence();
  void mark(uint16_t tag);
  void end();

  size_t bytes() const { return words_.size() * 4; }
  std::vector<uint32_t> take() { return std::move(words_); }

 private:
  std::vector<uint32_t> words_;
  std::map<uint32_t, uint32_t> staged_[kUnitCount];
};

}  // namespace systole::compiler
