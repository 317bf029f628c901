// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/schedule.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace systole::compiler {
namespace {

// Semaphore of each pair of units that can depend on each other; row: producer, column: consumer.
// Loads and stores that hand on to each other move bytes and nothing else: the array and the vector
// unit, which do so in sums of rows, use the same two.
constexpr int kNone = -1;
constexpr int kSemaphore[kUnitCount][kUnitCount] = {
    //             load  store  mac    requant vector
    /* load    */ {kNone, 12, 0, 2, 8},
    /* store   */ {13, kNone, kNone, 7, 11},
    /* mac     */ {1, kNone, kNone, 4, 13},
    /* requant */ {3, 6, 5, kNone, 15},
    /* vector  */ {9, 10, 12, 14, kNone},
};

// Tokens that may be under way on one semaphore: it counts to 255, and jobs in the queues (at most
// 64 and the running one) may have been signalled for without having started.
constexpr size_t kMaxTokens = 255 - 66;

constexpr size_t kSemaphores = 16;

// Made by one job, taken by another; indices in the list.
struct Token {
  size_t made, taken;
};

// Throws when more tokens of one semaphore can be under way than it counts. Both ends rise.
void check_counts(const std::vector<Token>& tokens) {
  size_t first_open = 0;
  for (size_t k = 0; k < tokens.size(); ++k) {
    while (tokens[first_open].taken < tokens[k].made) ++first_open;
    if (k - first_open >= kMaxTokens) {
      throw std::logic_error("too many tokens of one semaphore under way");
    }
  }
}

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

JobRef Schedule::add(Unit unit, const JobBody& body, const Dependencies& after,
                     const ResultMap& results) {
  std::vector<size_t>& own = by_unit_[static_cast<int>(unit)];
  own.push_back(jobs_.size());
  jobs_.push_back({unit, body, after, results});
  return {unit, static_cast<int>(own.size()) - 1};
}

void Schedule::assign_tokens() {
  // What is done when a job ends, as the last job of each unit; per job.
  std::vector<Dependencies> done(jobs_.size());
  std::array<Dependencies, kUnitCount> unit_done;  // when the unit's last job so far ends
  std::array<std::vector<Token>, kSemaphores> tokens;
  std::array<int, kSemaphores> pairs{};  // which pair of units uses it, 0: none
  std::array<int, kUnitCount> count{};
  for (size_t i = 0; i < jobs_.size(); ++i) {
    const int consumer = static_cast<int>(jobs_[i].unit);
    Dependencies known = unit_done[consumer];
    for (const size_t made : tokens_needed(jobs_[i], known, done)) {
      const int producer = static_cast<int>(jobs_[made].unit);
      const int semaphore = kSemaphore[producer][consumer];
      if (semaphore == kNone) throw std::logic_error("dependency between units without semaphore");
      const int pair = 1 + producer * kUnitCount + consumer;
      const int other = std::exchange(pairs[semaphore], pair);
      if (other != 0 && other != pair) {
        throw std::logic_error("two pairs of units use one semaphore");
      }
      jobs_[made].signal |= uint16_t{1} << semaphore;
      jobs_[i].wait |= uint16_t{1} << semaphore;
      tokens[semaphore].push_back({made, i});
      known.on(done[made]);
    }
    known.on({jobs_[i].unit, count[consumer]++});
    done[i] = known;
    unit_done[consumer] = known;
  }
  for (const std::vector<Token>& list : tokens) check_counts(list);
}

std::vector<size_t> Schedule::tokens_needed(const Job& job, const Dependencies& known,
                                            const std::vector<Dependencies>& done) const {
  std::vector<size_t> candidates;
  for (int u = 0; u < kUnitCount; ++u) {
    const int needed = job.after.last[u];
    if (u != static_cast<int>(job.unit) && needed > known.last[u]) {
      candidates.push_back(by_unit_[u][needed]);
    }
  }
  std::vector<size_t> needed;
  for (const size_t candidate : candidates) {
    const int unit = static_cast<int>(jobs_[candidate].unit);
    const bool implied = std::any_of(candidates.begin(), candidates.end(), [&](size_t other) {
      return other != candidate && done[other].last[unit] >= job.after.last[unit];
    });
    if (!implied) needed.push_back(candidate);
  }
  return needed;
}

}  // namespace systole::compiler
