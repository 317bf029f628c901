// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The requantization unit as a unit of the NPU, with its parameter table.
#pragma once

#include <array>

#include "hw/common/job_unit.h"
#include "hw/requant/requant_engine.h"

namespace systole::requant {

class RequantModel final : public JobUnit {
 public:
  // The memories and the engine outlive the model.
  RequantModel(const Config& config, const scratchpad::Geometry& geometry, uint32_t queue_depth,
               const int32_t* acc, uint8_t* spad, Engine& engine);

 private:
  Fault decode(const JobSnapshot& job) override;
  uint64_t begin(const JobInfo& info) override;
  void map_table();

  const Config config_;
  const scratchpad::Geometry geometry_;
  const int32_t* acc_;
  uint8_t* spad_;
  Engine& engine_;

  std::array<ChannelParams, kTableEntries> table_{};  // registers PARAM
  Job decoded_;                                       // at the head of the queue, then running
};

}  // namespace systole::requant
