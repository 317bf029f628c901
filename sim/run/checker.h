// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Compares what the machine left in memory, layer by layer, with the reference and with goldens.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/report/report.h"
#include "sim/run/workload.h"
#include "sw/reference/reference.h"

namespace systole::run {

class Checker {
 public:
  // Requires: `workload` outlives this object.
  explicit Checker(const Workload& workload);

  // Compares the output of one layer of inference `sample` (NHWC), at the moment the layer ends:
  // later ones may take its memory. Node by node, all of one sample before those of the next.
  void check(size_t sample, int node, const std::vector<uint8_t>& got);

  // The sums so far.
  report::Check result() const;
  // Of one layer, by the index of its node.
  uint64_t bytes(int node) const { return bytes_[size_t(node)]; }
  uint64_t mismatches(int node) const { return mismatches_[size_t(node)]; }

 private:
  void compare(size_t sample, int node, const std::vector<uint8_t>& expected,
               const std::vector<uint8_t>& got);
  void compare_golden(size_t sample, int node, const std::vector<uint8_t>& got);
  void note(const std::string& line);

  const Workload& workload_;
  reference::Reference reference_;
  size_t expected_sample_ = SIZE_MAX;
  std::vector<reference::Bytes> expected_;        // of that sample, per tensor
  std::vector<const data::GoldenLayer*> golden_;  // per node; null: the golden has none
  std::vector<uint64_t> bytes_, mismatches_;      // per node
  std::string first_mismatch_;
};

}  // namespace systole::run
