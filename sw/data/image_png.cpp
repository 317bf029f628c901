// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// libpng leaves by longjmp(), which runs no destructors: what it may jump over is in PngReader, not
// on the stack.
#include <png.h>

#include <cstdio>
#include <cstring>

#include "sw/data/image_formats.h"

namespace systole::data {
namespace {

class PngReader {
 public:
  PngReader(const std::vector<uint8_t>& file, const std::string& path)
      : path_(path), at_(file.data()), left_(file.size()) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) fail_image(path_, "there is no memory to read it");
    png_set_read_fn(png_, this, on_read);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Image read() {
    if (!try_header()) fail_png();
    if (png_get_bit_depth(png_, info_) == 16) {
      fail_image(path_, "has 16 bits per sample; save it with 8");
    }
    const int channels = (png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR) != 0 ? 3 : 1;
    image_ = make_image(png_get_image_width(png_, info_), png_get_image_height(png_, info_),
                        channels, path_);
    const size_t row_bytes = size_t(image_.width) * size_t(channels);
    for (int y = 0; y < image_.height; ++y) rows_.push_back(&image_.pixels[size_t(y) * row_bytes]);
    if (!try_pixels(row_bytes)) fail_png();
    return std::move(image_);
  }

 private:
  [[noreturn]] void fail_png() { fail_image(path_, std::string("cannot be read: ") + message_); }

  bool try_header() {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // make_image() has its own
    png_read_info(png_, info_);
    return true;
  }

  // Eight bits per sample, no palette, no transparency.
  bool try_pixels(size_t row_bytes) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    const png_byte type = png_get_color_type(png_, info_);
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png_);
    png_set_strip_alpha(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    if (png_get_rowbytes(png_, info_) != row_bytes) png_error(png_, "unexpected kind of pixels");
    png_read_image(png_, rows_.data());
    png_read_end(png_, nullptr);
    return true;
  }

  static void on_read(png_structp png, png_bytep to, size_t bytes) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (bytes > self->left_) png_error(png, "the file is cut short");
    std::memcpy(to, self->at_, bytes);
    self->at_ += bytes;
    self->left_ -= bytes;
  }
  [[noreturn]] static void on_error(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(self->message_, sizeof(self->message_), "%s", message);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  const std::string& path_;
  const uint8_t* at_;
  size_t left_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  Image image_;
  std::vector<png_bytep> rows_;
  char message_[128] = "";
};

}  // namespace

Image decode_png(const std::vector<uint8_t>& file, const std::string& path) {
  return PngReader(file, path).read();
}

}  // namespace systole::data
