// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/depth_file.hpp>

#include "io/depth_samples.hpp"

namespace depthcloud {

/// One channel of an OpenEXR picture.
struct ExrChannel {
  std::string name;
  SampleType type{};
  bool subsampled = false;
};

/// How the parts of a picture are stored; `other` stands for all that OpenEXR checks itself.
enum class ExrCompression { none, runs, zip_line, zip, other };

/// What the header of an OpenEXR file says, read before OpenEXR sees the file: by its format
/// (https://openexr.com/en/latest/OpenEXRFileLayout.html) the sizes in it may be anything, and
/// OpenEXR takes memory for them.
struct ExrHeader {
  /// A rectangle of pixels; the first ones may be negative.
  struct Window {
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;

    bool operator==(const Window&) const = default;
  };

  struct Tile {
    std::uint64_t width = 0;
    std::uint64_t height = 0;
  };

  Window data{};     ///< of the pixels that the file holds
  Window display{};  ///< of the picture, whose middle the camera looks at
  std::vector<ExrChannel> channels;
  ExrCompression compression = ExrCompression::none;
  std::optional<Tile> tile{};  ///< of a picture that is stored in tiles
  /// The bytes of the header, for OpenEXR, which believes the sizes within an attribute of a type
  /// that it knows: the type of each that does not concern depth is one that it does not know.
  std::vector<std::uint8_t> bytes;
};

/// Errors (stage file): corrupt_data, unsupported (deep pictures, several parts), limit_exceeded:
/// for pixels, and where the picture's chunks do not fit in the file or in memory.
ExrHeader read_exr_header(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

/// The channel that holds depth, see DepthFileOptions::array. Errors: invalid_argument.
const ExrChannel& depth_channel(const ExrHeader& header, const DepthFileOptions& options);

}  // namespace depthcloud
