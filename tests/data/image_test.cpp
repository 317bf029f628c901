// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// Decoders and transforms against Pillow's bytes (images/expected.json, by make_images.py).
#include "sw/data/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "sw/data/image_transform.h"
#include "sw/data/layout.h"
#include "sw/data/npy.h"

namespace systole::data {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Bytes = std::vector<uint8_t>;

const std::string kFolder = SYSTOLE_SOURCE_DIR "/tests/data/images/";

nlohmann::json expected() {
  std::ifstream file(kFolder + "expected.json");
  return nlohmann::json::parse(file);
}

uint64_t hash_of(const nlohmann::json& entry) {
  return std::stoull(entry.at("fnv1a64").get<std::string>(), nullptr, 16);
}

std::string error_of(const Bytes& file) {
  try {
    decode_image(file, "some.file");
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), StartsWith("some.file: "));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
  return "no error";
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Image, ReadsEveryFormatAsPillowDoes) {
  const nlohmann::json files = expected().at("files");
  EXPECT_EQ(files.size(), 14u);
  for (const auto& [name, entry] : files.items()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(is_image_file(name));
    const Image image = read_image(kFolder + name);
    EXPECT_EQ(image.width, entry.at("width").get<int>());
    EXPECT_EQ(image.height, entry.at("height").get<int>());
    EXPECT_EQ(image.channels, entry.at("channels").get<int>());
    EXPECT_EQ(fnv1a64(image.pixels), hash_of(entry));
  }
}

TEST(Image, ResizesAsPillowDoes) {
  const nlohmann::json document = expected();
  const Image rgb = read_image(kFolder + document.at("resized_from").get<std::string>());
  EXPECT_EQ(document.at("resized").size(), 44u);
  for (const nlohmann::json& entry : document.at("resized")) {
    SCOPED_TRACE(entry.dump());
    const Image image = to_channels(rgb, entry.at("channels").get<int>());
    const int width = entry.at("width").get<int>(), height = entry.at("height").get<int>();
    const Image resized = entry.at("filter") == "nearest" ? resize_nearest(image, width, height)
                                                          : resize_bilinear(image, width, height);
    EXPECT_EQ(resized.width, width);
    EXPECT_EQ(resized.height, height);
    EXPECT_EQ(fnv1a64(resized.pixels), hash_of(entry));
  }
}

TEST(Image, CropsAroundTheCentre) {
  Image image{5, 2, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
  EXPECT_EQ(crop_to_shape(image, 10, 10).pixels, (Bytes{1, 2, 6, 7}));
  EXPECT_EQ(crop_to_shape(image, 5, 2).pixels, image.pixels);
  EXPECT_EQ(crop_to_shape(image, 100, 1).pixels, (Bytes{0, 1, 2, 3, 4}));  // at least one row
  const Image grey = crop_to_shape({2, 3, 3, Bytes(18, 7)}, 2, 2);
  EXPECT_EQ(grey.height, 2);
  EXPECT_EQ(grey.pixels, Bytes(12, 7));
}

TEST(Image, TurnsGreyToRgbAndBack) {
  const Image grey = to_channels({2, 1, 3, {255, 255, 255, 100, 0, 50}}, 1);
  EXPECT_EQ(grey.pixels, (Bytes{255, 36}));
  EXPECT_EQ(to_channels(grey, 3).pixels, (Bytes{255, 255, 255, 36, 36, 36}));
}

TEST(Image, ReadsNumbersAndComments) {
  const Image image = decode_image(bytes_of("P2 # grey\n# size\n3 1\n10\n0 10 # last\n 5"), "x");
  EXPECT_EQ(image.pixels, (Bytes{0, 255, 128}));  // the largest value is 10
  EXPECT_EQ(decode_image(bytes_of("P3 1 1 255 1 2 3"), "x").pixels, (Bytes{1, 2, 3}));
  EXPECT_EQ(decode_image(bytes_of("P5 1 1 255\n#"), "x").pixels, (Bytes{'#'}));
}

TEST(Image, RefusesWhatItCannotRead) {
  const auto refused = [](const std::string& name) {
    return error_of(read_bytes(kFolder + "refused/" + name));
  };
  EXPECT_THAT(refused("cmyk.jpg"), HasSubstr("CMYK"));
  EXPECT_THAT(refused("grey16.png"), HasSubstr("16 bits per sample"));
  EXPECT_THAT(refused("huge.png"), HasSubstr("too large (60000 x 60000"));
  EXPECT_THAT(error_of({}), HasSubstr("is not a PNG, JPEG, PGM or PPM file"));
  EXPECT_THAT(error_of(bytes_of("GIF89a")), HasSubstr("is not a PNG"));
  EXPECT_THAT(error_of(bytes_of("P4 8 1 x")), HasSubstr("P4 files are not supported"));
  EXPECT_THAT(error_of(bytes_of("P5 1 1 65535 xx")), HasSubstr("16 bits"));
  EXPECT_THAT(error_of(bytes_of("P5 0 1 255 ")), HasSubstr("no pixels (0 x 1)"));
  EXPECT_THAT(error_of(bytes_of("P5 16385 1 255 ")), HasSubstr("too large"));
  EXPECT_THAT(error_of(bytes_of("P6 16384 16384 255 ")), HasSubstr("64 Mi in all"));
  EXPECT_THAT(error_of(bytes_of("P5 99999999999 1 255 ")), HasSubstr("a number is too large"));
  EXPECT_THAT(error_of(bytes_of("P2 1 1 7 8")), HasSubstr("larger than the largest value"));
  EXPECT_THAT(error_of(bytes_of("P2 1 -1 7 8")), HasSubstr("a number is missing"));
}

// Whatever is missing at the end, one line says so.
TEST(Image, RefusesFilesCutShort) {
  for (const char* name : {"rgb.png", "interlaced.png", "palette.png", "rgb.jpg",
                           "progressive.jpeg", "grey.jpg", "rgb.ppm"}) {
    SCOPED_TRACE(name);
    const Bytes whole = read_bytes(kFolder + name);
    for (size_t length = 0; length < whole.size(); ++length) {
      EXPECT_NE(error_of({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length)}),
                "no error")
          << length;
    }
  }
}

// A changed byte may change pixels; it must not do anything else.
TEST(Image, SurvivesChangedBytes) {
  for (const char* name : {"palette.png", "interlaced.png", "rgb.jpg", "progressive.jpeg"}) {
    SCOPED_TRACE(name);
    const Bytes whole = read_bytes(kFolder + name);
    for (size_t at = 2; at < whole.size(); ++at) {
      Bytes changed = whole;
      changed[at] ^= 0x55;
      error_of(changed);
    }
  }
}

}  // namespace
}  // namespace systole::data
