// SPDX-License-Identifier: Apache-2.0
#include "photo.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_file.hpp>
#include <depthcloud/files.hpp>

#include "timed.hpp"

namespace cli {
namespace {

using depthcloud::Intrinsics;
using depthcloud::IntrinsicsSource;
using depthcloud::Stage;

/// The photo's own size, which the image may be a reduction of.
depthcloud::PhotoInfo photo_of(const depthcloud::Image& image) {
  depthcloud::PhotoInfo photo = image.photo();
  if (photo.width == 0) {
    photo.width = image.width();
    photo.height = image.height();
  }
  return photo;
}

depthcloud::DepthInfo camera_of(const depthcloud::Plane& plane, const Camera& camera,
                                const depthcloud::PhotoInfo& photo) {
  if (camera.intrinsics) {
    return {.intrinsics = *camera.intrinsics, .intrinsics_source = IntrinsicsSource::options};
  }
  if (camera.fov_degrees) {
    return {.intrinsics = Intrinsics::from_fov(*camera.fov_degrees, plane.width, plane.height),
            .intrinsics_source = IntrinsicsSource::options};
  }
  if (photo.focal_px > 0) {
    const Intrinsics of_photo{photo.focal_px, photo.focal_px, photo.width / 2.0,
                              photo.height / 2.0};
    return {.intrinsics = of_photo.scaled_to(photo.width, photo.height, plane.width, plane.height),
            .intrinsics_source = IntrinsicsSource::exif};
  }
  return {.intrinsics = Intrinsics::from_fov(depthcloud::default_horizontal_fov_degrees,
                                             plane.width, plane.height)};
}

double default_scale(const std::vector<std::uint8_t>& depth_file) {
  const bool png = depth_file.size() > 3 && depth_file[1] == 'P' && depth_file[2] == 'N';
  return png ? 0.001 : 1.0;
}

void upsample(PhotoDepth& result) {
  const depthcloud::PhotoInfo photo = photo_of(result.image);
  result.depth = result.depth.host().resized(photo.width, photo.height);
}

}  // namespace

PhotoDepth estimate_photo(Estimator& estimator, const std::filesystem::path& photo,
                          bool full_size) {
  const std::vector<std::uint8_t> bytes = depthcloud::read_file(photo);
  PhotoDepth result;
  result.times[Stage::decode] = timed([&] {
    const auto options = full_size ? depthcloud::DecodeOptions{}
                                   : estimator.decode_options(depthcloud::read_photo_info(bytes));
    result.image = depthcloud::decode_image(bytes, options);
  });
  result.depth = estimator.estimate(result.image.view(), result.times);
  if (full_size) upsample(result);
  return result;
}

PhotoDepth photo_with_depth(const std::filesystem::path& photo, const std::filesystem::path& depth,
                            std::optional<double> scale, const Camera& camera, bool full_size) {
  const std::vector<std::uint8_t> photo_bytes = depthcloud::read_file(photo);
  const std::vector<std::uint8_t> depth_bytes = depthcloud::read_file(depth);
  PhotoDepth result;
  result.times[Stage::decode] = timed([&] {
    result.image = depthcloud::decode_image(photo_bytes);
    depthcloud::Plane plane =
        depthcloud::read_depth(depth_bytes, {.scale = scale.value_or(default_scale(depth_bytes))});
    const depthcloud::DepthInfo info = camera_of(plane, camera, photo_of(result.image));
    depthcloud::DepthPlanes planes;
    planes.depth = std::move(plane.values);
    result.depth = depthcloud::DepthMap(plane.width, plane.height, std::move(planes), info);
  });
  if (full_size) upsample(result);
  return result;
}

std::string summary(const depthcloud::DepthMap& depth, const depthcloud::StageTimes& times) {
  std::string text = fmt::format("{}x{} depth,", depth.width(), depth.height());
  for (std::size_t i = 0; i < depthcloud::timed_stage_count; ++i) {
    const auto stage = static_cast<Stage>(i);
    if (times[stage] > 0) text += fmt::format(" {} {:.1f}", name(stage), times[stage]);
  }
  return text + " ms";
}

}  // namespace cli
