// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/frontend/onnx_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace systole::frontend {
namespace {

// Axes [from_begin, from_end) of one shape have the elements of [to_begin, to_end) of another.
struct Group {
  int from_begin, from_end, to_begin, to_end;
};

// The smallest groups of neighbouring axes, from the front.
// Requires: no extent below 1, the same number of elements.
std::vector<Group> groups_of(const Shape& from, const Shape& to) {
  std::vector<Group> groups;
  const int from_rank = static_cast<int>(from.size()), to_rank = static_cast<int>(to.size());
  int i = 0, j = 0;
  while (i < from_rank && j < to_rank) {
    Group group{i, i + 1, j, j + 1};
    int64_t left = from[i++], right = to[j++];
    while (left != right) {
      if (left < right) {
        left *= from[i++];
      } else {
        right *= to[j++];
      }
    }
    group.from_end = i;
    group.to_end = j;
    groups.push_back(group);
  }
  // What is left are axes of extent 1.
  if (groups.empty()) return groups;
  groups.back().from_end = from_rank;
  groups.back().to_end = to_rank;
  return groups;
}

Order significant(const Shape& shape, const Order& order) {
  Order kept;
  for (const int axis : order) {
    if (shape[axis] != 1) kept.push_back(axis);
  }
  return kept;
}

}  // namespace

Order plain_order(size_t rank) {
  Order order(rank);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Order usual_order(size_t rank) { return rank == 4 ? Order{0, 2, 3, 1} : plain_order(rank); }

Shape permuted(const Shape& shape, const Order& order) {
  Shape result;
  result.reserve(order.size());
  for (const int axis : order) result.push_back(shape[axis]);
  return result;
}

int tensor_axis(const Order& order, int axis) {
  return static_cast<int>(std::find(order.begin(), order.end(), axis) - order.begin());
}

bool same_sequence(const Shape& shape, const Order& a, const Order& b) {
  return significant(shape, a) == significant(shape, b);
}

View view_of(const Shape& from, const Order& order, const Shape& to) {
  const std::vector<Group> groups = groups_of(from, to);
  // Groups in the order in which the tensor meets their first significant axis.
  std::vector<const Group*> sequence;
  const auto meet = [&](int axis) {
    for (const Group& group : groups) {
      const bool holds = group.from_begin <= axis && axis < group.from_end;
      if (holds && std::count(sequence.begin(), sequence.end(), &group) == 0) {
        sequence.push_back(&group);
      }
    }
  };
  if (from[0] == 1) meet(0);  // the batch stays in front
  for (const int axis : significant(from, order)) meet(axis);
  for (const int axis : order) meet(axis);
  View view;
  for (const Group* group : sequence) {
    for (int axis = group->from_begin; axis < group->from_end; ++axis) view.before.push_back(axis);
    for (int axis = group->to_begin; axis < group->to_end; ++axis) view.after.push_back(axis);
  }
  if (same_sequence(from, order, view.before)) view.before = order;
  const Order usual = usual_order(to.size());
  if (same_sequence(to, view.after, usual)) view.after = usual;
  return view;
}

std::vector<int64_t> onnx_places(const Shape& shape, const Order& order) {
  std::vector<int64_t> stride(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) stride[i - 1] = stride[i] * shape[i];
  std::vector<int64_t> places = {0};
  for (const int axis : order) {
    std::vector<int64_t> next;
    next.reserve(places.size() * static_cast<size_t>(shape[axis]));
    for (const int64_t place : places) {
      for (int64_t i = 0; i < shape[axis]; ++i) next.push_back(place + i * stride[axis]);
    }
    places = std::move(next);
  }
  return places;
}

}  // namespace systole::frontend
