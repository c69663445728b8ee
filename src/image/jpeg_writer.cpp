// SPDX-License-Identifier: Apache-2.0
#include "image/jpeg_writer.hpp"

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>

#include <jerror.h>
#include <jpeglib.h>

#include <depthcloud/error.hpp>

#include "image/jpeg_color_space.hpp"

namespace depthcloud {
namespace {

/// libjpeg's compressor into memory that it allocates; an error in it comes back by longjmp, past
/// nothing that has a destructor.
class JpegWriter {
 public:
  JpegWriter() {
    info_.err = jpeg_std_error(&errors_);
    errors_.error_exit = [](j_common_ptr info) {
      auto& errors = static_cast<Errors&>(*info->err);
      errors.format_message(info, errors.message);
      std::longjmp(errors.escape, 1);
    };
    errors_.emit_message = [](j_common_ptr, int) {};
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(data_);
  }

  void write(const ImageView& image, int quality) {
    if (setjmp(errors_.escape) != 0) fail();
    jpeg_create_compress(&info_);
    jpeg_mem_dest(&info_, &data_, &size_);
    info_.image_width = static_cast<JDIMENSION>(image.width);
    info_.image_height = static_cast<JDIMENSION>(image.height);
    info_.input_components = channels(image.format);
    info_.in_color_space = jpeg_color_space(image.format);
    jpeg_set_defaults(&info_);
    jpeg_set_quality(&info_, quality, TRUE);
    jpeg_start_compress(&info_, TRUE);
    while (info_.next_scanline < info_.image_height) {
      auto* row = const_cast<JSAMPROW>(image.row(static_cast<int>(info_.next_scanline)));
      jpeg_write_scanlines(&info_, &row, 1);
    }
    jpeg_finish_compress(&info_);
  }

  std::vector<std::uint8_t> bytes() const { return {data_, data_ + size_}; }

 private:
  struct Errors : jpeg_error_mgr {
    std::jmp_buf escape;
    char message[JMSG_LENGTH_MAX] = {};
  };

  [[noreturn]] void fail() const {
    const bool memory = errors_.msg_code == JERR_OUT_OF_MEMORY;
    throw Error(memory ? ErrorCode::out_of_memory : ErrorCode::limit_exceeded, Stage::pack,
                std::string("cannot write colours as a JPEG: ") + errors_.message);
  }

  Errors errors_;
  jpeg_compress_struct info_{};
  unsigned char* data_ = nullptr;
  unsigned long size_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode_jpeg(const ImageView& image, int quality) {
  JpegWriter writer;
  writer.write(image, quality);
  return writer.bytes();
}

}  // namespace depthcloud
