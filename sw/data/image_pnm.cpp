// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// PGM and PPM: "P5 WIDTH HEIGHT MAXVAL", one white space, bytes; in P2 and P3 decimal numbers.
#include <cctype>

#include "sw/data/image_formats.h"

namespace systole::data {
namespace {

class PnmReader {
 public:
  PnmReader(const std::vector<uint8_t>& file, const std::string& path) : file_(file), path_(path) {}

  Image read() {
    const char kind = static_cast<char>(file_[1]);
    if (kind != '2' && kind != '3' && kind != '5' && kind != '6') {
      fail_image(path_, std::string("P") + kind + " files are not supported; save it as PGM (P5) " +
                            "or PPM (P6)");
    }
    at_ = 2;
    const int64_t width = number(), height = number();
    max_value_ = number();
    if (max_value_ > 255) fail_image(path_, "has 16 bits per sample; save it with 8");
    if (max_value_ < 1) fail_image(path_, "its largest value is 0");
    Image image = make_image(width, height, kind == '3' || kind == '6' ? 3 : 1, path_);
    if (kind == '5' || kind == '6') {
      binary(image);
    } else {
      for (uint8_t& pixel : image.pixels) pixel = scaled(number());
    }
    return image;
  }

 private:
  [[noreturn]] void fail_short() { fail_image(path_, "cannot be read: the file is cut short"); }

  // The next decimal number, behind white space and comments.
  int64_t number() {
    while (at_ < file_.size() && (std::isspace(file_[at_]) != 0 || file_[at_] == '#')) {
      if (file_[at_] == '#') {
        while (at_ < file_.size() && file_[at_] != '\n') ++at_;
      } else {
        ++at_;
      }
    }
    if (at_ == file_.size()) fail_short();
    if (std::isdigit(file_[at_]) == 0) fail_image(path_, "cannot be read: a number is missing");
    int64_t value = 0;
    for (; at_ < file_.size() && std::isdigit(file_[at_]) != 0; ++at_) {
      value = value * 10 + (file_[at_] - '0');
      if (value > INT32_MAX) fail_image(path_, "cannot be read: a number is too large");
    }
    return value;
  }

  void binary(Image& image) {
    if (at_ == file_.size() || file_.size() - ++at_ < image.pixels.size()) fail_short();
    for (uint8_t& pixel : image.pixels) pixel = scaled(file_[at_++]);
  }

  // 0 .. largest value to 0 .. 255.
  uint8_t scaled(int64_t value) {
    if (value > max_value_) {
      fail_image(path_, "cannot be read: a sample is larger than the largest value");
    }
    return static_cast<uint8_t>((value * 255 + max_value_ / 2) / max_value_);
  }

  const std::vector<uint8_t>& file_;
  const std::string& path_;
  size_t at_ = 0;
  int64_t max_value_ = 255;
};

}  // namespace

Image decode_pnm(const std::vector<uint8_t>& file, const std::string& path) {
  return PnmReader(file, path).read();
}

}  // namespace systole::data
