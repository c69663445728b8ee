// SPDX-License-Identifier: Apache-2.0
#include "rgbd.hpp"

#include <stdexcept>
#include <utility>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_file.hpp>

#include "file_error.hpp"
#include "known_camera.hpp"
#include "remarks.hpp"
#include "standard_streams.hpp"
#include "timed.hpp"
#include "turn.hpp"

namespace cli {
namespace {

using depthcloud::IntrinsicsSource;
using depthcloud::Plane;

void require_focal_length(const DepthCamera& camera, depthcloud::DepthKind kind) {
  if (kind != depthcloud::DepthKind::disparity || camera.source != IntrinsicsSource::default_fov) {
    return;
  }
  throw std::runtime_error(
      "disparities need the focal length: give --intrinsics or --fov, or a photo that tells it");
}

/// Makes the depth map of a file, upright as the photo is.
void lay_on_photo(Plane plane, const KnownDepth& known, const NetworkOptions& network,
                  PhotoDepth& result) {
  const depthcloud::PhotoInfo photo = photo_of(result.image);
  const Size size{plane.width, plane.height};
  const int orientation = orientation_of_depth(photo, size, known);
  const DepthCamera used =
      camera_of({network.estimator, network.intrinsics_size, photo}, size, orientation);
  require_focal_length(used, known.meaning.kind);
  depthcloud::convert_to_depth(plane.values, plane.width, known.meaning, used.intrinsics);
  plane = turned(std::move(plane), orientation);
  depthcloud::DepthPlanes planes;
  planes.depth = std::move(plane.values);
  const depthcloud::DepthInfo info{.intrinsics = turned(used.intrinsics, size, orientation),
                                   .intrinsics_source = used.source};
  result.depth = depthcloud::DepthMap(plane.width, plane.height, std::move(planes), info);
  result.camera = camera_line(result.depth, used.origin);
  if (orientation != 1) result.camera += ", turned upright with its photo";
  if (!used.remark.empty()) result.notes.push_back(used.remark);
}

}  // namespace

PhotoDepth known_depth_of(const Pair& pair, const KnownDepth& known, const NetworkOptions& network,
                          bool full_size) {
  if (!pair.depth) throw FileError(pair.name(), pair.problem);
  PhotoDepth result;
  result.times[depthcloud::Stage::decode] = timed([&] {
    if (pair.photo) {
      const Remarks remarks(*pair.photo);
      with_file(*pair.photo, [&] {
        result.image = depthcloud::decode_image(read_input(*pair.photo), network.decode);
      });
    }
    const Remarks remarks(*pair.depth);
    with_file(*pair.depth, [&] {
      lay_on_photo(depthcloud::read_depth(read_input(*pair.depth), known.file), known, network,
                   result);
    });
  });
  if (pair.photo && known.as_stored && photo_of(result.image).orientation == 1) {
    result.notes.push_back("--depth-orientation has no effect: EXIF does not turn the photo");
  }
  if (full_size) upsample(result);
  return result;
}

}  // namespace cli
