// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>

#include <depthcloud/depth_grid.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// Which pixels become points. Every filter is off by default.
struct CloudOptions {
  int stride =
      1;  ///< samples rows and columns 0, stride, 2 stride, ...; 1 for files, 2 for streams
  /// Keeps pixels whose confidence, in the model's own units, is at least this; 0: off.
  float min_confidence = 0;
  /// Drops this share, in percent from 0 to below 100, of the sampled pixels that have depth in
  /// range and are not flying: those of lowest confidence; equal ones stay together, so that it may
  /// drop fewer. A confidence that is not a number is dropped by this and by min_confidence. 0:
  /// off.
  float confidence_percentile = 0;
  float min_depth = 0;  ///< keeps depth >= this, in the depth map's unit; 0: off
  float max_depth = std::numeric_limits<float>::infinity();  ///< keeps depth <= this
  /// Removes flying pixels: those whose depth differs from one of their four neighbours on the full
  /// grid by more than this share of the nearer of the two (0.1: 10 %); a neighbour without depth
  /// says nothing. 0: off.
  float edge_threshold = 0;
  /// At most this many points, thinned evenly along raster order; 0: no limit.
  std::size_t max_points = 0;
  /// Keeps pixels of an rgba or bgra image whose alpha is 0. Off: they give no point, as of a photo
  /// whose background was cut out; a camera whose fourth byte means nothing needs it on.
  bool keep_transparent = false;
  /// Used in place of the depth map's own, in pixels of its grid.
  std::optional<Intrinsics> intrinsics{};
  Axes axes = Axes::opencv;
};

/// Throws Error{invalid_argument, stage cloud} that names the first option out of its range.
void validate(const CloudOptions& options);

/// Unprojects depth maps to coloured clouds: x = (u - cx) z / fx, y = (v - cy) z / fy. A pixel
/// whose depth is not finite or not positive gives no point. Points come in raster order, the same
/// on every device. A colour is that of the image pixel nearest to the depth pixel's centre when
/// the image has another size; of a DepthMap, within the region of the image that it shows. Alpha
/// above 0 is ignored and gray is repeated.
///
/// Host depth takes one fused SIMD pass, chosen at run time for the processor; depth on a device
/// (CUDA, MPS) is gathered there through linear indices, and only the points come down. The two
/// agree within 1e-5 relative; where transparent pixels are left out, depth comes down. Scratch
/// memory and ray tables are kept for the next frame. Thread-safety: one thread at a time; use one
/// builder a thread.
class CloudBuilder {
 public:
  explicit CloudBuilder(const CloudOptions& options = {});
  ~CloudBuilder();
  CloudBuilder(CloudBuilder&&) noexcept;
  CloudBuilder& operator=(CloudBuilder&&) noexcept;

  const CloudOptions& options() const noexcept;
  /// Replaces the options; scratch memory stays. On an error nothing changes.
  void set_options(const CloudOptions& options);

  /// The cloud of one frame. Errors: invalid_argument (a view that cannot be read).
  PointCloud build(const DepthMap& depth, const ImageView& image);
  PointCloud build(const DepthView& depth, const ImageView& image);

  /// The same into a cloud whose memory is reused: after the first frames nothing is allocated.
  void build(const DepthMap& depth, const ImageView& image, PointCloud& out);
  void build(const DepthView& depth, const ImageView& image, PointCloud& out);

  /// The same points still in their grid: unproject(build_grid(...), options().axes) equals
  /// build(...). For pack() in the encoding `depth`. Depth on a device is copied to the host.
  DepthGrid build_grid(const DepthMap& depth, const ImageView& image);
  DepthGrid build_grid(const DepthView& depth, const ImageView& image);

  /// The same into a grid whose memory is reused.
  void build_grid(const DepthMap& depth, const ImageView& image, DepthGrid& out);
  void build_grid(const DepthView& depth, const ImageView& image, DepthGrid& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
