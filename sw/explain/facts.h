// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The numbers of each layer: what the model file says, what the backend derives from it, and what
// follows for the accumulator. Formulas: docs/arithmetic.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sw/data/samples.h"
#include "sw/explain/bounds.h"
#include "sw/graph/graph.h"
#include "sw/quant/quantize_multiplier.h"
#include "sw/quant/requant_params.h"

namespace systole::explain {

// An activation that a layer reads or writes.
struct TensorFacts {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;  // in the source's order, with the batch
  std::string producer;        // "input 'x'", "conv1 (conv2d)"
  float scale = 0;
  int32_t zero_point = 0;
  CodeRange codes;                // possible: the type's, narrowed by the producer's clamp
  std::optional<CodeRange> seen;  // in the samples that were run

  // As backends dequantize: one fp32 product.
  double real(int32_t code) const { return double(scale * float(code - zero_point)); }
};

// Whether the codes keep to 0..127, as observers with reduce_range=True leave them.
enum class ReducedRange { kNotUnsigned, kUnknown, kByClamp, kSeen, kNo };
ReducedRange reduced_range(const TensorFacts& tensor);

// One output channel of a layer with products.
struct ChannelFacts {
  float weight_scale = 0;
  int32_t weight_zero_point = 0;
  CodeRange weight_codes;
  float acc_scale = 0;          // atw[j] = f(s_in * s_w[j]): the real value of accumulator unit 1
  quant::ChannelParams params;  // what goes into the registers
  quant::FixedPoint q31{};      // s_in * s_w / s_out as Q31; what Q31 backends use
  double bias_real = 0;         // 0 without bias
  double bias_acc = 0;          // bias_real / (s_in * s_w), not rounded
  int64_t bias_int = 0;         // the int32 bias that integer-bias backends add
  double bias_loss = 0;         // (bias_int - bias_acc) * s_in * s_w
  AccRange acc;                 // over all inputs in the possible range, bias not included
};

enum class BiasSource { kNone, kInt32, kFloat, kBoth };

// Only for layers with products (convolution, fully connected).
struct ProductFacts {
  std::string weight_name;
  std::string weight_dtype;
  std::vector<int64_t> weight_shape;  // {OC, KH, KW, IC/groups} or {OC, IC}
  bool per_channel = false;
  int64_t taps = 0;  // products per output
  BiasSource bias = BiasSource::kNone;
  quant::RequantParams requant;
  uint32_t mode_register = 0;  // REQUANT.MODE without the job's PER_TENSOR and PARAM_LOAD bits
  std::vector<ChannelFacts> channels;
  PairSaturation pairs;                      // over the possible codes
  std::optional<PairSaturation> pairs_seen;  // over those seen

  bool int_bias() const;  // the bias register holds an int32
  // The largest |acc| that is possible, and its channel; an integer bias may only make it larger.
  struct Worst {
    int64_t acc;
    size_t channel;
  };
  Worst worst() const;
};

struct LayerFacts {
  int index = 0;
  std::string name;
  std::string op;
  TensorFacts input, output;
  int32_t clamp_min = 0, clamp_max = 255;
  std::optional<ProductFacts> products;
};

struct ModelFacts {
  std::string model;
  graph::Backend backend = graph::Backend::kQnnpack;
  int samples_run = 0;  // how many inputs `seen` comes from
  std::vector<LayerFacts> layers;
};

// `samples` are run through the reference to see which codes occur; may be empty.
// Throws graph::ModelError when the backend would refuse a layer's parameters.
// Requires: graph::validate(graph) passed.
ModelFacts explain_model(const graph::Graph& graph, const std::vector<data::Sample>& samples);

}  // namespace systole::explain
