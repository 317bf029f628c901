// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The seam of the requantization unit: who does its jobs, the kernel or something that must equal
// it (RTL, or both in lockstep).
#pragma once

#include "hw/common/job_queue.h"
#include "hw/requant/requant_kernel.h"

namespace systole::requant {

class Engine {
 public:
  virtual ~Engine() = default;
  // Does a whole job at its start, the loading of parameters into `table` (kTableEntries entries)
  // included, and returns its cycles; the other arguments are as in run() and timing().
  virtual Timing run(const JobInfo& info, const Job& job, const Config& config, const int32_t* acc,
                     ChannelParams* table, uint8_t* spad) = 0;
};

// The kernel and its closed form.
class TlmEngine final : public Engine {
 public:
  Timing run(const JobInfo&, const Job& job, const Config& config, const int32_t* acc,
             ChannelParams* table, uint8_t* spad) override {
    if (job.param_load) load_params(job, spad, table);
    requant::run(job, config, acc, table, spad);
    return timing(job, config);
  }
};

}  // namespace systole::requant
