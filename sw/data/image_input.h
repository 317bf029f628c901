// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// From a picture to the codes of a network's input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sw/data/image.h"
#include "sw/graph/graph.h"

namespace systole::data {

enum class Resize { kBilinear, kNearest, kNone };

struct ImageOptions {
  Resize resize = Resize::kBilinear;
  bool crop = false;  // to the input's shape, around the centre, before resizing
  // (pixel / 255 - mean) / std is the real value: none, one, or one per channel. A mean without a
  // std divides by 1, a std without a mean subtracts 0.
  std::vector<double> mean, std;

  bool normalize() const { return !mean.empty() || !std.empty(); }
};

// How pixels become codes of one input of a graph:
// - with `mean` or `std`: the real value above, quantized with the input's scale and zero point;
// - else, if the input's 256 codes cover 0 to 1, -1 to 1, 0 to 255 or -128 to 127: the pixel itself
//   for uint8, the pixel - 128 for int8, as models of TensorFlow Lite are fed;
// - else: pixel / 255 quantized with the input's scale and zero point.
class ImageInput {
 public:
  // Throws DataError, one line that starts with the input's name: it has not the shape of a
  // picture, or `options` has as many means or standard deviations as it has not channels.
  ImageInput(const graph::Graph& graph, const graph::Port& port, const ImageOptions& options);

  // The codes in the graph's order. Throws DataError, one line that starts with `path`: the
  // picture has another size than the input and shall not be resized.
  std::vector<uint8_t> codes_of(const Image& image, const std::string& path);

  // What was done to all pictures so far, for people: "2 of 5 resized to 96 x 96 (bilinear), ...".
  std::string summary() const;

 private:
  enum class Rule { kNormalize, kCode, kUnit };

  Image fit(const Image& image, const std::string& path);
  void choose_rule();
  void fill_codes();
  double mean(size_t channel) const;
  double std(size_t channel) const;

  const graph::Graph& graph_;
  const graph::Tensor& tensor_;
  const std::string name_;
  const ImageOptions options_;
  int width_ = 0, height_ = 0, channels_ = 1;
  bool planar_ = false;  // {1, C, H, W} also in the graph
  Rule rule_ = Rule::kUnit;
  const char* covers_ = "";                  // kCode: "0 to 1"
  std::vector<std::vector<uint8_t>> codes_;  // by channel, then by pixel
  int images_ = 0, resized_ = 0, cropped_ = 0, to_grey_ = 0, to_rgb_ = 0;
};

}  // namespace systole::data
