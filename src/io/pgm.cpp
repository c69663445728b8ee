// SPDX-License-Identifier: Apache-2.0
#include "io/pgm.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "io/depth_samples.hpp"
#include "io/netpbm_header.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void corrupt(const std::string& message) {
  throw Error(ErrorCode::corrupt_data, Stage::file, "PGM: " + message);
}

void check_value(std::uint64_t value, std::uint64_t most) {
  if (value > most) corrupt(fmt::format("a value of {} above the largest, {}", value, most));
}

/// Big-endian, as a binary file has them.
void check_samples(std::span<const std::uint8_t> samples, std::uint64_t most,
                   std::size_t bytes_each) {
  for (std::size_t i = 0; i < samples.size(); i += bytes_each) {
    check_value(bytes_each == 2 ? samples[i] << 8 | samples[i + 1] : samples[i], most);
  }
}

/// The numbers of a text, as they stand in a binary file.
std::vector<std::uint8_t> samples_of_text(NetpbmHeader& text, std::size_t pixels,
                                          std::uint64_t most, std::size_t bytes_each) {
  std::vector<std::uint8_t> samples;
  const std::size_t most_numbers = text.data().size() / 2 + 1;  // each with a space, but the last
  samples.reserve(std::min(pixels, most_numbers) * bytes_each);
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint64_t value = text.number();
    check_value(value, most);
    if (bytes_each == 2) samples.push_back(static_cast<std::uint8_t>(value >> 8));
    samples.push_back(static_cast<std::uint8_t>(value));
  }
  if (!text.at_end()) corrupt("more values than pixels");
  return samples;
}

}  // namespace

bool is_pgm(std::span<const std::uint8_t> bytes) noexcept {
  return has_netpbm_mark(bytes, "P5") || has_netpbm_mark(bytes, "P2");
}

Plane read_pgm(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  NetpbmHeader header(bytes, "PGM");
  const std::uint64_t width = header.number();
  const std::uint64_t height = header.number();
  const std::uint64_t most = header.number();
  if (most == 0 || most > 65535) corrupt(fmt::format("a largest value of {}", most));
  const SampleType type{'u', most > 255 ? std::size_t{2} : std::size_t{1}};
  const std::size_t pixels = checked_pixels(width, height, options);
  unit_of(type, options);
  Plane plane{static_cast<int>(width), static_cast<int>(height), {}};
  const SampleLayout layout = row_by_row(plane.width, /*swap=*/true);
  if (has_netpbm_mark(bytes, "P2")) {
    convert_samples(samples_of_text(header, pixels, most, type.bytes), type, layout, options,
                    plane);
    return plane;
  }
  const auto data = header.data();
  if (data.size() != pixels * type.bytes) {
    corrupt(fmt::format("{} bytes of data where {} x {} take {}", data.size(), width, height,
                        pixels * type.bytes));
  }
  check_samples(data, most, type.bytes);
  convert_samples(data, type, layout, options, plane);
  return plane;
}

}  // namespace depthcloud
