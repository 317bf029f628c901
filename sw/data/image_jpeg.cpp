// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// libjpeg leaves by longjmp(), which runs no destructors: what it may jump over is in JpegReader,
// not on the stack.
#include <csetjmp>
#include <cstdio>
// jpeglib.h needs cstdio.
#include <jerror.h>
#include <jpeglib.h>

#include "sw/data/image_formats.h"

namespace systole::data {
namespace {

// A picture of more scans is made to take time.
constexpr int kMaxScans = 500;

class JpegReader {
 public:
  JpegReader(const std::vector<uint8_t>& file, const std::string& path) : file_(file), path_(path) {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    jpeg_.client_data = this;
    progress_.progress_monitor = on_progress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  Image read() {
    if (!try_header()) fail_jpeg();
    const J_COLOR_SPACE space = jpeg_.jpeg_color_space;
    if (space == JCS_CMYK || space == JCS_YCCK) {
      fail_image(path_, "is a CMYK picture; save it as RGB");
    }
    const int channels = space == JCS_GRAYSCALE ? 1 : 3;
    jpeg_.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    image_ = make_image(jpeg_.image_width, jpeg_.image_height, channels, path_);
    if (!try_pixels()) fail_jpeg();
    return std::move(image_);
  }

 private:
  [[noreturn]] void fail_jpeg() { fail_image(path_, std::string("cannot be read: ") + message_); }

  bool try_header() {
    if (setjmp(back_) != 0) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, file_.data(), file_.size());
    jpeg_read_header(&jpeg_, TRUE);
    return true;
  }

  bool try_pixels() {
    if (setjmp(back_) != 0) return false;
    jpeg_start_decompress(&jpeg_);
    const size_t row_bytes = size_t(image_.width) * size_t(image_.channels);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = &image_.pixels[jpeg_.output_scanline * row_bytes];
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_decompress(&jpeg_);
    return true;
  }

  static JpegReader* reader_of(j_common_ptr jpeg) {
    return static_cast<JpegReader*>(jpeg->client_data);
  }
  [[noreturn]] static void on_error(j_common_ptr jpeg) {
    JpegReader* self = reader_of(jpeg);
    char text[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, text);
    std::snprintf(self->message_, sizeof(self->message_), "%s", text);
    std::longjmp(self->back_, 1);
  }
  // Where data are missing or wrong the library would paint grey.
  static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    const int code = jpeg->err->msg_code;
    if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE) {
      on_error(jpeg);
    }
  }
  static void on_progress(j_common_ptr jpeg) {
    const auto* decompress = reinterpret_cast<j_decompress_ptr>(jpeg);
    if (decompress->input_scan_number <= kMaxScans) return;
    JpegReader* self = reader_of(jpeg);
    std::snprintf(self->message_, sizeof(self->message_), "more than %d scans", kMaxScans);
    std::longjmp(self->back_, 1);
  }

  const std::vector<uint8_t>& file_;
  const std::string& path_;
  jpeg_decompress_struct jpeg_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  Image image_;
  char message_[JMSG_LENGTH_MAX] = "";
  std::jmp_buf back_;
};

}  // namespace

Image decode_jpeg(const std::vector<uint8_t>& file, const std::string& path) {
  return JpegReader(file, path).read();
}

}  // namespace systole::data
