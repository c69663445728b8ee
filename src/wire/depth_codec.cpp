// SPDX-License-Identifier: Apache-2.0
#include "wire/depth_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

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

std::size_t columns_of(const DepthGrid& grid) { return static_cast<std::size_t>(grid.columns()); }

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
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const unsigned bit = levels[i] != no_level;
    mask[i / 8] = static_cast<std::uint8_t>(mask[i / 8] | bit << (7 - i % 8));
  }
  return mask;
}

/// Gives pixels without depth the level of their left neighbour, of the upper one in the first
/// column: any will do, these are cheap to send.
void fill_holes(std::size_t columns, Levels& levels) {
  std::uint16_t row_start = 0;
  for (std::size_t first = 0; first < levels.size(); first += columns) {
    std::uint16_t last = row_start;
    for (std::size_t i = first; i < first + columns; ++i) {
      if (levels[i] == no_level) levels[i] = last;
      last = levels[i];
    }
    row_start = levels[first];
  }
}

/// What is left of each level, in zigzag form, when left + upper - upper left is taken away; beyond
/// the border every level is 0. Behind the last stand zeros up to a multiple of four.
Buffer<std::uint16_t> residuals(std::size_t columns, const Levels& levels) {
  Buffer<std::uint16_t> result((levels.size() + 3) / 4 * 4);
  std::fill(result.begin() + levels.size(), result.end(), std::uint16_t{0});
  const Levels no_row = [&] {
    Levels zeros(columns);
    std::fill(zeros.begin(), zeros.end(), std::uint16_t{0});
    return zeros;
  }();
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

/// Residuals as codes of two bits, the first of four in the lowest, and what does not fit in them.
struct Symbols {
  Bytes codes;
  Bytes escapes;
};

Symbols symbols_of(const Buffer<std::uint16_t>& residuals) {
  Symbols symbols;
  symbols.codes.reserve(residuals.size() / 4);
  symbols.escapes.resize(residuals.size());
  std::uint8_t* escape = symbols.escapes.data();
  Bytes wide;
  for (std::size_t i = 0; i < residuals.size(); i += 4) {
    unsigned code = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const unsigned value = residuals[i + k];
      code |= std::min(value, escape_code) << (2 * k);
      if (value < escape_code) continue;
      const unsigned rest = std::min(value - escape_code, unsigned{wide_escape});
      *escape++ = static_cast<std::uint8_t>(rest);
      if (rest < wide_escape) continue;
      wide.push_back(static_cast<std::uint8_t>(value));
      wide.push_back(static_cast<std::uint8_t>(value >> 8));
    }
    symbols.codes.push_back(static_cast<std::uint8_t>(code));
  }
  symbols.escapes.resize(static_cast<std::size_t>(escape - symbols.escapes.data()));
  symbols.escapes.insert(symbols.escapes.end(), wide.begin(), wide.end());
  return symbols;
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

std::size_t count_escapes(const Buffer<std::uint8_t>& codes) {
  std::size_t count = 0;
  for (const unsigned code : codes) {
    count += static_cast<std::size_t>(std::popcount(code & code >> 1 & 0x55u));
  }
  return count;
}

/// Hands out the residuals that did not fit in two bits, one after another.
class EscapeReader {
 public:
  EscapeReader(const Buffer<std::uint8_t>& bytes, std::size_t count)
      : next_(bytes.data()), wide_(bytes.data() + count) {
    const auto wide = std::count(bytes.data(), wide_, wide_escape);
    if (bytes.size() != count + 2 * static_cast<std::size_t>(wide)) {
      corrupt(fmt::format("'escapes' holds {} bytes for {} escapes, {} of them wide", bytes.size(),
                          count, wide));
    }
  }

  std::uint16_t next() {
    const unsigned rest = *next_++;
    if (rest < wide_escape) return static_cast<std::uint16_t>(rest + escape_code);
    const unsigned low = *wide_++;
    const unsigned high = *wide_++;
    return static_cast<std::uint16_t>(low | high << 8);
  }

 private:
  const std::uint8_t* next_;
  const std::uint8_t* wide_;
};

/// The inverse of residuals(): a level is that above it plus the sum of the row's residuals so far.
Levels levels_of(const DepthGrid& grid, const Buffer<std::uint8_t>& codes, EscapeReader escapes) {
  const std::size_t columns = columns_of(grid);
  Levels levels(grid.size());
  std::size_t i = 0;
  for (int row = 0; row < grid.rows(); ++row) {
    std::uint16_t sum = 0;
    for (const std::size_t end = i + columns; i < end; ++i) {
      unsigned value = codes[i / 4] >> (2 * (i % 4)) & 3u;
      if (value == escape_code) value = escapes.next();
      sum = static_cast<std::uint16_t>(sum + unzigzag(static_cast<std::uint16_t>(value)));
      const unsigned above = row > 0 ? levels[i - columns] : 0;
      levels[i] = static_cast<std::uint16_t>(above + sum);
    }
  }
  return levels;
}

std::size_t apply_mask(const Buffer<std::uint8_t>& mask, Levels& levels) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const bool point = (mask[i / 8] >> (7 - i % 8) & 1) != 0;
    count += static_cast<std::size_t>(point);
    if (!point) levels[i] = no_level;
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

void check(const LogScale& scale) {
  if (!(static_cast<float>(scale.near) > 0 && std::isfinite(scale.near) && scale.step > 0 &&
        std::isfinite(scale.step))) {
    corrupt(fmt::format("depth from {} in steps of {}", scale.near, scale.step));
  }
}

void to_depth(const Levels& levels, const LogScale& scale, Buffer<float>& depth) {
  check(scale);
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
  const DepthBounds bounds = depth_bounds(grid.depth.span());
  CodedGrid coded;
  coded.num_points = bounds.count;
  coded.scale = log_scale(bounds, relative_error);
  Levels levels(grid.size());
  to_levels(grid.depth.span(), coded.scale, levels.data());
  if (bounds.count < grid.size()) {
    coded.mask = zstd_compress(mask_of(levels));
    fill_holes(columns_of(grid), levels);
  }
  const Symbols symbols = symbols_of(residuals(columns_of(grid), levels));
  coded.codes = zstd_compress(symbols.codes);
  coded.escapes = zstd_compress(symbols.escapes);
  return coded;
}

void decode_grid(const CodedGridView& coded, DepthGrid& grid) {
  const std::size_t size = grid.size();
  const auto codes = decompress("codes", coded.codes, (size + 3) / 4, (size + 3) / 4);
  const std::size_t count = count_escapes(codes);
  const auto escapes = decompress("escapes", coded.escapes, count, 3 * count);
  Levels levels = levels_of(grid, codes, EscapeReader(escapes, count));

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
