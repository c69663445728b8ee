// SPDX-License-Identifier: Apache-2.0
#include "packet_maker.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <depthcloud/error.hpp>

namespace server {
namespace {

constexpr depthcloud::Extrinsics origin = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

bool has_depth(const depthcloud::DepthMap& depth) {
  const depthcloud::DepthMap map = depth.host();
  return std::ranges::any_of(map.depth(), [](float z) { return std::isfinite(z) && z > 0; });
}

/// Of a frame that gave no point: filters may have left none, but the network must have given
/// depth.
void check_depth(const depthcloud::EstimatedFrame& frame) {
  for (const depthcloud::EstimatedView& view : frame.views) {
    if (has_depth(view.depth)) return;
  }
  throw depthcloud::Error(
      depthcloud::ErrorCode::bad_model, depthcloud::Stage::infer,
      "the network gives no depth: no pixel has one that is finite and above 0");
}

}  // namespace

void PacketMaker::use(const ClientOptions& options) {
  packer_.set_cloud_options(options.cloud);
  packer_.set_wire_format(options.wire);
}

std::vector<std::uint8_t> PacketMaker::pack(const depthcloud::EstimatedFrame& frame,
                                            const ClientOptions& options,
                                            depthcloud::StageTimes& times) {
  use(options);
  const depthcloud::EstimatedView& view = frame.views.front();
  // A grid stays in its camera's frame.
  if (!options.extrinsics || options.wire.encoding == depthcloud::Encoding::depth) {
    auto packet = packer_.pack(view.depth, view.image.view(), frame.tag, times);
    if (packer_.num_points() == 0) check_depth(frame);
    return packet;
  }
  packer_.place({&view.depth, view.image.view(), *options.extrinsics}, times, cloud_);
  if (cloud_.size() == 0) check_depth(frame);
  return packer_.pack(std::as_const(cloud_).view(), frame.tag, times, view.depth.is_metric());
}

std::vector<std::uint8_t> PacketMaker::pack_merged(
    const depthcloud::EstimatedFrame& frame,
    std::span<const std::optional<depthcloud::Extrinsics>> placed, const ClientOptions& options,
    depthcloud::StageTimes& times) {
  use(options);
  std::vector<depthcloud::RegisteredView> views;
  bool is_metric = true;
  for (const depthcloud::EstimatedView& view : frame.views) {
    const std::optional<depthcloud::Extrinsics>& place = placed[view.index];
    views.push_back({&view.depth, view.image.view(),
                     place ? *place : view.depth.info().extrinsics.value_or(origin)});
    is_metric = is_metric && view.depth.is_metric();
  }
  packer_.merge(views, times, cloud_);
  if (cloud_.size() == 0) check_depth(frame);
  return packer_.pack(std::as_const(cloud_).view(), frame.tag, times, is_metric);
}

}  // namespace server
