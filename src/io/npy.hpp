// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

#include "io/depth_samples.hpp"

namespace depthcloud {

/// The header of a 2-D array takes about a hundred bytes; NumPy reads at most this many, too.
inline constexpr std::size_t max_npy_header_bytes = 10'000;
/// Of a file: what the array's data stand behind at most.
inline constexpr std::size_t max_npy_data_at = 12 + max_npy_header_bytes;

/// What the first bytes of a `.npy` file say.
struct NpyHeader {
  int width = 0;
  int height = 0;
  SampleType type{};
  SampleLayout layout{};
  std::size_t data_at = 0;    ///< bytes before the data
  std::size_t data_size = 0;  ///< bytes of the data
};

/// Format versions 1.0, 2.0 and 3.0
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The first
/// max_npy_data_at bytes are enough. Checks the limits; allocates nothing for the data.
NpyHeader read_npy_header(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

/// read_depth for `.npy`.
Plane read_npy(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
