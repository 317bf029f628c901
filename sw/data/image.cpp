// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/image.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "sw/data/image_formats.h"
#include "sw/data/npy.h"

namespace systole::data {
namespace {

bool starts_with(const std::vector<uint8_t>& file, const std::vector<uint8_t>& magic) {
  return file.size() >= magic.size() && std::equal(magic.begin(), magic.end(), file.begin());
}

}  // namespace

void fail_image(const std::string& path, const std::string& what) {
  throw DataError(path + ": " + what);
}

Image make_image(int64_t width, int64_t height, int channels, const std::string& path) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height);
  if (width < 1 || height < 1) fail_image(path, "the picture has no pixels (" + size + ")");
  if (width > kMaxImageSide || height > kMaxImageSide || width * height > kMaxImagePixels) {
    fail_image(path, "the picture is too large (" + size + " pixels; up to " +
                         std::to_string(kMaxImageSide) + " a side and " +
                         std::to_string(kMaxImagePixels >> 20) + " Mi in all are read)");
  }
  Image image{static_cast<int>(width), static_cast<int>(height), channels, {}};
  image.pixels.resize(static_cast<size_t>(width * height * channels));
  return image;
}

bool is_image_file(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* known : {".png", ".jpg", ".jpeg", ".pgm", ".ppm", ".pnm"}) {
    if (extension == known) return true;
  }
  return false;
}

Image decode_image(const std::vector<uint8_t>& file, const std::string& path) {
  if (starts_with(file, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'})) {
    return decode_png(file, path);
  }
  if (starts_with(file, {0xFF, 0xD8, 0xFF})) return decode_jpeg(file, path);
  if (file.size() >= 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7') {
    return decode_pnm(file, path);
  }
  fail_image(path, "is not a PNG, JPEG, PGM or PPM file");
}

Image read_image(const std::string& path) { return decode_image(read_bytes(path), path); }

}  // namespace systole::data
