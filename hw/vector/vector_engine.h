// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The seam of the vector unit: who does its jobs, the kernel or something that must equal it (RTL).
#pragma once

#include "hw/common/job_queue.h"
#include "hw/vector/vector_kernel.h"

namespace systole::vector {

class Engine {
 public:
  virtual ~Engine() = default;
  // Does a whole job at its start and returns its cycles; arguments as in run() and timing().
  virtual Timing run(const JobInfo& info, const Job& job, uint32_t lanes, uint8_t* spad) = 0;
};

// The kernel and its closed form.
class TlmEngine final : public Engine {
 public:
  Timing run(const JobInfo&, const Job& job, uint32_t lanes, uint8_t* spad) override {
    vector::run(job, spad);
    return timing(job, lanes);
  }
};

}  // namespace systole::vector
