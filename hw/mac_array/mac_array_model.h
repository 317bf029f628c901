// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The MAC array as a unit of the NPU.
#pragma once

#include "hw/common/job_unit.h"
#include "hw/mac_array/mac_array_engine.h"

namespace systole::mac_array {

class MacArrayModel final : public JobUnit {
 public:
  // The memories and the engine outlive the model.
  MacArrayModel(const Config& config, const scratchpad::Geometry& geometry, uint32_t queue_depth,
                const uint8_t* spad, int32_t* acc, Engine& engine);

 private:
  Fault decode(const JobSnapshot& job) override;
  uint64_t begin(const JobInfo& info) override;

  const Config config_;
  const scratchpad::Geometry geometry_;
  const uint8_t* spad_;
  int32_t* acc_;
  Engine& engine_;

  Job decoded_;  // at the head of the queue, then running
  bool shared_bank_ = false;
};

}  // namespace systole::mac_array
