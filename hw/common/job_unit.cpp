// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "hw/common/job_unit.h"

#include <algorithm>
#include <cassert>

#include "hw/dma/gen/dma_regs.hpp"

namespace systole {
namespace {

// Registers from hw/common/job_regs.rdl are the same in every unit; those of dma stand for all.
namespace job_regs = regs::dma;

}  // namespace

JobUnit::JobUnit(UnitId id, const regs::BlockInfo& block, Layout layout, uint32_t queue_depth)
    : id_(id), layout_(layout), registers_(block), queue_(queue_depth) {
  assert(layout.start / 4 < kJobWords);
  registers_.on_value(job_regs::kStatus, [this](uint32_t) { return status(); });
}

uint32_t JobUnit::status() const {
  return job_regs::status::kBusy.put(running_) | job_regs::status::kWaiting.put(waiting_) |
         job_regs::status::kQueued.put(queue_.size()) |
         job_regs::status::kFree.put(queue_.depth() - queue_.size());
}

void JobUnit::enqueue(uint32_t start_word, uint64_t cycle) {
  JobSnapshot& job = queue_.push();
  const uint32_t count = layout_.start / 4 + 1;
  std::copy_n(registers_.words(), count, job.words.begin());
  const uint32_t tokens = registers_.get(layout_.tokens);
  job.queued = cycle;
  job.tag = static_cast<uint16_t>(registers_.get(job_regs::kTag));
  job.wait = static_cast<uint16_t>(job_regs::tokens::kWait.get(tokens));
  job.signal = static_cast<uint16_t>(job_regs::tokens::kSignal.get(tokens));
  job.irq = job_regs::start::kIrq.get(start_word) != 0;
  adjust(job);
}

Fault JobUnit::prepare() {
  const Fault fault = decode(queue_.front());
  prepared_ = !fault;
  return fault;
}

uint64_t JobUnit::head_cycle() const { return std::max(queue_.front().queued + 1, free_since_); }

void JobUnit::start(uint64_t cycle) {
  assert(prepared_ && !running_);
  job_ = queue_.front();
  queue_.pop();
  prepared_ = false;
  waiting_ = false;
  running_ = true;
  start_cycle_ = cycle;
  causes_ = {};
  end_cycle_ = begin(info());
}

Fault JobUnit::complete() { return finish(info()); }

void JobUnit::retire() {
  running_ = false;
  free_since_ = end_cycle_;
  end_cycle_ = kNever;
}

void JobUnit::abort(uint64_t cycle) {
  drop();
  queue_.clear();
  running_ = prepared_ = waiting_ = false;
  free_since_ = cycle;
  end_cycle_ = kNever;
}

}  // namespace systole
