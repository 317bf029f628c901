// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/image_input.h"

#include <cmath>

#include "sw/data/image_transform.h"
#include "sw/data/layout.h"
#include "sw/data/npy.h"
#include "sw/quant/requant_params.h"

namespace systole::data {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw DataError(where + ": " + what);
}

std::string size_text(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

bool is_channel_count(int64_t count) { return count == 1 || count == 3; }

// Ranges of real values whose 256 steps are pixels, shifted for int8.
struct Range {
  double lo, hi, tolerance;
  const char* text;
};
constexpr Range kPixelRanges[] = {{0, 1, 0.02, "0 to 1"},
                                  {-1, 1, 0.02, "-1 to 1"},
                                  {0, 255, 2, "0 to 255"},
                                  {-128, 127, 2, "-128 to 127"}};

}  // namespace

ImageInput::ImageInput(const graph::Graph& graph, const graph::Port& port,
                       const ImageOptions& options)
    : graph_(graph),
      tensor_(graph.tensors[size_t(port.tensor)]),
      name_("input '" + port.name + "'"),
      options_(options) {
  const std::vector<int64_t>& s = tensor_.shape;
  planar_ = s.size() == 4 && !is_channel_count(s[3]) && is_channel_count(s[1]);
  const bool fits = (s.size() == 4 && (planar_ || is_channel_count(s[3]))) || s.size() == 3;
  if (!fits || s[0] != 1) {
    fail(name_, "has the shape " + shape_text(source_shape(tensor_)) +
                    ", which is no picture's of 1 or 3 channels; give .npy or raw bytes");
  }
  height_ = static_cast<int>(planar_ ? s[2] : s[1]);
  width_ = static_cast<int>(planar_ ? s[3] : s[2]);
  channels_ = s.size() == 3 ? 1 : static_cast<int>(planar_ ? s[1] : s[3]);
  for (const std::vector<double>* values : {&options_.mean, &options_.std}) {
    if (values->size() > 1 && values->size() != size_t(channels_)) {
      fail(name_, "has " + std::to_string(channels_) + " channels, but " +
                      std::to_string(values->size()) + " means or standard deviations are given");
    }
  }
  choose_rule();
  fill_codes();
}

double ImageInput::mean(size_t channel) const {
  if (options_.mean.empty()) return 0;
  return options_.mean[options_.mean.size() == 1 ? 0 : channel];
}

double ImageInput::std(size_t channel) const {
  if (options_.std.empty()) return 1;
  return options_.std[options_.std.size() == 1 ? 0 : channel];
}

void ImageInput::choose_rule() {
  if (options_.normalize()) {
    rule_ = Rule::kNormalize;
    return;
  }
  const int lowest = tensor_.dtype == graph::DType::kInt8 ? -128 : 0;
  const double scale = tensor_.quant.scale_at(0), zero = tensor_.quant.zero_point_at(0);
  const double lo = scale * (lowest - zero), hi = scale * (lowest + 255 - zero);
  for (const Range& range : kPixelRanges) {
    if (std::abs(lo - range.lo) > range.tolerance || std::abs(hi - range.hi) > range.tolerance) {
      continue;
    }
    rule_ = Rule::kCode;
    covers_ = range.text;
    return;
  }
  rule_ = Rule::kUnit;
}

// A pixel has 256 values: one table for each channel says all.
void ImageInput::fill_codes() {
  for (size_t c = 0; c < size_t(channels_); ++c) {
    std::vector<float> real;
    std::vector<uint8_t> codes;
    for (int pixel = 0; pixel < 256; ++pixel) {
      real.push_back(static_cast<float>((pixel / 255.0 - mean(c)) / std(c)));
      const int offset = tensor_.dtype == graph::DType::kInt8 ? 128 : 0;
      codes.push_back(static_cast<uint8_t>(pixel - offset));
    }
    codes_.push_back(rule_ == Rule::kCode
                         ? codes
                         : quant::quantize(real, tensor_.quant, tensor_.dtype, graph_.backend));
  }
}

// The picture with the input's channels and size.
Image ImageInput::fit(const Image& original, const std::string& path) {
  ++images_;
  if (channels_ < original.channels) ++to_grey_;
  if (channels_ > original.channels) ++to_rgb_;
  Image image = to_channels(original, channels_);
  if (image.width == width_ && image.height == height_) return image;
  if (options_.resize == Resize::kNone) {
    fail(path, "has " + size_text(image.width, image.height) + " pixels; the model's " + name_ +
                   " needs " + size_text(width_, height_));
  }
  ++resized_;
  if (options_.crop) {
    Image part = crop_to_shape(image, width_, height_);
    cropped_ += part.width != image.width || part.height != image.height;
    image = std::move(part);
  }
  return options_.resize == Resize::kNearest ? resize_nearest(image, width_, height_)
                                             : resize_bilinear(image, width_, height_);
}

std::vector<uint8_t> ImageInput::codes_of(const Image& original, const std::string& path) {
  const Image image = fit(original, path);
  const size_t channels = size_t(channels_), pixels = image.pixels.size() / channels;
  std::vector<uint8_t> codes(image.pixels.size());
  for (size_t i = 0; i < pixels; ++i) {
    for (size_t c = 0; c < channels; ++c) {
      codes[planar_ ? c * pixels + i : i * channels + c] =
          codes_[c][image.pixels[i * channels + c]];
    }
  }
  return codes;
}

std::string ImageInput::summary() const {
  std::string text = std::to_string(images_) + (images_ == 1 ? " picture" : " pictures");
  const auto part = [&](int count, const std::string& what) {
    if (count == 0) return;
    text += count == images_ ? ", " : ", " + std::to_string(count) + " of them ";
    text += what;
  };
  part(to_grey_, "RGB to grey");
  part(to_rgb_, "grey to RGB");
  part(cropped_, "cropped");
  part(resized_, "resized to " + size_text(width_, height_) +
                     (options_.resize == Resize::kNearest ? " (nearest)" : " (bilinear)"));
  switch (rule_) {
    case Rule::kNormalize:
      return text + "; (pixel / 255 - mean) / std, quantized";
    case Rule::kCode:
      return text +
             (tensor_.dtype == graph::DType::kInt8 ? "; code = pixel - 128" : "; code = pixel") +
             ", for the input covers " + covers_;
    case Rule::kUnit:
      break;
  }
  return text + "; pixel / 255, quantized (--mean and --std if the model wants other values)";
}

}  // namespace systole::data
