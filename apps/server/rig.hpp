// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/frame.hpp>
#include <depthcloud/stream_hub.hpp>
#include <depthcloud/view_aligner.hpp>

#include "packet_maker.hpp"

namespace server {

class Service;
class Session;

/// Registered cameras whose views of one moment become one cloud for all registered viewers.
/// Thread-safety: the server's thread only.
class Rig {
 public:
  Rig(Service& service, const depthcloud::AlignOptions& options);

  /// Throws Error{limit_exceeded} where one more camera would be too many for a pass of the
  /// network.
  void check_room() const;
  void add_camera(Session& session);
  void add_viewer(Session& session);
  /// A client that left or changed its role.
  void remove(const Session& session) noexcept;

  /// A frame of a registered camera.
  void frame(Session& camera, std::vector<std::uint8_t> encoded, const depthcloud::FrameTag& tag);

  const std::map<std::uint64_t, Session*>& cameras() const { return cameras_; }
  std::size_t viewer_count() const { return viewers_.size(); }
  /// A set is in the network.
  bool is_busy() const { return stream_ && stream_->counters().in_flight > 0; }

 private:
  struct CameraFrame {
    std::vector<std::uint8_t> encoded;
    depthcloud::FrameTag tag;
    std::optional<depthcloud::Extrinsics> extrinsics;
    std::weak_ptr<Session> session;
  };
  using View = depthcloud::ViewAligner<CameraFrame>::View;
  struct Set;
  struct Audience;

  void offer(std::vector<View> views);
  std::vector<Audience> audiences() const;
  nlohmann::json camera_list() const;
  void broadcast_cameras() noexcept;

  Service& service_;
  depthcloud::ViewAligner<CameraFrame> aligner_;
  std::map<std::uint64_t, Session*> cameras_;
  std::map<std::uint64_t, Session*> viewers_;
  std::shared_ptr<depthcloud::StreamHub::Stream> stream_;  // opened with the first set
  std::shared_ptr<PacketMaker> packet_maker_ = std::make_shared<PacketMaker>();
  std::uint64_t sets_ = 0;
};

}  // namespace server
