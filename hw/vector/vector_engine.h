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
  // Does a whole job at its start, the loading of `tables` included, and returns its cycles; the
  // other arguments are as in run() and timing().
  virtual Timing run(const JobInfo& info, const Job& job, const Config& config, bool shared_bank,
                     Tables* tables, uint8_t* spad, int32_t* acc) = 0;
};

// The kernel and its closed form.
class TlmEngine final : public Engine {
 public:
  Timing run(const JobInfo&, const Job& job, const Config& config, bool shared_bank, Tables* tables,
             uint8_t* spad, int32_t* acc) override {
    load_tables(job, spad, tables);
    vector::run(job, config, *tables, spad, acc);
    return timing(job, config, shared_bank);
  }
};

}  // namespace systole::vector
