// SPDX-License-Identifier: Apache-2.0
#include "io/pfm.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/depth_samples.hpp"
#include "io/netpbm_header.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "PFM is written as values lie in memory");

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "PFM: " + message);
}

/// A negative scale says little-endian. What else it says is no factor of the values: Middlebury's
/// disparities, for instance, stand as they are beside a scale of 1/255.
bool is_big_endian(std::string_view text) {
  double scale = 0;
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (text.starts_with('+')) ++begin;
  const auto [last, failure] = std::from_chars(begin, end, scale);
  if (failure != std::errc{} || last != end || !std::isfinite(scale) || scale == 0) {
    fail(ErrorCode::corrupt_data, fmt::format("{} in the place of the scale", quote(text)));
  }
  return scale > 0;
}

}  // namespace

Plane read_pfm(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  if (has_netpbm_mark(bytes, "PF")) {
    fail(ErrorCode::unsupported, "a picture of three channels: depth has one");
  }
  NetpbmHeader header(bytes, "PFM");
  const std::uint64_t width = header.number();
  const std::uint64_t height = header.number();
  const bool swap = is_big_endian(header.word());
  const std::size_t size = checked_pixels(width, height, options) * sizeof(float);
  std::span<const std::uint8_t> data = header.data();
  if (data.size() == size + 1 && data.front() == '\n') data = data.subspan(1);  // behind a '\r'
  if (data.size() != size) {
    fail(ErrorCode::corrupt_data,
         fmt::format("{} bytes of data where {} x {} take {}", data.size(), width, height, size));
  }
  Plane plane{static_cast<int>(width), static_cast<int>(height), {}};
  const auto row = static_cast<std::ptrdiff_t>(width);
  const SampleLayout from_below{row * (plane.height - 1), -row, 1, swap};
  convert_samples(data, {'f', 4}, from_below, options, plane);
  return plane;
}

std::vector<std::uint8_t> encode_pfm(std::span<const float> values, int width, int height) try {
  check_plane(values, width, height);
  const std::string header = fmt::format("Pf\n{} {}\n-1.0\n", width, height);
  const std::size_t row_bytes = static_cast<std::size_t>(width) * sizeof(float);
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  std::vector<std::uint8_t> bytes;
  bytes.reserve(header.size() + values.size_bytes());
  bytes.assign(header.begin(), header.end());
  for (auto v = static_cast<std::size_t>(height); v-- > 0;) {
    bytes.insert(bytes.end(), data + v * row_bytes, data + (v + 1) * row_bytes);
  }
  return bytes;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for {} x {} pixels", width, height));
}

}  // namespace depthcloud
