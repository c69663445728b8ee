// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/cloud_merge.hpp>

#include "camera_json.hpp"
#include "estimate.hpp"
#include "inputs.hpp"
#include "photo.hpp"
#include "timed.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;
using depthcloud::DepthMap;
using depthcloud::PointCloud;
using depthcloud::Stage;
using Json = nlohmann::ordered_json;

PointCloud merged(const std::vector<PhotoDepth>& photos, const depthcloud::CloudOptions& options) {
  depthcloud::CloudOptions of_view = options;
  of_view.axes = depthcloud::Axes::opencv;
  of_view.max_points = 0;  // counts for all views together
  depthcloud::PointCloudBuilder builder(of_view);
  std::vector<PointCloud> clouds;
  clouds.reserve(photos.size());
  for (const PhotoDepth& photo : photos) {
    clouds.push_back(builder.build(photo.depth, photo.image.view()));
  }
  std::vector<depthcloud::RegisteredCloud> views;
  views.reserve(photos.size());
  for (std::size_t i = 0; i < photos.size(); ++i) {
    views.push_back({std::as_const(clouds[i]).view(), photos[i].depth.info().extrinsics.value()});
  }
  return depthcloud::merge(views, {.axes = options.axes, .max_points = options.max_points});
}

/// The camera of one view, in pixels of its photo.
Json camera_of(const fs::path& path, const PhotoDepth& view) {
  const DepthMap& depth = view.depth;
  const depthcloud::PhotoInfo photo = photo_of(view.image);
  const depthcloud::ImageRegion& region = depth.info().region;
  const double x = region.width * photo.width / depth.width();
  const double y = region.height * photo.height / depth.height();
  const depthcloud::Intrinsics& k = depth.intrinsics();
  return {{"photo", path.string()},
          {"width", photo.width},
          {"height", photo.height},
          {"fx", k.fx * x},
          {"fy", k.fy * y},
          {"cx", k.cx * x + region.x * photo.width},
          {"cy", k.cy * y + region.y * photo.height},
          {"intrinsics_source", name(depth.info().intrinsics_source)},
          {"extrinsics", rows_of(depth.info().extrinsics)}};
}

Json cameras_of(const std::vector<fs::path>& paths, const std::vector<PhotoDepth>& views) {
  Json cameras = Json::array();
  for (std::size_t i = 0; i < views.size(); ++i) cameras.push_back(camera_of(paths[i], views[i]));
  return {{"num_views", views.size()},
          {"is_metric", views.front().depth.is_metric()},
          {"views", cameras}};
}

}  // namespace

int run_scene(const CloudCommand& command) {
  check_folder_of(command.output);
  if (command.scene->json_output) check_folder_of(*command.scene->json_output);
  const std::vector<fs::path> paths = photos_of(command.inputs);
  const std::unique_ptr<Estimator> estimator = load_estimator(command.network);
  std::vector<PhotoDepth> views =
      estimate_scene(*estimator, paths, *command.scene, command.full_size);
  PointCloud cloud;
  views.front().times[Stage::cloud] = timed([&] { cloud = merged(views, command.cloud); });
  write_cloud(command.output, command.format, std::as_const(cloud).view(), command.wire);
  if (command.scene->json_output) {
    write_json(*command.scene->json_output, cameras_of(paths, views));
  }
  if (!command.quiet) {
    fmt::print("{} views: {} points from {} -> {}\n", views.size(), cloud.size(),
               summary(views.front().depth, views.front().times), command.output.string());
  }
  return 0;
}

}  // namespace cli
