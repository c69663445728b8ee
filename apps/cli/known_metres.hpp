// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/depth_scale.hpp>

namespace cli {

struct PhotoDepth;

/// Where depth is known in metres, and how a network's depth is fitted to it.
struct KnownMetresOptions {
  std::filesystem::path file;  ///< empty: nowhere
  /// Of a depth image; one's own file may be large, see KnownDepth.
  depthcloud::DepthFileOptions image{.max_pixels = 250'000'000};
  depthcloud::ScaleFitOptions fit;
};

/// The known depths of a file: text with x, y and metres on each line, in pixels of the upright
/// photo from the centre of the upper left one, or a depth image of it that need not have depth
/// everywhere.
class KnownMetres {
 public:
  /// Reads the file. Throws FileError.
  explicit KnownMetres(const KnownMetresOptions& options);

  /// Nothing where no file is given. Throws as the constructor.
  static std::optional<KnownMetres> load(const KnownMetresOptions& options);

  /// Brings the depth of a photo to metres, and keeps the fit in `photo.fit`. Throws FileError
  /// where none is found.
  void apply(PhotoDepth& photo) const;
  /// The same of the views of a scene, in whose first one the metres are known: one scale for all.
  void apply(std::span<PhotoDepth> scene) const;

 private:
  depthcloud::ScaleFit fit(const PhotoDepth& photo) const;

  KnownMetresOptions options_;
  std::vector<depthcloud::KnownDepth> points_;  ///< in pixels of the photo
  std::optional<depthcloud::Plane> image_;
};

}  // namespace cli
