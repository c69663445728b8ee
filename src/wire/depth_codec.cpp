// SPDX-License-Identifier: Apache-2.0
#include "wire/depth_codec.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "wire/large_values.hpp"
#include "wire/zstd.hpp"

namespace depthcloud {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Levels = Buffer<std::uint16_t>;

constexpr unsigned escape_code = 3;        // a residual of at least this follows in the escapes
constexpr std::uint8_t wide_escape = 255;  // and of at least 3 + 255 in two bytes

// Room for the float32 arithmetic of both sides, in log2.
constexpr double rounding = 5e-6;

/// 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..., modulo 2^16.
constexpr std::uint16_t zigzag(std::uint16_t residual) {
  return static_cast<std::uint16_t>((residual << 1) ^ -(residual >> 15));
}
constexpr std::uint16_t unzigzag(std::uint16_t value) {
  return static_cast<std::uint16_t>((value >> 1) ^ -(value & 1));
}

LogScale log_scale(const DepthBounds& bounds, double relative_error) {
  if (bounds.count == 0) return {};
  const LogScale scale{bounds.nearest, 2 * (std::log2(1 + relative_error) - rounding)};
  const double octaves = std::log2(bounds.farthest) - std::log2(bounds.nearest);
  if (octaves > 100 || octaves / scale.step > no_level - 2) {
    throw Error(
        ErrorCode::limit_exceeded, Stage::pack,
        fmt::format("depths from {} to {} lie too far apart for 65,535 levels at a relative "
                    "error of {}",
                    bounds.nearest, bounds.farthest, relative_error));
  }
  return scale;
}

/// One bit a pixel in raster order, the first in the highest bit of the first byte: 1 for a point.
Bytes mask_of(const Levels& levels) {
  Bytes mask((levels.size() + 7) / 8);
  const auto bit = [&](std::size_t i) { return static_cast<unsigned>(levels[i] != no_level); };
  const std::size_t whole = levels.size() / 8;
  for (std::size_t i = 0; i < whole; ++i) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < 8; ++k) byte = byte << 1 | bit(8 * i + k);
    mask[i] = static_cast<std::uint8_t>(byte);
  }
  for (std::size_t i = 8 * whole; i < levels.size(); ++i) {
    mask[whole] = static_cast<std::uint8_t>(mask[whole] | bit(i) << (7 - i % 8));
  }
  return mask;
}

/// Gives pixels without depth the level that left + upper - upper left predicts, kept between left
/// and upper; at the border, that of the only neighbour. Any level will do; this one costs least,
/// where it is predicted and where the depth behind a hole is as that before it.
void fill_holes(std::size_t columns, Levels& levels) {
  if (levels[0] == no_level) levels[0] = 0;
  for (std::size_t i = 1; i < columns; ++i) {
    if (levels[i] == no_level) levels[i] = levels[i - 1];
  }
  for (std::size_t first = columns; first < levels.size(); first += columns) {
    std::uint16_t* const row = levels.data() + first;
    std::uint16_t* const end = row + columns;
    if (row[0] == no_level) row[0] = *(row - columns);
    for (auto* hole = std::find(row + 1, end, no_level); hole != end;
         hole = std::find(hole + 1, end, no_level)) {
      const std::uint16_t* const above = hole - columns;
      const int left = hole[-1];
      const int upper = above[0];
      *hole = static_cast<std::uint16_t>(
          std::clamp(left + upper - above[-1], std::min(left, upper), std::max(left, upper)));
    }
  }
}

/// What is left of each level, in zigzag form, when left + upper - upper left is taken away; beyond
/// the border every level is 0. Behind the last stand zeros up to a multiple of four.
Buffer<std::uint16_t> residuals(std::size_t columns, const Levels& levels) {
  Buffer<std::uint16_t> result((levels.size() + 3) / 4 * 4);
  std::fill(result.begin() + levels.size(), result.end(), std::uint16_t{0});
  Levels no_row(columns);
  std::fill(no_row.begin(), no_row.end(), std::uint16_t{0});
  const std::uint16_t* above = no_row.data();
  for (std::size_t first = 0; first < levels.size(); first += columns) {
    const std::uint16_t* const row = levels.data() + first;
    std::uint16_t* const out = result.data() + first;
    out[0] = zigzag(static_cast<std::uint16_t>(row[0] - above[0]));
    for (std::size_t i = 1; i < columns; ++i) {
      out[i] = zigzag(static_cast<std::uint16_t>(row[i] - above[i] - row[i - 1] + above[i - 1]));
    }
    above = row;
  }
  return result;
}

/// The values in two bits each, the first of four in the lowest; 3 for those that escape.
Bytes codes_of(const Buffer<std::uint16_t>& values) {
  Bytes codes(values.size() / 4);
  const auto code = [&](std::size_t i) { return std::min<unsigned>(values[i], escape_code); };
  for (std::size_t i = 0; i < codes.size(); ++i) {
    codes[i] = static_cast<std::uint8_t>(code(4 * i) | code(4 * i + 1) << 2 | code(4 * i + 2) << 4 |
                                         code(4 * i + 3) << 6);
  }
  return codes;
}

/// One byte for each value that escapes, and two more behind all of them for those that are wide.
Bytes escapes_of(const Buffer<std::uint16_t>& values) {
  const Buffer<std::uint16_t> escaped = large_values(values.span(), escape_code);
  Bytes escapes(escaped.size());
  for (std::size_t i = 0; i < escapes.size(); ++i) {
    escapes[i] = static_cast<std::uint8_t>(
        std::min<unsigned>(escaped[i] - escape_code, unsigned{wide_escape}));
  }
  for (const std::uint16_t value : escaped) {
    if (value < escape_code + wide_escape) continue;
    escapes.push_back(static_cast<std::uint8_t>(value));
    escapes.push_back(static_cast<std::uint8_t>(value >> 8));
  }
  return escapes;
}

[[noreturn]] void corrupt(const std::string& message) {
  throw Error(ErrorCode::corrupt_data, Stage::pack, message);
}

/// A part of the message whose contents have between `least` and `most` bytes.
Buffer<std::uint8_t> decompress(const char* part, std::span<const std::uint8_t> frame,
                                std::size_t least, std::size_t most) {
  const auto size = zstd_content_size(frame);
  if (!size || *size < least || *size > most) {
    corrupt(fmt::format("'{}' is no zstd frame of {} to {} bytes", part, least, most));
  }
  Buffer<std::uint8_t> bytes;
  if (!zstd_decompress(frame, *size, bytes)) {
    corrupt(fmt::format("'{}' does not decompress", part));
  }
  return bytes;
}

/// One code a byte, up to three more than there are pixels.
Buffer<std::uint8_t> spread(const Buffer<std::uint8_t>& packed) {
  Buffer<std::uint8_t> codes(4 * packed.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    const std::uint32_t byte = packed[i];
    const std::uint32_t four = (byte | byte << 6 | byte << 12 | byte << 18) & 0x03030303u;
    std::memcpy(codes.data() + 4 * i, &four, sizeof four);
  }
  return codes;
}

/// The values that escaped, in order, and one more that is never used.
Buffer<std::uint16_t> escaped_values(std::span<const std::uint8_t> frame, std::size_t count) {
  const auto bytes = decompress("escapes", frame, count, 3 * count);
  const std::uint8_t* wide = bytes.data() + count;
  const auto wide_count = static_cast<std::size_t>(std::count(bytes.data(), wide, wide_escape));
  if (bytes.size() != count + 2 * wide_count) {
    corrupt(fmt::format("'escapes' holds {} bytes for {} escapes, {} of them wide", bytes.size(),
                        count, wide_count));
  }
  Buffer<std::uint16_t> values(count + 1);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<std::uint16_t>(bytes[i] + escape_code);
    if (bytes[i] != wide_escape) continue;
    values[i] = static_cast<std::uint16_t>(wide[0] | wide[1] << 8);
    wide += 2;
  }
  values[count] = 0;
  return values;
}

/// The inverse of residuals(): a level is that above it plus the sum of the row's residuals so far.
Levels levels_of(std::size_t columns, std::size_t size, const Buffer<std::uint8_t>& codes,
                 const Buffer<std::uint16_t>& escaped) {
  Levels levels(size);
  Levels no_row(columns);
  std::fill(no_row.begin(), no_row.end(), std::uint16_t{0});
  const std::uint16_t* above = no_row.data();
  const std::uint16_t* escape = escaped.data();
  for (std::size_t first = 0; first < size; first += columns) {
    const std::uint8_t* const code = codes.data() + first;
    std::uint16_t* const row = levels.data() + first;
    unsigned sum = 0;
    for (std::size_t i = 0; i < columns; ++i) {
      const bool is_escape = code[i] == escape_code;
      const std::uint16_t value = is_escape ? *escape : code[i];
      escape += is_escape;
      sum += unzigzag(value);
      row[i] = static_cast<std::uint16_t>(above[i] + sum);
    }
    above = row;
  }
  return levels;
}

/// Takes the level of pixels without a point away; how many have one.
std::size_t apply_mask(const Buffer<std::uint8_t>& mask, Levels& levels) {
  std::size_t count = 0;
  for (std::size_t first = 0; first < levels.size(); first += 8) {
    const unsigned byte = mask[first / 8];
    const std::size_t pixels = std::min<std::size_t>(8, levels.size() - first);
    if (byte == 0xFF) {
      count += pixels;
      continue;
    }
    for (std::size_t k = 0; k < pixels; ++k) {
      const bool point = (byte >> (7 - k) & 1) != 0;
      count += static_cast<std::size_t>(point);
      levels[first + k] = point ? levels[first + k] : no_level;
    }
  }
  return count;
}

/// near 2^(level step) for levels 0 to `last`, from two short tables of powers.
Buffer<float> depth_table(const LogScale& scale, std::uint16_t last) {
  constexpr std::size_t fine = 256;
  std::array<double, fine> power;
  for (std::size_t k = 0; k < fine; ++k) power[k] = std::exp2(static_cast<double>(k) * scale.step);
  Buffer<float> table(std::size_t{last} + 1);
  double coarse = 0;
  for (std::size_t level = 0; level < table.size(); ++level) {
    if (level % fine == 0) {
      coarse = scale.near * std::exp2(static_cast<double>(level) * scale.step);
    }
    table[level] = static_cast<float>(coarse * power[level % fine]);
  }
  return table;
}

void validate(const LogScale& scale) {
  if (!(static_cast<float>(scale.near) > 0 && std::isfinite(scale.near) && scale.step > 0 &&
        std::isfinite(scale.step))) {
    corrupt(fmt::format("depth from {} in steps of {}", scale.near, scale.step));
  }
}

void to_depth(const Levels& levels, const LogScale& scale, Buffer<float>& depth) {
  validate(scale);
  depth.resize(levels.size());
  std::uint16_t last = 0;
  for (const std::uint16_t level : levels) last = std::max(last, level == no_level ? last : level);
  const Buffer<float> table = depth_table(scale, last);
  if (!std::isfinite(table[last])) corrupt(fmt::format("level {} is no finite depth", last));
  for (std::size_t i = 0; i < levels.size(); ++i) {
    depth[i] = levels[i] == no_level ? 0.0f : table[levels[i]];
  }
}

}  // namespace

CodedGrid encode_grid(const DepthGrid& grid, double relative_error) {
  const auto columns = static_cast<std::size_t>(grid.columns());
  const DepthBounds bounds = depth_bounds(grid.depth.span());
  CodedGrid coded;
  coded.num_points = bounds.count;
  coded.scale = log_scale(bounds, relative_error);
  Levels levels(grid.size());
  to_levels(grid.depth.span(), coded.scale, levels.data());
  if (bounds.count < grid.size()) {
    coded.mask = zstd_compress(mask_of(levels));
    fill_holes(columns, levels);
  }
  const Buffer<std::uint16_t> values = residuals(columns, levels);
  coded.codes = zstd_compress(codes_of(values));
  coded.escapes = zstd_compress(escapes_of(values));
  return coded;
}

void decode_grid(const CodedGridView& coded, DepthGrid& grid) {
  const std::size_t size = grid.size();
  const auto codes = spread(decompress("codes", coded.codes, (size + 3) / 4, (size + 3) / 4));
  const auto escapes =
      static_cast<std::size_t>(std::count(codes.begin(), codes.begin() + size, escape_code));
  Levels levels = levels_of(static_cast<std::size_t>(grid.columns()), size, codes,
                            escaped_values(coded.escapes, escapes));

  std::size_t points = size;
  if (coded.has_mask) {
    points = apply_mask(decompress("mask", coded.mask, (size + 7) / 8, (size + 7) / 8), levels);
  } else if (std::ranges::count(levels, no_level) > 0) {
    corrupt(fmt::format("a level of {}", no_level));
  }
  if (points != coded.num_points) {
    corrupt(fmt::format("{} points in a grid of {}", coded.num_points, points));
  }
  to_depth(levels, coded.scale, grid.depth);
  grid.num_points = points;
}

}  // namespace depthcloud
