// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Tensors that stay in the scratchpad between layers: the layer that makes one writes it there, the
// layers that read it find it there, and nothing is stored or loaded. They lie at the scratchpad's
// end; what is left below is for the layers' own buffers.
//
// A tensor that a convolution pads lies in a frame of its zero point, so that the array reads
// padding like pixels. Rows share the space between them: what is right of one row is left of the
// next.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "sw/compiler/layer.h"
#include "sw/compiler/machine.h"
#include "sw/graph/graph.h"

namespace systole::compiler {

// An image in the scratchpad, with zero points around it.
struct Frame {
  int64_t height = 1, width = 1, channels = 1;
  int64_t above = 0, below = 0, beside = 0;  // rows, rows, pixels
  uint8_t fill = 0;

  int64_t row_bytes() const { return (width + beside) * channels; }
  // Before pixel (0, 0).
  int64_t lead_bytes() const { return beside * channels + above * row_bytes(); }
  int64_t bytes() const { return lead_bytes() + (height + below) * row_bytes(); }
  bool is_dense() const { return above == 0 && below == 0 && beside == 0; }
};

// Loads that write the zero points around the image, which need no DRAM.
std::vector<DmaJob> frame_jobs(const Frame& frame, uint32_t addr);

// A tensor that stays.
struct Resident {
  int tensor = -1;
  int first_node = 0, last_node = 0;
  Frame frame;
  bool is_stored = false;  // in DRAM as well: not all of its readers can read it here
  uint32_t addr = 0;       // of the frame

  Place place() const {
    return {SYSTOLE_REGION_SCRATCHPAD, addr + static_cast<uint32_t>(frame.lead_bytes()),
            static_cast<uint32_t>(frame.row_bytes())};
  }
};

class OnChip {
 public:
  // `roots`: per tensor, the one whose bytes it is a view of.
  OnChip(const graph::Graph& graph, std::vector<int> roots, uint64_t scratchpad_bytes);

  // The tensors that could stay, in the order of their nodes.
  std::vector<Resident> candidates() const;

  // Makes these the ones that stay. False: they do not fit, and nothing has changed.
  bool choose(std::vector<Resident> residents);
  const std::vector<Resident>& residents() const { return residents_; }

  // Null: the tensor is in DRAM only.
  const Resident* find(int tensor) const;
  // Where `node` reads operand `input`, if not in DRAM.
  const Resident* read_by(const graph::Node& node, int input) const;
  // Throws std::logic_error when a job of `node` reaches into a tensor that stays and is not the
  // layer's own.
  void check(int node, const Schedule& schedule) const;

  // What a layer may use below the tensors that are there while it runs.
  uint64_t buffer_bytes(int node) const { return buffer_bytes_[static_cast<size_t>(node)]; }

 private:
  struct Border {
    int64_t above = 0, below = 0, before = 0, after = 0;
  };
  std::optional<Border> border_of(const graph::Node& node) const;
  std::optional<Resident> candidate(int node) const;

  const graph::Graph& graph_;
  const std::vector<int> roots_;
  const uint64_t scratchpad_bytes_;
  std::vector<Resident> residents_;
  std::vector<int> by_tensor_;          // index in residents_, -1: none
  std::vector<uint64_t> buffer_bytes_;  // per node
};

// Cycles of one layer; nullopt: it cannot be lowered so.
using LayerCost = std::function<std::optional<uint64_t>(int node)>;

// Chooses the tensors that stay: each is taken if all layers together are faster with it. `cost`
// is asked for the layers whose memory `on_chip` has changed.
void choose_on_chip(OnChip* on_chip, const graph::Graph& graph, const LayerCost& cost);

}  // namespace systole::compiler
