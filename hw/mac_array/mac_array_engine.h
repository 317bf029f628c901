// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The seam of the MAC array: who does its jobs, the kernel or something that must equal it (RTL).
#pragma once

#include "hw/common/job_queue.h"
#include "hw/mac_array/mac_array_kernel.h"

namespace systole::mac_array {

class Engine {
 public:
  virtual ~Engine() = default;
  // Does a whole job at its start and returns its cycles; arguments as in run() and timing().
  virtual Timing run(const JobInfo& info, const Job& job, const Config& config, bool shared_bank,
                     const uint8_t* spad, int32_t* acc) = 0;
};

// The kernel and its closed form.
class TlmEngine final : public Engine {
 public:
  Timing run(const JobInfo&, const Job& job, const Config& config, bool shared_bank,
             const uint8_t* spad, int32_t* acc) override {
    mac_array::run(job, config, spad, acc);
    return timing(job, config, shared_bank);
  }
};

}  // namespace systole::mac_array
