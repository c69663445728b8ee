// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/yuv_image.hpp>

#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/address_space.hpp"
#include "image/decode_common.hpp"
#include "image/yuv_rows.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::decode, message);
}

void check_plane(const char* name, const std::uint8_t* plane, std::ptrdiff_t stride,
                 std::ptrdiff_t row_bytes, int rows) {
  if (plane == nullptr) fail(fmt::format("{} is missing", name));
  if (stride < row_bytes) {
    fail(
        fmt::format("the stride {} of {} is less than a row of {} bytes", stride, name, row_bytes));
  }
  if (!fits_memory(rows, stride)) {
    fail(fmt::format("{} rows of stride {} fit no memory", rows, stride));
  }
}

}  // namespace

void validate(const YuvView& image) {
  if (image.width <= 0 || image.height <= 0) {
    fail(fmt::format("image size {} x {} is not positive", image.width, image.height));
  }
  if (image.matrix != YuvMatrix::bt601 && image.matrix != YuvMatrix::bt709) {
    fail(fmt::format("YUV matrix {} does not exist", static_cast<int>(image.matrix)));
  }
  if (image.range != YuvRange::limited && image.range != YuvRange::full) {
    fail(fmt::format("YUV range {} does not exist", static_cast<int>(image.range)));
  }
  const std::ptrdiff_t pairs = (std::ptrdiff_t{image.width} + 1) / 2;
  const auto [first, second] = image.planes;
  const auto [stride, chroma_stride] = image.strides;
  switch (image.format) {
    case YuvFormat::yuyv:
      return check_plane("the plane of a yuyv image", first, stride, 4 * pairs, image.height);
    case YuvFormat::nv12:
      check_plane("the Y plane of an nv12 image", first, stride, image.width, image.height);
      return check_plane("the UV plane of an nv12 image", second, chroma_stride, 2 * pairs,
                         image.height / 2 + image.height % 2);
  }
  fail(fmt::format("YUV format {} does not exist", static_cast<int>(image.format)));
}

void to_rgb(const YuvView& image, Image& out) {
  validate(image);
  translate_bad_alloc([&] { out.reshape(image.width, image.height); });
  out.set_photo(image.photo);
  const YuvCoefficients coefficients = yuv_coefficients(image.matrix, image.range);
  const auto width = static_cast<std::size_t>(image.width);
  for (int v = 0; v < image.height; ++v) {
    const std::uint8_t* const row = image.planes[0] + v * image.strides[0];
    if (image.format == YuvFormat::yuyv) {
      yuyv_row(row, width, coefficients, out.row(v));
    } else {
      nv12_row(row, image.planes[1] + v / 2 * image.strides[1], width, coefficients, out.row(v));
    }
  }
}

Image to_rgb(const YuvView& image) {
  Image rgb;
  to_rgb(image, rgb);
  return rgb;
}

}  // namespace depthcloud
