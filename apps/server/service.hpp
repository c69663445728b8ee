// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <depthcloud/estimator_source.hpp>
#include <depthcloud/stream_hub.hpp>

#include "metrics.hpp"
#include "model.hpp"
#include "options.hpp"
#include "recorder.hpp"
#include "rig.hpp"
#include "seats.hpp"
#include "video_decoders.hpp"

namespace server {

class Session;

/// What all clients share: the network and its worker, the registered cameras and viewers, the
/// counters. Thread-safety: the server's thread only.
class Service {
 public:
  /// `options` must outlive it. Throws UsageError where the file of --record exists,
  /// depthcloud::Error where it cannot be created.
  Service(boost::asio::io_context& io, const Options& options);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Accepts clients from now on, and opens the sources. `batch`: largest number of frames that
  /// share a pass; `codecs`: what clients may send.
  void start(LoadedModel model, int batch, VideoCodecs codecs);
  /// Sets what can have no effect with the network to its default, and returns a line on each, and
  /// on what drops all points, for the client. Once ready.
  std::vector<std::string> settle(ClientOptions& options) const;
  bool ready() const { return hub_ && !stopped_; }
  /// Takes no more frames; those in flight are finished.
  void stop();

  /// Whether one more client of this address fits.
  bool has_room(const boost::asio::ip::address& address) const;
  /// The number of a new client.
  std::uint64_t add(Session& session);
  void remove(const Session& session) noexcept;
  const std::map<std::uint64_t, Session*>& sessions() const { return sessions_; }

  std::shared_ptr<depthcloud::StreamHub::Stream> open_stream() const;
  /// Returns the codec that a codec string names. Throws Error{unsupported, unavailable}, whose
  /// message names those that there are.
  depthcloud::VideoCodec decodable(const std::string& codec_string) const;
  /// Throws Error{not_found}, whose message names those that there are.
  CameraSource& source(const std::string& name) const;
  /// Called on any thread: the rest happens on the server's.
  template <typename Function>
  void post(Function&& function) {
    boost::asio::post(io_, std::forward<Function>(function));
  }

  /// A client has received a cloud.
  void record_sent(std::uint64_t client, const Recorder::Message& cloud);
  /// Records no more, and waits for the end of the recording, but no longer than
  /// --drain-timeout or a second.
  void end_recording();
  /// The frame is through all stages.
  void record(const depthcloud::StageTimes& times);
  Snapshot snapshot() const;

  const Options& options() const { return options_; }
  Metrics& metrics() { return metrics_; }
  Rig& rig() { return rig_; }
  VideoDecoders& video() { return video_; }
  Seats& peers() { return peers_; }
  const VideoCodecs& codecs() const { return codecs_; }
  const std::vector<std::unique_ptr<CameraSource>>& sources() const { return sources_; }

 private:
  void ping_cameras();

  boost::asio::io_context& io_;
  const Options& options_;
  Metrics metrics_;
  std::unique_ptr<Recorder> recorder_;  // none without --record
  LoadedModel model_;
  std::unique_ptr<depthcloud::StreamHub> hub_;  // after the model that it uses
  int batch_ = 1;
  bool stopped_ = false;
  std::map<std::uint64_t, Session*> sessions_;
  std::map<boost::asio::ip::address, std::size_t> by_address_;
  std::uint64_t last_id_ = 0;
  Rig rig_;
  boost::asio::steady_timer ping_timer_;
  VideoCodecs codecs_;
  Seats peers_;
  // Their threads use what is above.
  VideoDecoders video_;
  std::vector<std::unique_ptr<CameraSource>> sources_;
};

}  // namespace server
