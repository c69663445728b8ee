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

/// Viewers with the same options; they share one packet.
struct Rig::Audience {
  ClientOptions options;
  std::vector<std::weak_ptr<Session>> viewers;
};

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
  if (cameras_.size() < limit) return;
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

void Rig::frame(Session& camera, std::vector<std::uint8_t> encoded,
                const depthcloud::FrameTag& tag) {
  ++service_.metrics().camera_frames;
  auto views =
      aligner_.add(camera.id(), depthcloud::Clock::now(),
                   {std::move(encoded), tag, camera.options().extrinsics, camera.weak_from_this()});
  if (views && !viewers_.empty()) offer(std::move(*views));
}

void Rig::offer(std::vector<View> views) {
  ++service_.metrics().camera_sets;
  auto set = std::make_shared<Set>();
  set->audiences = audiences();
  set->received = views.front().time;
  depthcloud::FrameTag tag{.frame_id = ++sets_};
  std::vector<std::vector<std::uint8_t>> encoded;
  for (View& view : views) {
    CameraFrame& frame = view.frame;
    encoded.push_back(std::move(frame.encoded));
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
    std::vector<Cloud> clouds;
    depthcloud::StageTimes spent = frame.times;
    for (const Audience& audience : set->audiences) {
      depthcloud::StageTimes times = frame.times;
      auto packet = maker->pack_merged(frame, set->placed, audience.options, times);
      clouds.push_back({std::make_shared<const std::vector<std::uint8_t>>(std::move(packet)),
                        times.total(), set->received});
      for (const auto stage : {depthcloud::Stage::cloud, depthcloud::Stage::pack}) {
        spent[stage] += times[stage];
      }
    }
    service->post([service, set, spent, clouds = std::move(clouds)] {
      service->record(spent);
      for (std::size_t i = 0; i < clouds.size(); ++i) {
        for (const auto& viewer : set->audiences[i].viewers) {
          if (const auto session = viewer.lock()) session->send(clouds[i]);
        }
      }
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
  stream_->offer(std::move(encoded), tag, {done, failed}, set->received);
}

std::vector<Rig::Audience> Rig::audiences() const {
  std::vector<Audience> result;
  for (const auto& [id, viewer] : viewers_) {
    const ClientOptions& wanted = viewer->options();
    auto same = std::find_if(result.begin(), result.end(),
                             [&](const Audience& audience) { return audience.options == wanted; });
    if (same == result.end()) {
      result.push_back({wanted, {}});
      same = std::prev(result.end());
    }
    same->viewers.push_back(viewer->weak_from_this());
  }
  return result;
}

nlohmann::json Rig::camera_list() const {
  nlohmann::json cameras = nlohmann::json::array();
  for (const auto& [id, session] : cameras_) {
    cameras.push_back(
        {{"client_id", "camera-" + std::to_string(id)}, {"buffer_size", aligner_.waiting(id)}});
  }
  return {{"type", "camera_list"}, {"cameras", cameras}, {"count", cameras_.size()}};
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
