// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/cloud_packer.hpp>

#include "camera_json.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "input_files.hpp"
#include "inputs.hpp"
#include "network.hpp"
#include "photo.hpp"
#include "point_color.hpp"
#include "progress.hpp"
#include "standard_streams.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;
using depthcloud::DepthMap;
using Json = nlohmann::ordered_json;

std::vector<depthcloud::RegisteredView> registered(const std::vector<PhotoDepth>& photos) {
  std::vector<depthcloud::RegisteredView> views;
  views.reserve(photos.size());
  for (const PhotoDepth& photo : photos) {
    views.push_back({&photo.depth, photo.image.view(), photo.depth.info().extrinsics.value()});
  }
  return views;
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
          {"intrinsics_source", to_string(depth.info().intrinsics_source)},
          {"extrinsics", rows_of(depth.info().extrinsics)}};
}

Json cameras_of(const std::vector<fs::path>& paths, const std::vector<PhotoDepth>& views) {
  Json cameras = Json::array();
  for (std::size_t i = 0; i < views.size(); ++i) cameras.push_back(camera_of(paths[i], views[i]));
  return {{"num_views", views.size()},
          {"is_metric", views.front().depth.is_metric()},
          {"metres_from", metres_from(views.front().depth)},
          {"views", cameras}};
}

}  // namespace

namespace {

void check_overwriting(const CloudCommand& command, const std::vector<fs::path>& photos) {
  InputFiles inputs;
  for (const fs::path& photo : photos) inputs.add(photo);
  if (command.scene->cameras) inputs.add(*command.scene->cameras);
  inputs.add(command.known_metres.file);
  inputs.add_model(command.network.model);
  inputs.add_model(command.network.estimator.metric_model);
  inputs.check(command.output);
  if (command.scene->json_output) inputs.check(*command.scene->json_output);
}

std::vector<std::string> inert_scene_flags(const CloudCommand& command, std::size_t photos) {
  std::vector<std::string> lines = inert_flags(command);
  if (photos < 3 && command.network.given.has("--reference-view") && !command.scene->cameras) {
    lines.push_back("--reference-view has no effect: it counts from three photos on");
  }
  return lines;
}

}  // namespace

int run_scene(const CloudCommand& command) {
  check_output(command.output);
  if (command.scene->json_output) check_output(*command.scene->json_output);
  std::vector<std::string> notes;
  const std::vector<fs::path> paths = photos_of(command.inputs, notes);
  check_overwriting(command, paths);
  Progress progress(1, command.quiet, is_stream(command.output));
  for (const std::string& line : notes) progress.note(line);
  const auto metres = KnownMetres::load(command.known_metres);
  const auto network = load_network(command.network);
  for (const std::string& line : inert_scene_flags(command, paths.size())) progress.note(line);
  for (const std::string& line : inert_flags(command.network, network->estimator().info())) {
    progress.note(line);
  }
  std::vector<PhotoDepth> views =
      estimate_views(*network, command.network, paths, *command.scene, command.full_size);
  for (std::size_t i = 0; i < views.size(); ++i) {
    for (const std::string& note : views[i].notes) {
      progress.note(fmt::format("{}: {}", paths[i].string(), note));
    }
  }
  const auto is_void = [](const PhotoDepth& view) { return pixels_with_depth(view.depth) == 0; };
  if (std::ranges::all_of(views, is_void)) {
    throw std::runtime_error(no_depth(command.network.model));
  }
  if (metres) metres->apply(views);
  const Json cameras = cameras_of(paths, views);  // in pixels of photos that keep their colours
  for (PhotoDepth& view : views) recolor(view, command.color.value_or(PointColor::photo));
  depthcloud::StageTimes& times = views.front().times;
  depthcloud::CloudPacker packer(command.cloud, command.wire);
  depthcloud::PointCloud cloud;
  packer.merge(registered(views), times, cloud);
  if (cloud.size() == 0) {
    throw std::runtime_error(no_points(views.front().depth, command.cloud, command.network.model));
  }
  with_file(command.output, [&] {
    if (command.format == CloudFormat::msgpack) {
      write_output(command.output, packer.pack(std::as_const(cloud).view(), {}, times,
                                               views.front().depth.is_metric()));
    } else {
      write_cloud(command.output, command.format, std::as_const(cloud).view());
    }
  });
  if (command.scene->json_output) {
    write_json(*command.scene->json_output, cameras);
  }
  std::string lines = fmt::format("{} {}: {} points from {} -> {}", views.size(),
                                  views.size() == 1 ? "view" : "views", cloud.size(),
                                  summary(views.front().depth, times), command.output.string());
  for (std::size_t i = 0; i < views.size(); ++i) {
    lines += fmt::format("\n{}: {}", paths[i].string(), views[i].camera);
    lines += metres_line(views[i], paths[i]);
  }
  progress.done(lines);
  return 0;
}

}  // namespace cli
