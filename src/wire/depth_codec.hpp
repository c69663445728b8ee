// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <depthcloud/depth_grid.hpp>

#include "wire/log_depth.hpp"

namespace depthcloud {

/// A depth grid as the encoding `depth` writes it: levels of a logarithmic scale, each the
/// difference from what its left, upper and upper left neighbours predict (left + upper - upper
/// left), in two bits where it is small. docs/wire-format.md has it in full.
struct CodedGrid {
  LogScale scale;
  std::size_t num_points = 0;
  std::vector<std::uint8_t> mask;     ///< zstd; empty: every pixel has a point
  std::vector<std::uint8_t> codes;    ///< zstd
  std::vector<std::uint8_t> escapes;  ///< zstd
};

/// Errors (stage pack): limit_exceeded (depths too far apart for the levels at this relative
/// error), out_of_memory. Thread-safety: share freely.
CodedGrid encode_grid(const DepthGrid& grid, double relative_error);

/// The same, read from a message.
struct CodedGridView {
  LogScale scale;
  std::size_t num_points = 0;
  std::span<const std::uint8_t> mask;  ///< looked at only with `has_mask`
  bool has_mask = false;
  std::span<const std::uint8_t> codes;
  std::span<const std::uint8_t> escapes;
};

/// Fills depth and num_points of a grid whose sizes are set and bounded by the caller. Errors
/// (stage pack): corrupt_data, out_of_memory. Thread-safety: share freely.
void decode_grid(const CodedGridView& coded, DepthGrid& grid);

}  // namespace depthcloud
