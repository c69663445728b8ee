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

#include "audience.hpp"
#include "packet_maker.hpp"

namespace server {

class Service;
class Session;

/// Registered cameras, and those of the server, whose views of one moment become one cloud for all
/// registered viewers.
/// Thread-safety: the server's thread only.
class Rig {
 public:
  /// A frame of one camera.
  struct CameraFrame {
    depthcloud::OfferedView view;
    depthcloud::FrameTag tag;
    std::optional<depthcloud::Extrinsics> extrinsics;
    std::weak_ptr<Session> session;  ///< hears of errors; none: a source of the server
  };

  Rig(Service& service, const depthcloud::AlignOptions& options);

  /// Throws Error{limit_exceeded} where one more camera would be too many for a pass of the
  /// network.
  void check_room() const;
  void add_camera(Session& session);
  void add_viewer(Session& session);
  /// A client that left or changed its role.
  void remove(const Session& session) noexcept;

  /// A frame of a registered camera or a source, which have one sequence of numbers.
  void frame(std::uint64_t camera, CameraFrame frame);
  /// A source that gives no frames for now.
  void leave(std::uint64_t source) { aligner_.remove(source); }
  /// Tells the viewers who is there.
  void broadcast_cameras() noexcept;

  /// Those that clients registered.
  const Receivers& cameras() const { return cameras_; }
  std::size_t viewer_count() const { return viewers_.size(); }
  /// A set is in the network.
  bool is_busy() const { return stream_ && stream_->counters().in_flight > 0; }

 private:
  using View = depthcloud::ViewAligner<CameraFrame>::View;
  struct Set;

  void offer(std::vector<View> views);
  nlohmann::json camera_list() const;

  Service& service_;
  depthcloud::ViewAligner<CameraFrame> aligner_;
  Receivers cameras_;
  Receivers viewers_;
  std::shared_ptr<depthcloud::StreamHub::Stream> stream_;  // opened with the first set
  std::shared_ptr<PacketMaker> packet_maker_ = std::make_shared<PacketMaker>();
  std::uint64_t sets_ = 0;
};

}  // namespace server
