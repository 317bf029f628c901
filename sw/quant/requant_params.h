// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// What the requantization unit is told about one layer: derived from scales, zero points and bias
// in exactly the types and the order of operations of the backend that the model was quantized for.
// One ulp more or less in a multiplier changes output bytes. Sections: docs/arithmetic.md.
#pragma once

#include <cstdint>
#include <vector>

#include "sw/graph/graph.h"

namespace systole::quant {

// Values are the hardware's encodings (hw/requant/requant.rdl).
enum class RequantMode : uint32_t {
  kFp32IntBias = 0,    // cvt(f(f(acc + bias) * mult)) + zp
  kFp32FloatBias = 1,  // cvt(f(f(f(acc) + bias) * mult)) + zp
  kFp32FmaBias = 2,    // cvt(f(fma(bias, aux, f(acc)) * mult)) + zp
  kFp32TwoScale = 3,   // cvt(f(f(f(f(acc) * mult) + bias) * aux)) + zp
  kQ31Double = 4,      // two rounding shifts
  kQ31Single = 5,      // one rounding shift in 64 bits
  kBypass32 = 6,       // the int32 accumulator itself
  kAvgDiv = 7,         // integer division by a pixel count
};

// What fp32 -> int32 gives where int32 cannot hold the value. Values are the hardware's encodings.
enum class Overflow : uint32_t {
  kX86 = 0,         // INT32_MIN, as CVTPS2DQ
  kSaturate = 1,    // nearest int32, NaN -> 0, as FCVTNS
  kClampFirst = 2,  // cannot happen: clamped to [qmin - zp, qmax - zp] in fp32 before conversion
};

// One output channel.
struct ChannelParams {
  uint32_t mult = 0;  // bits of an fp32 (kFp32*) or a Q31 (kQ31*)
  uint32_t bias = 0;  // bits of an fp32 (kFp32FloatBias, kFp32FmaBias, kFp32TwoScale) or an int32
  int32_t shift = 0;  // kQ31*: power of two, positive to the left; else 0
};

struct RequantParams {
  RequantMode mode = RequantMode::kFp32IntBias;
  bool zp_first = false;  // add the zero point in fp32, before rounding
  bool ties_up = false;   // kQ31Double: the second rounding takes ties up
  Overflow ovf = Overflow::kX86;
  bool acc_fp32 = false;  // the accumulator's bits are a binary32 (kFp32* modes)
  bool out_signed = false;
  int32_t zero_point = 0;
  int32_t qmin = 0;  // inclusive clamp of the output
  int32_t qmax = 255;
  float aux = 0;                        // kFp32FmaBias: 1/acc scale; kFp32TwoScale: second scale
  std::vector<ChannelParams> channels;  // one per output channel, also for per-tensor scales
};

// Parameters of a convolution or fully connected layer for `backend`.
// Sections: FBGEMM 2.1, 2.2; QNNPACK 3.1, 3.2; oneDNN 2 4.2; TensorFlow Lite 6.1, 6.2; ONNX
// Runtime 7.1.
// Throws graph::ModelError (one line with the layer's name) when the backend would refuse the
// parameters (QNNPACK: multiplier not a positive normal number), when a derived number is not
// finite or too large for its register, and for an operator that is not requantized.
// Requires: graph::validate(graph) passed.
RequantParams derive_requant(const graph::Graph& graph, const graph::Node& node,
                             graph::Backend backend);

// A real input tensor as `backend` quantizes it, one byte per value in the two's complement or
// unsigned code of `dtype`. PyTorch (2.5) multiplies by f(1/scale), the others (7.3) divide; all
// round half to even before they add the zero point, and clamp to the type. Values too large for
// an integer, and NaN, follow the backend too: PyTorch wraps them to the type's minimum (with
// FBGEMM only where the zero point lifts them past int32, and not NaN), the others clamp.
// Requires: `quant` is per tensor; `dtype` is kUint8 or kInt8.
std::vector<uint8_t> quantize(const std::vector<float>& real, const graph::Quantization& quant,
                              graph::DType dtype, graph::Backend backend);

// f(scale * (q - zero_point)) for each byte (2.5). Same requirements.
std::vector<float> dequantize(const std::vector<uint8_t>& codes, const graph::Quantization& quant,
                              graph::DType dtype);

}  // namespace systole::quant
