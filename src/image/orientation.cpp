// SPDX-License-Identifier: Apache-2.0
#include "image/orientation.hpp"

#include <cstring>

namespace depthcloud {
namespace {

/// The upright image's byte offset as a linear function of the stored column and row.
struct Placement {
  std::ptrdiff_t origin = 0;
  std::ptrdiff_t per_column = 0;
  std::ptrdiff_t per_row = 0;
};

Placement placement(Orientation orientation, const Image& upright) {
  const std::ptrdiff_t x = channels(upright.format());
  const std::ptrdiff_t y = upright.stride();
  const std::ptrdiff_t right = (upright.width() - 1) * x;
  const std::ptrdiff_t bottom = (upright.height() - 1) * y;
  switch (orientation) {
    case Orientation::top_left:
      return {0, x, y};
    case Orientation::top_right:
      return {right, -x, y};
    case Orientation::bottom_right:
      return {right + bottom, -x, -y};
    case Orientation::bottom_left:
      return {bottom, x, -y};
    case Orientation::left_top:
      return {0, y, x};
    case Orientation::right_top:
      return {right, y, -x};
    case Orientation::right_bottom:
      return {right + bottom, -y, -x};
    case Orientation::left_bottom:
      return {bottom, -y, x};
  }
  return {0, x, y};
}

void copy_rows(const StoredRows& rows, const Placement& place, std::size_t row_bytes,
               std::uint8_t* out) {
  for (int v = 0; v < rows.count; ++v) {
    std::memcpy(out + place.origin + (rows.first + v) * place.per_row, rows.data + v * rows.stride,
                row_bytes);
  }
}

template <std::ptrdiff_t pixel_bytes>
void mirror_rows(const StoredRows& rows, const Placement& place, std::uint8_t* out) {
  for (int v = 0; v < rows.count; ++v) {
    const std::uint8_t* from = rows.data + v * rows.stride;
    std::uint8_t* to = out + place.origin + (rows.first + v) * place.per_row;
    for (int u = 0; u < rows.width; ++u, from += pixel_bytes, to += place.per_column) {
      std::memcpy(to, from, pixel_bytes);
    }
  }
}

/// Column by column, so that each column of the strip is written as one run of an upright row.
template <std::ptrdiff_t pixel_bytes>
void transpose_rows(const StoredRows& rows, const Placement& place, std::uint8_t* out) {
  for (int u = 0; u < rows.width; ++u) {
    const std::uint8_t* from = rows.data + u * pixel_bytes;
    std::uint8_t* to = out + place.origin + u * place.per_column + rows.first * place.per_row;
    for (int v = 0; v < rows.count; ++v, from += rows.stride, to += place.per_row) {
      std::memcpy(to, from, pixel_bytes);
    }
  }
}

template <std::ptrdiff_t pixel_bytes>
void put(const StoredRows& rows, Orientation orientation, Image& upright) {
  const Placement place = placement(orientation, upright);
  if (swaps_axes(orientation)) {
    transpose_rows<pixel_bytes>(rows, place, upright.data());
  } else if (place.per_column < 0) {
    mirror_rows<pixel_bytes>(rows, place, upright.data());
  } else {
    copy_rows(rows, place, static_cast<std::size_t>(rows.width) * pixel_bytes, upright.data());
  }
}

}  // namespace

void put_upright(const StoredRows& rows, Orientation orientation, Image& upright) {
  switch (channels(upright.format())) {
    case 1:
      return put<1>(rows, orientation, upright);
    case 3:
      return put<3>(rows, orientation, upright);
    default:
      return put<4>(rows, orientation, upright);
  }
}

}  // namespace depthcloud
