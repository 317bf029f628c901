// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What every unit with a job queue is: registers, queue, the job that runs. A unit adds three
// things: how a snapshot becomes a job, what the job does, and how long it takes. When a job may
// start is the dispatcher's business (hw/sequencer).
#pragma once

#include <cstdint>

#include "hw/common/fault.h"
#include "hw/common/job_queue.h"
#include "hw/common/register_file.h"
#include "hw/scratchpad/scratchpad_kernel.h"

namespace systole {

// Where the cycles of a job went; the fields of JobRecord (hw/npu/npu_observer.h).
struct JobCauses {
  uint64_t stream = 0, weight_wait = 0, fill = 0, dram_wait = 0;
  uint64_t macs = 0, dram_bytes = 0;
};

class JobUnit {
 public:
  // Offsets of the registers that units have at different places.
  struct Layout {
    uint32_t tokens, start;
  };

  JobUnit(UnitId id, const regs::BlockInfo& block, Layout layout, uint32_t queue_depth);
  virtual ~JobUnit() = default;
  JobUnit(const JobUnit&) = delete;
  JobUnit& operator=(const JobUnit&) = delete;

  UnitId id() const { return id_; }
  RegisterFile& registers() { return registers_; }
  uint32_t start_offset() const { return layout_.start; }

  // The queue. START is refused by the caller while it is full.
  const JobQueue& queue() const { return queue_; }
  void enqueue(uint32_t start_word, uint64_t cycle);

  // The job at the head. prepare() checks it and finds its ports, once.
  Fault prepare();
  bool prepared() const { return prepared_; }
  const scratchpad::PortMask& ports() const { return ports_; }
  uint64_t head_cycle() const;  // first cycle in which it could start

  // The job that runs. Ports and snapshot stay those of start().
  void start(uint64_t cycle);
  bool running() const { return running_; }
  const JobSnapshot& job() const { return job_; }
  uint64_t start_cycle() const { return start_cycle_; }
  // When it ends; kNever while that depends on the memory port.
  uint64_t end_cycle() const { return end_cycle_; }
  // At end_cycle(): puts what is left into place. It may move end_cycle() on and is then called
  // again.
  Fault complete();
  JobCauses causes() const { return causes_; }
  void retire();  // the job is done

  // Forgets the running job and the queue.
  void abort(uint64_t cycle);

  // Set by the dispatcher, for STATUS.WAITING.
  void set_waiting(bool waiting) { waiting_ = waiting; }

 protected:
  // May change what a START copies.
  virtual void adjust(JobSnapshot& /*job*/) const {}
  // Decodes and checks `job`; sets ports_ unless there is a fault.
  virtual Fault decode(const JobSnapshot& job) = 0;
  // Starts the decoded job; returns its end cycle (or kNever) and sets causes_.
  virtual uint64_t begin(const JobInfo& info) = 0;
  virtual Fault finish(const JobInfo& /*info*/) { return {}; }
  virtual void drop() {}

  scratchpad::PortMask ports_;
  uint64_t end_cycle_ = kNever;
  JobCauses causes_;

 private:
  uint32_t status() const;
  JobInfo info() const { return JobInfo{id_, job_.tag, start_cycle_}; }

  UnitId id_;
  Layout layout_;
  RegisterFile registers_;
  JobQueue queue_;
  JobSnapshot job_{};
  bool prepared_ = false;
  bool running_ = false;
  bool waiting_ = false;
  uint64_t start_cycle_ = 0;
  uint64_t free_since_ = 0;
};

}  // namespace systole
