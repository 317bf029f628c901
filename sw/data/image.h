// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Pictures from PNG, JPEG, PGM and PPM files, as grey or RGB bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace systole::data {

struct Image {
  int width = 0, height = 0;
  int channels = 1;             // 1: grey, 3: RGB
  std::vector<uint8_t> pixels;  // height rows of width pixels of `channels` bytes
};

// Largest side, and most pixels, of a picture that is read.
inline constexpr int64_t kMaxImageSide = 16384;
inline constexpr int64_t kMaxImagePixels = int64_t{1} << 26;

// By the extension: .png, .jpg, .jpeg, .pgm, .ppm, .pnm, in any case.
bool is_image_file(const std::string& path);

// The format is recognised by the content. Palettes are resolved, transparency is dropped; gamma,
// colour profiles and EXIF orientation are not applied. Throws DataError, one line that starts with
// `path`: not one of the formats, cut short, corrupt, 16 bits per sample, CMYK, too large.
Image read_image(const std::string& path);
Image decode_image(const std::vector<uint8_t>& file, const std::string& path);

}  // namespace systole::data
