// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/schedule.h"

#include <map>
#include <stdexcept>
#include <utility>

namespace systole::compiler {
namespace {

// Semaphore of each pair of units that can depend on each other; row: producer, column: consumer.
constexpr int kNone = -1;
constexpr int kSemaphore[kUnitCount][kUnitCount] = {
    //             load  store  mac    requant vector
    /* load    */ {kNone, 12, 0, 2, 8},
    /* store   */ {13, kNone, kNone, 7, 11},
    /* mac     */ {1, kNone, kNone, 4, kNone},
    /* requant */ {3, 6, 5, kNone, kNone},
    /* vector  */ {9, 10, kNone, kNone, kNone},
};

// Tokens that may be under way on one semaphore: it counts to 255, and jobs in the queues (at most
// 64 and the running one) may have been signalled for without having started.
constexpr int kMaxTokens = 255 - 66;

}  // namespace

scratchpad::Footprint footprint(const Job& job) {
  if (const auto* body = std::get_if<DmaJob>(&job.body)) {
    return dma::footprint(body->job,
                          job.unit == Unit::kLoad ? dma::Direction::kLoad : dma::Direction::kStore);
  }
  if (const auto* body = std::get_if<mac_array::Job>(&job.body)) return mac_array::footprint(*body);
  if (const auto* body = std::get_if<requant::Job>(&job.body)) return requant::footprint(*body);
  return vector::footprint(std::get<vector::Job>(job.body));
}

JobRef Schedule::add(Unit unit, const JobBody& body, const Dependencies& after) {
  std::vector<size_t>& own = by_unit_[static_cast<int>(unit)];
  own.push_back(jobs_.size());
  jobs_.push_back({unit, body, after});
  return {unit, static_cast<int>(own.size()) - 1};
}

void Schedule::assign_tokens() {
  int synced[kUnitCount][kUnitCount];  // [producer][consumer]: last producer job waited for
  for (auto& row : synced) std::fill(std::begin(row), std::end(row), -1);
  // Where each token is made and taken, to bound how many a semaphore can hold.
  std::array<std::vector<std::pair<size_t, size_t>>, 16> tokens;
  for (size_t i = 0; i < jobs_.size(); ++i) {
    const int consumer = static_cast<int>(jobs_[i].unit);
    for (int producer = 0; producer < kUnitCount; ++producer) {
      const int needed = jobs_[i].after.last[producer];
      if (producer == consumer || needed <= synced[producer][consumer]) continue;
      synced[producer][consumer] = needed;
      const int semaphore = kSemaphore[producer][consumer];
      if (semaphore == kNone) throw std::logic_error("dependency between units without semaphore");
      const size_t made = by_unit_[producer][needed];
      jobs_[made].signal |= uint16_t{1} << semaphore;
      jobs_[i].wait |= uint16_t{1} << semaphore;
      tokens[semaphore].push_back({made, i});
    }
  }
  for (const auto& list : tokens) {
    size_t first_open = 0;  // both ends of the pairs rise
    for (size_t k = 0; k < list.size(); ++k) {
      while (list[first_open].second < list[k].first) ++first_open;
      if (static_cast<int>(k - first_open) >= kMaxTokens) {
        throw std::logic_error("too many tokens of one semaphore under way");
      }
    }
  }
}

}  // namespace systole::compiler
