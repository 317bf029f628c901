// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/compiler/memory_map.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "sw/compiler/arena.h"
#include "sw/compiler/math.h"
#include "sw/program/program_format.h"

namespace systole::compiler {
namespace {

uint64_t bytes_of(const graph::Tensor& tensor) {
  return static_cast<uint64_t>(tensor.elements());  // activations are 8-bit
}

std::vector<int> inputs_of(const graph::Node& node) {
  std::vector<int> inputs = {node.input};
  inputs.insert(inputs.end(), node.more_inputs.begin(), node.more_inputs.end());
  return inputs;
}

class Mapper {
 public:
  Mapper(const graph::Graph& graph, const std::vector<bool>& stays)
      : graph_(graph), stays_(stays), root_(view_roots(graph)) {
    map_.places.resize(graph.tensors.size());
    map_.is_placed.resize(graph.tensors.size());
  }

  MemoryMap run() {
    place_inputs();
    place_outputs();
    place_rest();
    for (const graph::Node& node : graph_.nodes) share(node.output);
    check_sizes();
    return std::move(map_);
  }

 private:
  uint32_t take(uint64_t* region_bytes, int tensor) const {
    const uint64_t offset = align_up(*region_bytes, kDramAlign);
    *region_bytes = offset + bytes_of(graph_.tensors[tensor]);
    return static_cast<uint32_t>(offset);
  }

  void set(int tensor, const Place& place) {
    map_.places[tensor] = place;
    map_.is_placed[tensor] = true;
  }

  void share(int tensor) {
    const int root = root_[tensor];
    if (!map_.is_placed[tensor] && map_.is_placed[root]) set(tensor, map_.places[root]);
  }

  void place_inputs() {
    for (const graph::Port& port : graph_.inputs) {
      set(port.tensor, {SYSTOLE_REGION_INPUT, take(&map_.input_bytes, port.tensor)});
    }
  }

  void place_outputs() {
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      const int tensor = graph_.outputs[i].tensor;
      const Place place = {SYSTOLE_REGION_OUTPUT, take(&map_.output_bytes, tensor)};
      const int root = root_[tensor];
      if (map_.is_placed[root]) {
        map_.copies.push_back({static_cast<int>(i), map_.places[root], place});
      } else {
        set(root, place);
      }
    }
  }

  void place_rest() {
    std::vector<ArenaTensor> arena;
    std::vector<int> tensors;
    std::vector<int> slot(graph_.tensors.size(), -1);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const graph::Node& node = graph_.nodes[n];
      const int index = static_cast<int>(n);
      for (const int input : inputs_of(node)) {
        if (slot[root_[input]] >= 0) arena[slot[root_[input]]].last_node = index;
      }
      const int root = root_[node.output];
      const bool stays = !stays_.empty() && stays_[root];
      if (map_.is_placed[root] || slot[root] >= 0 || stays) continue;
      slot[root] = static_cast<int>(arena.size());
      arena.push_back({bytes_of(graph_.tensors[root]), index, index, 0});
      tensors.push_back(root);
    }
    map_.arena_bytes = place_arena(&arena);
    map_.arena_alive_bytes = most_alive(arena);
    for (size_t i = 0; i < arena.size(); ++i) {
      set(tensors[i], {SYSTOLE_REGION_ARENA, static_cast<uint32_t>(arena[i].offset)});
    }
  }

  void check_sizes() const {
    constexpr uint64_t kMaxRegion = 0xFFFFFF00;
    if (std::max({map_.arena_bytes, map_.input_bytes, map_.output_bytes}) <= kMaxRegion) return;
    throw graph::ModelError(
        "model '" + graph_.name + "': its tensors need " +
        std::to_string(map_.arena_bytes + map_.input_bytes + map_.output_bytes) +
        " bytes, more than 32-bit addresses reach");
  }

  const graph::Graph& graph_;
  const std::vector<bool>& stays_;
  const std::vector<int> root_;
  MemoryMap map_;
};

}  // namespace

MemoryMap map_memory(const graph::Graph& graph, const std::vector<bool>& stays) {
  return Mapper(graph, stays).run();
}

std::vector<int> view_roots(const graph::Graph& graph) {
  std::vector<int> roots(graph.tensors.size());
  std::iota(roots.begin(), roots.end(), 0);
  for (const graph::Node& node : graph.nodes) {
    if (is_view(node.op)) roots[node.output] = roots[node.input];
  }
  return roots;
}

}  // namespace systole::compiler
