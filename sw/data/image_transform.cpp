// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/image_transform.h"

#include <algorithm>
#include <cmath>

namespace systole::data {
namespace {

Image sized(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  image.pixels.resize(size_t(width) * size_t(height) * size_t(channels));
  return image;
}

size_t row_bytes(const Image& image) { return size_t(image.width) * size_t(image.channels); }

// ---- The triangle filter, in 22-bit fixed point

constexpr int kWeightBits = 22;

// What one new pixel is made of: `weights.size()` old ones from `first` on.
struct Tap {
  int first = 0;
  std::vector<int32_t> weights;
};

Tap tap_of(int position, int old_size, int new_size) {
  const double scale = double(old_size) / new_size;
  const double support = std::max(scale, 1.0);  // half the filter's width
  const double center = (position + 0.5) * scale;
  const int first = std::max(static_cast<int>(center - support + 0.5), 0);
  const int last = std::min(static_cast<int>(center + support + 0.5), old_size);
  std::vector<double> weights;
  double sum = 0;
  for (int i = first; i < last; ++i) {
    const double distance = std::abs((i - center + 0.5) * (1.0 / support));
    weights.push_back(distance < 1.0 ? 1.0 - distance : 0.0);
    sum += weights.back();
  }
  Tap tap;
  tap.first = first;
  for (const double weight : weights) {
    const double normal = sum != 0.0 ? weight / sum : weight;
    tap.weights.push_back(static_cast<int32_t>(0.5 + normal * (1 << kWeightBits)));
  }
  return tap;
}

std::vector<Tap> taps_of(int old_size, int new_size) {
  std::vector<Tap> taps;
  for (int i = 0; i < new_size; ++i) taps.push_back(tap_of(i, old_size, new_size));
  return taps;
}

// The weighted sum of bytes `stride` apart, rounded.
uint8_t filter(const Tap& tap, const uint8_t* bytes, size_t stride) {
  int32_t sum = 1 << (kWeightBits - 1);
  for (const int32_t weight : tap.weights) {
    sum += weight * *bytes;
    bytes += stride;
  }
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

Image resize_rows(const Image& image, int width) {
  const std::vector<Tap> taps = taps_of(image.width, width);
  const size_t channels = size_t(image.channels);
  Image result = sized(width, image.height, image.channels);
  uint8_t* to = result.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = &image.pixels[size_t(y) * row_bytes(image)];
    for (const Tap& tap : taps) {
      const uint8_t* from = row + size_t(tap.first) * channels;
      for (size_t c = 0; c < channels; ++c) *to++ = filter(tap, from + c, channels);
    }
  }
  return result;
}

Image resize_columns(const Image& image, int height) {
  Image result = sized(image.width, height, image.channels);
  const size_t bytes = row_bytes(image);
  uint8_t* to = result.pixels.data();
  for (const Tap& tap : taps_of(image.height, height)) {
    const uint8_t* from = &image.pixels[size_t(tap.first) * bytes];
    for (size_t i = 0; i < bytes; ++i) *to++ = filter(tap, from + i, bytes);
  }
  return result;
}

// ---- Nearest

// Where each new pixel comes from: sums of steps, as Pillow does it.
std::vector<size_t> nearest_of(int old_size, int new_size) {
  const double step = double(old_size) / new_size;
  double at = 0.5 * step;
  std::vector<size_t> indices;
  for (int i = 0; i < new_size; ++i, at += step) {
    indices.push_back(size_t(std::min(static_cast<int>(at), old_size - 1)));
  }
  return indices;
}

}  // namespace

Image to_channels(const Image& image, int channels) {
  if (channels == image.channels) return image;
  Image result = sized(image.width, image.height, channels);
  const size_t pixels = size_t(image.width) * size_t(image.height);
  for (size_t i = 0; i < pixels; ++i) {
    if (channels == 3) {
      for (size_t c = 0; c < 3; ++c) result.pixels[3 * i + c] = image.pixels[i];
    } else {
      const uint8_t* rgb = &image.pixels[3 * i];
      const uint32_t sum = 19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 32768u;
      result.pixels[i] = static_cast<uint8_t>(sum >> 16);
    }
  }
  return result;
}

Image crop_to_shape(const Image& image, int width, int height) {
  const int64_t w = image.width, h = image.height;
  int64_t new_w = w, new_h = h;
  if (w * height > h * width) {
    new_w = std::max<int64_t>((2 * h * width + height) / (2 * height), 1);
  } else {
    new_h = std::max<int64_t>((2 * w * height + width) / (2 * width), 1);
  }
  const size_t left = size_t(w - new_w) / 2, top = size_t(h - new_h) / 2;
  Image result = sized(static_cast<int>(new_w), static_cast<int>(new_h), image.channels);
  for (size_t y = 0; y < size_t(new_h); ++y) {
    const uint8_t* from =
        &image.pixels[(top + y) * row_bytes(image) + left * size_t(image.channels)];
    std::copy_n(from, row_bytes(result), &result.pixels[y * row_bytes(result)]);
  }
  return result;
}

Image resize_nearest(const Image& image, int width, int height) {
  Image result = sized(width, height, image.channels);
  const std::vector<size_t> columns = nearest_of(image.width, width);
  const size_t channels = size_t(image.channels);
  uint8_t* to = result.pixels.data();
  for (const size_t y : nearest_of(image.height, height)) {
    const uint8_t* row = &image.pixels[y * row_bytes(image)];
    for (const size_t x : columns) to = std::copy_n(row + x * channels, channels, to);
  }
  return result;
}

Image resize_bilinear(const Image& image, int width, int height) {
  Image result = width == image.width ? image : resize_rows(image, width);
  return height == image.height ? result : resize_columns(result, height);
}

}  // namespace systole::data
