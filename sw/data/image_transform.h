// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Pictures to the size and the channels of a network's input. Every function gives the bytes that
// Pillow 10 gives (convert("L"), convert("RGB"), crop, resize with NEAREST or BILINEAR).
#pragma once

#include "sw/data/image.h"

namespace systole::data {

// Grey: (19595 R + 38470 G + 7471 B + 32768) / 65536. RGB: the grey byte three times.
// Requires: channels is 1 or 3.
Image to_channels(const Image& image, int channels);

// The largest part around the centre that has the shape of width : height.
// Requires: both are at least 1.
Image crop_to_shape(const Image& image, int width, int height);

// The pixel of the image at the centre of each new pixel. Requires: both are at least 1.
Image resize_nearest(const Image& image, int width, int height);

// A triangle filter as wide as a new pixel (so it averages when it makes pictures smaller), first
// along rows, then along columns, rounded to bytes after each. Requires: both are at least 1.
Image resize_bilinear(const Image& image, int width, int height);

}  // namespace systole::data
