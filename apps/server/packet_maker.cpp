// SPDX-License-Identifier: Apache-2.0
#include "packet_maker.hpp"

#include <utility>

namespace server {
namespace {

constexpr depthcloud::Extrinsics origin = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

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
    return packer_.pack(view.depth, view.image.view(), frame.tag, times);
  }
  packer_.place({&view.depth, view.image.view(), *options.extrinsics}, times, cloud_);
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
  return packer_.pack(std::as_const(cloud_).view(), frame.tag, times, is_metric);
}

}  // namespace server
