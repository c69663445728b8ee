// SPDX-License-Identifier: Apache-2.0
#include "camera_source.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <new>
#include <random>
#include <utility>

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "in_quotes.hpp"
#include "offered_picture.hpp"
#include "service.hpp"
#include "session.hpp"

namespace server {
namespace {

using depthcloud::VideoSource;
using Seconds = std::chrono::duration<double>;

constexpr Seconds first_pause(0.5);
constexpr Seconds longest_pause(30);

/// Cameras that one failure of the network cut off do not all come back at the same moment.
Seconds jittered(Seconds pause) {
  thread_local std::minstd_rand random(std::random_device{}());
  return pause * std::uniform_real_distribution<double>(0.75, 1.25)(random);
}

/// Seconds since 1970 of a moment of the steady clock.
double unix_time(depthcloud::Clock::time_point captured) {
  const Seconds age = depthcloud::Clock::now() - captured;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count() - age.count();
}

void add(CameraSourceCounters& sum, const depthcloud::VideoSourceCounters& counters) {
  sum.pictures += counters.read;
  sum.dropped += counters.dropped;
  sum.corrupt += counters.corrupt;
}

}  // namespace

const char* to_string(CameraSource::State state) noexcept {
  switch (state) {
    case CameraSource::State::connecting:
      return "connecting";
    case CameraSource::State::running:
      return "running";
    case CameraSource::State::waiting:
      return "waiting";
  }
  return "";
}

CameraSource::CameraSource(Service& service, SourceOptions options, std::uint64_t id)
    : service_(service), options_(std::move(options)), id_(id), thread_([this] { run(); }) {}

CameraSource::~CameraSource() {
  stop();
  thread_.join();
}

void CameraSource::stop() noexcept {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (playing_) playing_->stop();
  stopped_changed_.notify_all();
}

/// On the source's own thread, as play() and wait().
void CameraSource::run() {
  Seconds pause = first_pause;
  do {
    const std::uint64_t before = counters().pictures;
    std::string problem = "it ended";
    try {
      play();
    } catch (const std::exception& error) {
      problem = error.what();
    }
    if (counters().pictures > before) pause = first_pause;
    const Seconds now = jittered(pause);
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      ++counters_.failed;
    }
    spdlog::warn("event=source_lost source={} retry_s={:.1f} reason={}", name(), now.count(),
                 in_quotes(problem, 300));
    enter(State::waiting);
    pause = std::min(2 * pause, longest_pause);
    if (!wait(now)) return;
    enter(State::connecting);
  } while (true);
}

void CameraSource::play() {
  VideoSource video(
      options_.uri,
      {.loop = true, .real_time = true, .max_pixels = service_.options().model.max_pixels});
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    playing_ = &video;
    ++counters_.opened;
  }
  spdlog::info("event=source_opened source={} size={}x{}", name(), video.info().width,
               video.info().height);
  enter(State::running);
  const auto leave = [&] {
    const std::lock_guard lock(mutex_);
    playing_ = nullptr;
    add(counters_, video.counters());
  };
  try {
    while (std::optional<depthcloud::VideoFrame> picture = video.read()) {
      newest_.put(std::move(*picture), [this] { service_.post([this] { on_picture(); }); });
    }
  } catch (...) {
    leave();
    throw;
  }
  leave();
}

/// Returns false if the source was stopped.
bool CameraSource::wait(Seconds pause) {
  std::unique_lock lock(mutex_);
  return !stopped_changed_.wait_for(lock, pause, [this] { return stopped_; });
}

void CameraSource::enter(State state) noexcept {
  try {
    service_.post([this, state] { on_state(state); });
  } catch (const std::bad_alloc&) {
    spdlog::error("event=failed reason=\"no memory left to say what a source does\"");
  }
}

void CameraSource::on_state(State state) {
  state_ = state;
  if (state != State::running) service_.rig().leave(id_);
  service_.rig().broadcast_cameras();
  const nlohmann::json message = watching();
  for (const auto& [id, watcher] : watchers_) watcher->send(message);
}

CameraSourceCounters CameraSource::counters() const {
  const std::lock_guard lock(mutex_);
  CameraSourceCounters sum = counters_;
  if (playing_) add(sum, playing_->counters());
  return sum;
}

std::uint64_t CameraSource::session_id(const Session& session) noexcept { return session.id(); }

void CameraSource::add_watcher(Session& session) {
  watchers_[session.id()] = &session;
  session.send(watching());
}

nlohmann::json CameraSource::watching() const {
  return {{"type", "watching"}, {"source", name()}, {"state", to_string(state_)}};
}

void CameraSource::on_picture() {
  std::optional<depthcloud::VideoFrame> newest = newest_.take();
  if (!newest) return;
  const auto picture = std::make_shared<depthcloud::VideoFrame>(std::move(*newest));
  const depthcloud::FrameTag tag{++frames_, unix_time(picture->captured)};
  if (!watchers_.empty()) offer(picture, tag);
  service_.rig().frame(id_, {offered(picture), tag, options_.extrinsics, {}});
}

void CameraSource::offer(const std::shared_ptr<depthcloud::VideoFrame>& picture,
                         const depthcloud::FrameTag& tag) {
  if (!stream_) stream_ = service_.open_stream();
  // Both run on the hub's thread, which ends before the service does.
  const auto done = [service = &service_, maker = packet_maker_, captured = picture->captured,
                     audiences = audiences_of(watchers_)](depthcloud::EstimatedFrame&& frame) {
    send_clouds(*service, audiences, frame.times, captured,
                [&](const ClientOptions& options, depthcloud::StageTimes& times) {
                  return maker->pack(frame, options, times);
                });
  };
  const auto failed = [service = &service_, name = name()](std::size_t,
                                                           const depthcloud::Error& error) {
    spdlog::debug("event=source_frame_failed source={} reason={}", name, in_quotes(error.what()));
    service->post([service] { ++service->metrics().frames_failed; });
  };
  std::vector<depthcloud::OfferedView> views;
  views.push_back(offered(picture));
  stream_->offer_views(std::move(views), tag, {done, failed}, picture->captured);
}

}  // namespace server
