// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The vector unit as a unit of the NPU.
#pragma once

#include "hw/common/job_unit.h"
#include "hw/vector/vector_engine.h"

namespace systole::vector {

class VectorModel final : public JobUnit {
 public:
  // The memory and the engine outlive the model.
  VectorModel(uint32_t lanes, const scratchpad::Geometry& geometry, uint32_t queue_depth,
              uint8_t* spad, Engine& engine);

 private:
  Fault decode(const JobSnapshot& job) override;
  uint64_t begin(const JobInfo& info) override;

  const uint32_t lanes_;
  const scratchpad::Geometry geometry_;
  uint8_t* spad_;
  Engine& engine_;

  Job decoded_;  // at the head of the queue, then running
};

}  // namespace systole::vector
