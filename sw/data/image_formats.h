// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// One decoder for each format of sw/data/image.h; contracts as there. Requires: the file begins
// like one of its format.
#pragma once

#include "sw/data/image.h"

namespace systole::data {

Image decode_png(const std::vector<uint8_t>& file, const std::string& path);
Image decode_jpeg(const std::vector<uint8_t>& file, const std::string& path);
Image decode_pnm(const std::vector<uint8_t>& file, const std::string& path);

[[noreturn]] void fail_image(const std::string& path, const std::string& what);

// An image of this size with room for its pixels. Throws DataError beyond the limits.
Image make_image(int64_t width, int64_t height, int channels, const std::string& path);

}  // namespace systole::data
