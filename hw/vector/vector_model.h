// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The vector unit as a unit of the NPU, with its tables.
#pragma once

#include "hw/common/job_unit.h"
#include "hw/vector/vector_engine.h"

namespace systole::vector {

class VectorModel final : public JobUnit {
 public:
  // The memories and the engine outlive the model.
  VectorModel(const Config& config, const scratchpad::Geometry& geometry, uint32_t queue_depth,
              uint8_t* spad, int32_t* acc, Engine& engine);

 private:
  Fault decode(const JobSnapshot& job) override;
  uint64_t begin(const JobInfo& info) override;

  const Config config_;
  const scratchpad::Geometry geometry_;
  uint8_t* spad_;
  int32_t* acc_;
  Engine& engine_;

  Tables tables_;  // as the last jobs that loaded them left them
  Job decoded_;    // at the head of the queue, then running
};

}  // namespace systole::vector
