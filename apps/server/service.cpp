// SPDX-License-Identifier: Apache-2.0
#include "service.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "in_quotes.hpp"
#include "session.hpp"

namespace server {

namespace {

std::unique_ptr<Recorder> recorder_for(const Options& options) {
  if (options.record.empty()) return nullptr;
  try {
    return std::make_unique<Recorder>(
        RecorderOptions{.path = options.record, .max_bytes = options.record_max_bytes});
  } catch (const depthcloud::Error& error) {
    if (error.code() != depthcloud::ErrorCode::invalid_argument) throw;
    throw UsageError(fmt::format("--record: {}", error.what()));
  }
}

}  // namespace

Service::Service(boost::asio::io_context& io, const Options& options)
    : io_(io),
      options_(options),
      recorder_(recorder_for(options)),
      rig_(*this, options.align),
      ping_timer_(io),
      peers_(options.webrtc.peers, "WebRTC connections are open already: choose another transport"),
      video_(options.limits.video_clients) {}

void Service::start(LoadedModel model, int batch, VideoCodecs codecs) {
  model_ = std::move(model);
  batch_ = batch;
  codecs_ = std::move(codecs);
  hub_ = std::make_unique<depthcloud::StreamHub>(
      *model_.source, depthcloud::HubOptions{.max_batch = batch, .slow_pass = options_.slow_pass});
  for (const SourceOptions& source : options_.sources) {
    sources_.push_back(std::make_unique<CameraSource>(*this, source, ++last_id_));
  }
  ping_cameras();
}

std::vector<std::string> Service::settle(ClientOptions& options) const {
  std::vector<std::string> notes;
  if (model_.gives_confidence) {
    const depthcloud::ModelInfo& info = model_.source->estimator().info();
    if (info.confidence && options.cloud.min_confidence > info.confidence->high) {
      notes.push_back(fmt::format("min_confidence {:g} drops all points: {} gives {:g} to {:g}",
                                  options.cloud.min_confidence, info.name, info.confidence->low,
                                  info.confidence->high));
    }
    return notes;
  }
  const auto drop = [&](const char* name, float& option) {
    if (option <= 0) return;
    option = 0;
    notes.push_back(fmt::format("{} has no effect: {} gives no confidence", name,
                                model_.source->estimator().info().name));
  };
  drop("min_confidence", options.cloud.min_confidence);
  drop("confidence_percentile", options.cloud.confidence_percentile);
  return notes;
}

void Service::stop() {
  stopped_ = true;
  if (hub_) hub_->stop();
  for (const auto& source : sources_) source->stop();
}

bool Service::has_room(const boost::asio::ip::address& address) const {
  if (sessions_.size() >= options_.limits.clients) return false;
  const auto found = by_address_.find(counted_as(address));
  return found == by_address_.end() || found->second < options_.limits.clients_per_address;
}

std::uint64_t Service::add(Session& session) {
  std::size_t& of_address = by_address_[counted_as(session.address())];
  sessions_[++last_id_] = &session;
  ++of_address;
  ++metrics_.clients_accepted;
  return last_id_;
}

void Service::remove(const Session& session) noexcept {
  if (sessions_.erase(session.id()) == 0) return;
  rig_.remove(session);
  for (const auto& source : sources_) source->remove_watcher(session);
  const auto found = by_address_.find(counted_as(session.address()));
  if (--found->second == 0) by_address_.erase(found);
}

std::shared_ptr<depthcloud::StreamHub::Stream> Service::open_stream() const {
  return hub_->open(options_.gate);
}

depthcloud::VideoCodec Service::decodable(const std::string& codec_string) const {
  using depthcloud::Error;
  const std::string known = codecs_.empty()
                                ? "this server decodes no video: send photos"
                                : fmt::format("this server decodes {}", names_of(codecs_));
  std::optional<depthcloud::VideoCodec> codec;
  try {
    codec = depthcloud::parse_codec_string(codec_string);
  } catch (const Error& error) {
    throw Error(error.code(), depthcloud::Stage::control,
                fmt::format("{}; {}", error.what(), known));
  }
  if (std::ranges::find(codecs_, *codec) != codecs_.end()) return *codec;
  throw Error(depthcloud::ErrorCode::unavailable, depthcloud::Stage::control,
              fmt::format("there is no decoder of {}; {}", to_string(*codec), known));
}

CameraSource& Service::source(const std::string& name) const {
  const auto found =
      std::ranges::find_if(sources_, [&](const auto& source) { return source->name() == name; });
  if (found != sources_.end()) return **found;
  std::string names;
  for (const auto& source : sources_) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", source->name());
  }
  throw depthcloud::Error(depthcloud::ErrorCode::not_found, depthcloud::Stage::control,
                          fmt::format("there is no source {}; this server has {}", in_quotes(name),
                                      names.empty() ? "none (--source)" : names));
}

void Service::record_sent(std::uint64_t client, const Recorder::Message& cloud) {
  if (recorder_) recorder_->add(client, cloud);
}

void Service::end_recording() {
  constexpr std::chrono::milliseconds least(1000);  // the file has to be closed, too
  if (!recorder_ || recorder_->finish(std::max(options_.drain_timeout, least))) return;
  spdlog::error("event=recording_ended reason=\"the file took too long\"");
}

void Service::record(const depthcloud::StageTimes& times) {
  ++metrics_.frames_processed;
  for (std::size_t i = 0; i < depthcloud::timed_stage_count; ++i) {
    metrics_.stages[i].observe(times[depthcloud::timed_stages[i]] / 1000);
  }
}

Snapshot Service::snapshot() const {
  Snapshot now;
  now.batch = batch_;
  now.ready = ready();
  if (model_.source) {
    const depthcloud::ModelInfo& info = model_.source->estimator().info();
    now.model = info.name;
    now.device = to_string(info.device);
    now.precision = to_string(info.precision);
  }
  if (hub_) {
    now.frames = hub_->counters();
    now.slow_passes = hub_->slow_passes();
  }
  now.cameras = rig_.cameras().size();
  now.viewers = rig_.viewer_count();
  now.plain_clients = sessions_.size() - now.cameras - now.viewers;
  if (recorder_) now.recording = recorder_->counters();
  now.video = video_.counters();
  now.peers = peers_.taken();
  now.video_clients = video_.seats().taken();
  for (const auto& source : sources_) {
    now.sources.push_back({source->name(), source->state() == CameraSource::State::running,
                           source->watcher_count(), source->counters()});
  }
  for (const auto& [id, session] : sessions_) now.queued_bytes += session->queued_bytes();
  return now;
}

void Service::ping_cameras() {
  ping_timer_.expires_after(options_.ping_interval);
  ping_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopped_) return;
    ping_cameras();
    for (const auto& [id, camera] : rig_.cameras()) camera->send({{"type", "ping"}});
  });
}

}  // namespace server
