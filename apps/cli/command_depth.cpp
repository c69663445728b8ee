// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/files.hpp>

#include "camera_json.hpp"
#include "commands.hpp"
#include "inputs.hpp"
#include "network.hpp"
#include "photo.hpp"

namespace cli {
namespace {

using depthcloud::DepthMap;
using depthcloud::Stage;
using Json = nlohmann::ordered_json;

std::vector<std::uint8_t> encode(const DepthMap& depth, DepthFormat format) {
  switch (format) {
    case DepthFormat::npy:
      return depthcloud::encode_npy(depth.depth(), depth.width(), depth.height());
    case DepthFormat::pfm:
      return depthcloud::encode_pfm(depth.depth(), depth.width(), depth.height());
    case DepthFormat::millimetre_png:
      return depthcloud::encode_depth_png16(depth.depth(), depth.width(), depth.height());
    case DepthFormat::color_png:
      break;
  }
  const depthcloud::Image picture = depthcloud::color_map(depth.view());
  return depthcloud::encode_png(picture.view());
}

Json report(const PhotoDepth& photo) {
  const DepthMap& depth = photo.depth;
  Json stage_ms;
  for (const Stage stage : {Stage::decode, Stage::preprocess, Stage::infer}) {
    stage_ms[to_string(stage)] = photo.times[stage];
  }
  return {{"width", depth.width()},
          {"height", depth.height()},
          {"fx", depth.intrinsics().fx},
          {"fy", depth.intrinsics().fy},
          {"cx", depth.intrinsics().cx},
          {"cy", depth.intrinsics().cy},
          {"intrinsics_source", to_string(depth.info().intrinsics_source)},
          {"is_metric", depth.is_metric()},
          {"extrinsics", rows_of(depth.info().extrinsics)},
          {"stage_ms", stage_ms}};
}

void check_outputs(const DepthCommand& command) {
  check_folder_of(command.output);
  if (command.confidence_output) check_folder_of(*command.confidence_output);
  if (command.json_output) check_folder_of(*command.json_output);
}

}  // namespace

int run(const DepthCommand& command) {
  check_outputs(command);
  const auto network = load_network(command.network);
  PhotoDepth photo = estimate_photo(*network, command.photo, command.full_size);
  photo.depth = photo.depth.host();

  depthcloud::write_file(command.output, encode(photo.depth, command.format));
  if (command.confidence_output) {
    depthcloud::write_file(*command.confidence_output,
                           depthcloud::encode_npy(photo.depth.confidence(), photo.depth.width(),
                                                  photo.depth.height()));
  }
  if (command.json_output) write_json(*command.json_output, report(photo));
  if (!command.quiet) {
    fmt::print("{}: {} -> {}\n{}: {}\n", command.photo.string(), summary(photo.depth, photo.times),
               command.output.string(), command.photo.string(), photo.camera);
  }
  return 0;
}

}  // namespace cli
