// SPDX-License-Identifier: Apache-2.0
#include "rig.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include "service.hpp"
#include "session.hpp"

namespace server {

/// What is remembered of a set while it is in the network.
struct Rig::Set {
  std::vector<std::optional<depthcloud::Extrinsics>> placed;
  std::vector<std::weak_ptr<Session>> cameras;
  std::vector<std::optional<std::uint64_t>> frame_ids;
  std::vector<Audience> audiences;
  depthcloud::Clock::time_point received{};
  std::size_t failed = 0;  // views; the server's thread only
};

Rig::Rig(Service& service, const depthcloud::AlignOptions& options)
    : service_(service), aligner_(options) {}

void Rig::check_room() const {
  const std::size_t limit = service_.options().limits.cameras;
  if (cameras_.size() + service_.sources().size() < limit) return;
  throw depthcloud::Error(depthcloud::ErrorCode::limit_exceeded, depthcloud::Stage::control,
                          fmt::format("there are {} cameras already", limit));
}

void Rig::add_camera(Session& session) {
  cameras_[session.id()] = &session;
  broadcast_cameras();
}

void Rig::add_viewer(Session& session) {
  viewers_[session.id()] = &session;
  session.send(camera_list());
}

void Rig::remove(const Session& session) noexcept {
  viewers_.erase(session.id());
  if (cameras_.erase(session.id()) == 0) return;
  aligner_.remove(session.id());
  broadcast_cameras();
}

void Rig::frame(std::uint64_t camera, CameraFrame frame) {
  ++service_.metrics().camera_frames;
  auto views = aligner_.add(camera, depthcloud::Clock::now(), std::move(frame));
  if (views && !viewers_.empty()) offer(std::move(*views));
}

void Rig::offer(std::vector<View> views) {
  ++service_.metrics().camera_sets;
  auto set = std::make_shared<Set>();
  set->audiences = audiences_of(viewers_);
  set->received = views.front().time;
  depthcloud::FrameTag tag{.frame_id = ++sets_};
  std::vector<depthcloud::OfferedView> offered;
  for (View& view : views) {
    CameraFrame& frame = view.frame;
    offered.push_back(std::move(frame.view));
    set->placed.push_back(frame.extrinsics);
    set->cameras.push_back(std::move(frame.session));
    set->frame_ids.push_back(frame.tag.frame_id);
    set->received = std::max(set->received, view.time);
    // The set is as old as the oldest of its views.
    if (frame.tag.capture_ts) {
      tag.capture_ts =
          std::min(tag.capture_ts.value_or(*frame.tag.capture_ts), *frame.tag.capture_ts);
    }
  }

  // Both run on the hub's thread, which may outlive the rig; what they post does not.
  Service* const service = &service_;
  const auto done = [set, maker = packet_maker_, service](depthcloud::EstimatedFrame&& frame) {
    send_clouds(*service, set->audiences, frame.times, set->received,
                [&](const ClientOptions& options, depthcloud::StageTimes& times) {
                  return maker->pack_merged(frame, set->placed, options, times);
                });
  };
  const auto failed = [set, service](std::size_t view, const depthcloud::Error& error) {
    service->post([service, set, view, error] {
      if (++set->failed == set->cameras.size()) ++service->metrics().frames_failed;
      if (const auto session = set->cameras[view].lock()) {
        session->send_error(error, set->frame_ids[view]);
      }
    });
  };
  if (!stream_) stream_ = service_.open_stream();
  stream_->offer_views(std::move(offered), tag, {done, failed}, set->received);
}

nlohmann::json Rig::camera_list() const {
  nlohmann::json cameras = nlohmann::json::array();
  for (const auto& [id, session] : cameras_) {
    cameras.push_back(
        {{"client_id", "camera-" + std::to_string(id)}, {"buffer_size", aligner_.waiting(id)}});
  }
  for (const auto& source : service_.sources()) {
    cameras.push_back({{"client_id", source->name()},
                       {"buffer_size", aligner_.waiting(source->id())},
                       {"state", to_string(source->state())}});
  }
  return {{"type", "camera_list"}, {"count", cameras.size()}, {"cameras", std::move(cameras)}};
}

void Rig::broadcast_cameras() noexcept {
  try {
    const nlohmann::json list = camera_list();
    for (const auto& [id, viewer] : viewers_) viewer->send(list);
  } catch (const std::bad_alloc&) {  // a camera that leaves must be able to
    spdlog::error("event=failed reason=\"no memory left to send viewers the cameras\"");
  }
}

}  // namespace server
