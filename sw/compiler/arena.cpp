// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tensors are placed one after the other, each into the smallest gap between those that are alive
// with it. What comes out depends on the order: several are tried, then small changes to the best
// one while they help.
#include "sw/compiler/arena.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "sw/compiler/math.h"

namespace systole::compiler {
namespace {

using Order = std::vector<size_t>;  // indices of tensors

uint64_t alignment_of(uint64_t bytes) {
  uint64_t unit = 4;
  while (unit < kDramAlign && unit * 2 <= bytes / 16) unit *= 2;
  return unit;
}

bool meet(const ArenaTensor& a, const ArenaTensor& b) {
  return a.first_node <= b.last_node && b.first_node <= a.last_node;
}

struct Range {
  uint64_t begin, end;
};

class ArenaSearch {
 public:
  explicit ArenaSearch(std::vector<ArenaTensor>* tensors)
      : tensors_(*tensors), bound_(most_alive(*tensors)), neighbours_(tensors->size()) {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      for (size_t j = 0; j < tensors_.size(); ++j) {
        if (i != j && meet(tensors_[i], tensors_[j])) neighbours_[i].push_back(j);
      }
    }
    offsets_.resize(tensors_.size());
  }

  uint64_t run(uint64_t work) {
    try_orders();
    improve(work);
    for (size_t i = 0; i < tensors_.size(); ++i) tensors_[i].offset = best_offsets_[i];
    return best_;
  }

 private:
  template <typename Key>
  void try_order(const Key& key) {
    Order order(tensors_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return key(tensors_[a]) > key(tensors_[b]); });
    consider(order);
  }

  void try_orders() {
    const auto life = [](const ArenaTensor& t) {
      return static_cast<uint64_t>(t.last_node - t.first_node + 1);
    };
    try_order([](const ArenaTensor& t) { return t.bytes; });
    try_order([&](const ArenaTensor& t) { return t.bytes * life(t); });
    try_order([&](const ArenaTensor& t) { return life(t); });
    try_order([](const ArenaTensor& t) { return -int64_t{t.first_node}; });
    try_order([](const ArenaTensor& t) { return t.last_node; });
  }

  // Exchanges two tensors of the order; keeps what is not worse.
  void improve(uint64_t work) {
    uint64_t one = 0;  // round
    for (const auto& list : neighbours_) one += 1 + list.size();
    if (tensors_.size() < 2) return;
    std::mt19937 random(1);
    for (uint64_t round = 0; round < work / one && best_ > bound_; ++round) {
      Order order = best_order_;
      std::swap(order[random() % order.size()], order[random() % order.size()]);
      consider(order);
    }
  }

  void consider(const Order& order) {
    std::vector<bool> is_placed(tensors_.size(), false);
    uint64_t peak = 0;
    for (const size_t index : order) {
      offsets_[index] = place(index, is_placed);
      is_placed[index] = true;
      peak = std::max(peak, offsets_[index] + tensors_[index].bytes);
    }
    if (peak > best_) return;
    best_ = peak;
    best_order_ = order;
    best_offsets_ = offsets_;
  }

  // The smallest gap that holds the tensor, else behind all that are alive with it.
  uint64_t place(size_t index, const std::vector<bool>& is_placed) {
    std::vector<Range>& taken = taken_;
    taken.clear();
    for (const size_t other : neighbours_[index]) {
      if (!is_placed[other]) continue;
      taken.push_back({offsets_[other], offsets_[other] + tensors_[other].bytes});
    }
    std::sort(taken.begin(), taken.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    const uint64_t bytes = tensors_[index].bytes, unit = alignment_of(bytes);
    uint64_t best_gap = UINT64_MAX, best_offset = 0, end = 0;
    for (const Range& range : taken) {
      const uint64_t offset = align_up(end, unit);
      if (offset + bytes <= range.begin && range.begin - end < best_gap) {
        best_gap = range.begin - end;
        best_offset = offset;
      }
      end = std::max(end, range.end);
    }
    return best_gap == UINT64_MAX ? align_up(end, unit) : best_offset;
  }

  std::vector<ArenaTensor>& tensors_;
  const uint64_t bound_;
  std::vector<std::vector<size_t>> neighbours_;  // per tensor: those alive with it
  std::vector<Range> taken_;
  std::vector<uint64_t> offsets_, best_offsets_;
  Order best_order_;
  uint64_t best_ = UINT64_MAX;
};

}  // namespace

uint64_t place_arena(std::vector<ArenaTensor>* tensors, uint64_t work) {
  return tensors->empty() ? 0 : ArenaSearch(tensors).run(work);
}

uint64_t most_alive(const std::vector<ArenaTensor>& tensors) {
  std::map<int, int64_t> changes;  // by node
  for (const ArenaTensor& tensor : tensors) {
    changes[tensor.first_node] += static_cast<int64_t>(tensor.bytes);
    changes[tensor.last_node + 1] -= static_cast<int64_t>(tensor.bytes);
  }
  int64_t alive = 0, most = 0;
  for (const auto& change : changes) most = std::max(most, alive += change.second);
  return static_cast<uint64_t>(most);
}

}  // namespace systole::compiler
