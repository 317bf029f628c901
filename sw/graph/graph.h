// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// The one graph that every front end produces and that the compiler and the reference consume.
//
// Activations are NHWC: a 4-D tensor has shape {N, H, W, C}; a 2-D one {N, C}. Convolution weights
// are {OC, KH, KW, IC/groups}; fully connected weights {OC, IC}. A front end whose format is NCHW
// converts shapes, weights and axes when it reads. Nodes are in execution order.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole::graph {

enum class DType { kUint8, kInt8, kInt32, kFloat32 };

// Whose arithmetic the graph was quantized for; see docs/arithmetic.md.
enum class Backend { kFbgemm, kQnnpack, kTflite, kOnnxRuntime, kOnednn };

enum class OpType {
  kConv2d,
  kFullyConnected,
  kTransposedConv,  // the gradient's convolution: each input pixel is spread over a window
  kMaxPool,
  kReshape,
  kAdd,             // two inputs, broadcast
  kMul,             // two inputs, broadcast
  kAveragePool,     // over the pixels inside the image, or `count_include_pad`
  kMean,            // over `axes`
  kPad,             // with the zero point: `begin` elements before, the rest after
  kTranspose,       // output axis i is input axis `axes`[i]
  kConcat,          // along `axes`[0]
  kSlice,           // every `step`-th element from `begin`
  kSoftmax,         // along the last axis; `alpha` is beta
  kLogistic,        // 1 / (1 + exp(-x))
  kTanh,            //
  kHardSwish,       // x * min(max(x + 3, 0), 6) / 6
  kHardSigmoid,     // min(max(alpha * x + beta, 0), 1)
  kLeakyRelu,       // x < 0 ? alpha * x : x
  kClamp,           // a ReLU of its own: requantizes and clamps
  kRequantize,      // to another scale, zero point or type
  kResizeNearest,   // of an image's height and width
  kResizeBilinear,  //
};

// real = scale[c] * (q - zero_point[c]). One entry per tensor, or one per index of `axis`.
struct Quantization {
  std::vector<float> scale;
  std::vector<int32_t> zero_point;
  int axis = -1;  // -1: per tensor

  bool per_channel() const { return axis >= 0; }
  float scale_at(int channel) const { return scale[per_channel() ? channel : 0]; }
  int32_t zero_point_at(int channel) const { return zero_point[per_channel() ? channel : 0]; }
};

// Most elements that one tensor may have: the NPU's addresses are 32-bit.
constexpr int64_t kMaxElements = (int64_t{1} << 31) - 1;

// Largest kernel, stride, dilation or padding of a window.
constexpr int kMaxWindowValue = 4096;

struct Tensor {
  std::string name;
  DType dtype = DType::kUint8;
  std::vector<int64_t> shape;  // NHWC, see above
  Quantization quant;
  std::vector<uint8_t> data;  // constants only: little-endian elements, row-major; else empty
  // True when the tensor's source layout is NCHW: files written for a person or compared with the
  // source framework are in that order (a {N, C, H, W} view of the same values).
  bool source_is_nchw = false;

  bool is_constant() const { return !data.empty(); }
  // Product of the shape. Throws ModelError for a dimension below 1 or a product > kMaxElements.
  int64_t elements() const;
};

// The elements of a constant. Requires: T has the size of the tensor's type.
template <typename T>
std::vector<T> values_of(const Tensor& tensor) {
  std::vector<T> values(tensor.data.size() / sizeof(T));
  std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(T));
  return values;
}

struct Padding {
  int top = 0, left = 0, bottom = 0, right = 0;
};

struct Window {
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  Padding pad;
};

// Indices are into Graph::tensors; -1 means absent.
struct Node {
  OpType op = OpType::kConv2d;
  std::string name;  // the layer's name in the source model: unique, never empty
  int input = -1;
  int output = -1;
  int weights = -1;  // kConv2d, kTransposedConv, kFullyConnected: int8 or uint8 constant
  // int32 constant {OC}, in units of in_scale * w_scale[c]; used by integer-bias backends.
  int bias_int32 = -1;
  int bias_float =
      -1;          // float32 constant {OC}, in real units; used by float-bias backends (FBGEMM)
  int groups = 1;  // kConv2d, kTransposedConv
  // kConv2d, kMaxPool, kAveragePool; kTransposedConv: input pixel (y, x) adds its product with tap
  // (ky, kx) to output pixel (y * stride_h + ky * dilation_h - pad.top, likewise x), if the output
  // has it. pad.bottom and pad.right are 0 there: the output's shape says where it ends.
  Window window;
  // kAveragePool: divides by the kernel's pixels, padded ones (of value 0) included, and not by
  // those inside the image. QNNPACK does so always.
  bool count_include_pad = false;
  // Inclusive clamp of the quantized output (fused ReLU, ReLU6, Clip); defaults to the dtype's
  // range.
  int32_t clamp_min = 0;
  int32_t clamp_max = 255;
  // kAdd, kMul: the second operand; kConcat: all parts after the first. May be constants.
  std::vector<int> more_inputs;
  std::vector<int> axes;            // kMean, kTranspose, kConcat
  std::vector<int64_t> begin;       // kPad, kSlice: one per axis
  std::vector<int64_t> step;        // kSlice: one per axis, at least 1
  float alpha = 0;                  // kSoftmax, kLeakyRelu, kHardSigmoid
  float beta = 0;                   // kHardSigmoid
  bool align_corners = false;       // kResizeNearest, kResizeBilinear: corner pixels stay corners
  bool half_pixel_centers = false;  // kResizeNearest, kResizeBilinear: a pixel is at its centre
};

// How a graph input or output meets the user: a real tensor quantized on the way in
// (QuantizeLinear) or dequantized on the way out. `tensor` is the quantized tensor inside the
// graph.
struct Port {
  int tensor = -1;
  std::string name;   // the name in the model file
  bool real = false;  // the model's own interface is float32 (Quantize/Dequantize at the edge)
  // Outputs: the file's float layers between `tensor` and this output, which are not computed.
  std::string left_out = {};
};

struct Graph {
  std::string name;  // model file's stem
  Backend backend = Backend::kQnnpack;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;
  std::vector<Port> inputs;
  std::vector<Port> outputs;
};

const char* to_string(DType dtype);
const char* to_string(Backend backend);  // "fbgemm", "qnnpack", "tflite", ...
const char* to_string(OpType op);
int element_bytes(DType dtype);

// {min, max} of an 8-bit type. Requires: kUint8 or kInt8.
struct IntRange {
  int32_t min, max;
};
IntRange value_range(DType dtype);

// Whether equal codes are equal real values.
bool same_quantization(const Tensor& a, const Tensor& b);

// Whether the bytes of the output are those of the input, under another shape.
inline bool is_view(OpType op) { return op == OpType::kReshape; }

// Whether the layer has products with weights, and thus requantization parameters.
inline bool has_weights(OpType op) {
  return op == OpType::kConv2d || op == OpType::kTransposedConv || op == OpType::kFullyConnected;
}

// Multiply-accumulate operations of one inference of `node` (0 for layers without products).
int64_t macs(const Graph& graph, const Node& node);

// A model that cannot be used: malformed, inconsistent or outside what is supported. what() is one
// line that names the file, the layer and the operator, and says what to do.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws ModelError when the graph breaks an invariant of this header (index out of range, shapes
// that do not fit the operator, missing scales, scales that are not positive and finite, ...).
void validate(const Graph& graph);

}  // namespace systole::graph
