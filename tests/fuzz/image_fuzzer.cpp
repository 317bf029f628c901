// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// libFuzzer entry: any bytes as a picture, fed to an input. Anything but codes or DataError is a
// finding.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sw/data/image_transform.h"
#include "sw/data/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace systole::data;
  try {
    const Image image = decode_image(std::vector<uint8_t>(data, data + size), "fuzz.png");
    if (image.pixels.size() > 1 << 16) return 0;  // the decoders are what is looked at
    resize_bilinear(crop_to_shape(to_channels(image, 3), 5, 4), 7, 9);
    resize_nearest(to_channels(image, 1), 3, 20);
  } catch (const DataError&) {
  }
  return 0;
}
