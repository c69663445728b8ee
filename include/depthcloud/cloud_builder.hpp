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
  /// Samples rows and columns 0, stride, 2 stride, ... Not set: 2 in a Pipeline, which suits
  /// streams, and 1 elsewhere, which suits files.
  std::optional<int> stride{};
  /// Keeps pixels whose confidence, in the model's own units, is at least this; NaN is dropped. 0:
  /// off.
  float min_confidence = 0;
  /// Drops this percentage (0 to below 100) of the pixels that pass the depth range and the edge
  /// filter: those of lowest confidence. NaN is always dropped. Pixels of equal confidence are kept
  /// or dropped together, so fewer may be dropped. 0: off.
  float confidence_percentile = 0;
  float min_depth = 0;  ///< keeps depth >= this, in the depth map's unit; 0: off
  float max_depth = std::numeric_limits<float>::infinity();  ///< keeps depth <= this
  /// Removes flying pixels: pixels whose depth differs from that of one of their four neighbours on
  /// the full grid by more than this fraction of the nearer depth (0.1: 10 %). Neighbours without
  /// depth are ignored. 0: off.
  float edge_threshold = 0;
  /// Keeps the first point, in raster order, in each voxel of this side, in the depth map's unit:
  /// see thin_voxels(). Done before max_points. 0: off.
  float voxel_size = 0;
  /// Keeps at most this many points, spread evenly in raster order; 0: no limit.
  std::size_t max_points = 0;
  /// Keeps pixels of an rgba or bgra image whose alpha is 0. Off: they give no point, as of a photo
  /// whose background was cut out; a camera whose fourth byte means nothing needs it on.
  bool keep_transparent = false;
  /// Gives each point the normal of its pixel. The depth map must have normals, see
  /// EstimatorOptions::normals. A DepthGrid, and so the encoding `depth`, has none.
  bool normals = false;
  /// Replaces the intrinsics of the depth map; in pixels of its grid.
  std::optional<Intrinsics> intrinsics{};
  Axes axes = Axes::opencv;  ///< of the cloud
};

/// Throws Error{invalid_argument, stage cloud} if an option is out of range; the message names the
/// first one.
void validate(const CloudOptions& options);

/// Unprojects depth maps to coloured clouds in the camera frame: x = (u - cx) z / fx,
/// y = (v - cy) z / fy, in the unit of the depth. A pixel whose depth is not finite or not positive
/// gives no point. Points are in raster order, the same on every device. The image may differ from
/// the depth map in size: a point takes the colour of the image pixel nearest to the centre of its
/// depth pixel. If a DepthMap shows only a region of the image (DepthInfo::region), colours come
/// from that region. Alpha above 0 is ignored; gray becomes equal red, green and blue.
///
/// Host depth is processed in one SIMD pass. Depth on a device (CUDA, MPS) is processed there, and
/// only the points are copied to the host (where transparent pixels are left out, the depth); the
/// results agree within 1e-5 relative. Scratch memory
/// and ray tables are kept for the next frame. Inputs are read only during the call; the caller
/// owns the result. Thread-safety: one thread at a time; use one builder per thread.
class CloudBuilder {
 public:
  /// Throws Error{invalid_argument, stage cloud} if an option is out of range.
  explicit CloudBuilder(const CloudOptions& options = {});
  ~CloudBuilder();
  CloudBuilder(CloudBuilder&&) noexcept;
  CloudBuilder& operator=(CloudBuilder&&) noexcept;

  const CloudOptions& options() const noexcept;
  /// Replaces the options; scratch memory stays. Throws as the constructor; the old options then
  /// stay.
  void set_options(const CloudOptions& options);

  /// Returns the cloud of one frame. Throws Error{invalid_argument} if a view is not valid,
  /// voxel_size is too small for the cloud or normals are asked for that the depth map does not
  /// have, Error{out_of_memory}.
  PointCloud build(const DepthMap& depth, const ImageView& image);
  PointCloud build(const DepthView& depth, const ImageView& image);
  PointCloud build(const DepthView16& depth, const ImageView& image);

  /// Writes the cloud to `out` and reuses its memory: after the first frames nothing is allocated.
  void build(const DepthMap& depth, const ImageView& image, PointCloud& out);
  void build(const DepthView& depth, const ImageView& image, PointCloud& out);
  void build(const DepthView16& depth, const ImageView& image, PointCloud& out);

  /// The same of depth alone, without colours.
  PointCloud build(const DepthMap& depth);
  PointCloud build(const DepthView& depth);
  PointCloud build(const DepthView16& depth);
  void build(const DepthMap& depth, PointCloud& out);
  void build(const DepthView& depth, PointCloud& out);
  void build(const DepthView16& depth, PointCloud& out);

  /// Returns the same points as a grid, for pack() in the encoding `depth`:
  /// unproject(build_grid(...), options().axes) equals build(...). Depth on a device is copied to
  /// the host. Throws as build().
  DepthGrid build_grid(const DepthMap& depth, const ImageView& image);
  DepthGrid build_grid(const DepthView& depth, const ImageView& image);
  DepthGrid build_grid(const DepthView16& depth, const ImageView& image);

  /// Writes the grid to `out` and reuses its memory.
  void build_grid(const DepthMap& depth, const ImageView& image, DepthGrid& out);
  void build_grid(const DepthView& depth, const ImageView& image, DepthGrid& out);
  void build_grid(const DepthView16& depth, const ImageView& image, DepthGrid& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
