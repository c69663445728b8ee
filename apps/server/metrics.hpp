// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/frame_gate.hpp>
#include <depthcloud/stage.hpp>
#include <depthcloud/video_decoder.hpp>

#include "camera_source.hpp"
#include "recorder.hpp"

namespace server {

/// A Prometheus histogram of seconds.
class Histogram {
 public:
  void observe(double seconds);
  std::uint64_t count() const { return count_; }

  static constexpr std::array<double, 17> bounds = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003,
                                                    0.005,  0.01,   0.02,   0.03,  0.05,  0.1,
                                                    0.2,    0.3,    0.5,    1.0,   2.5};
  std::uint64_t bucket(std::size_t i) const { return buckets_[i]; }
  double sum() const { return sum_; }

 private:
  std::array<std::uint64_t, bounds.size()> buckets_{};  // not cumulative
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

/// What the server counts. Thread-safety: one thread, the server's.
struct Metrics {
  std::array<Histogram, depthcloud::timed_stage_count> stages;  ///< as depthcloud::timed_stages
  Histogram
      overhead;  ///< from a frame's last byte in to its cloud's last byte out, less the stages

  std::uint64_t frames_failed = 0;     ///< admitted, then without a cloud
  std::uint64_t frames_processed = 0;  ///< admitted, with a cloud
  std::uint64_t camera_frames = 0;     ///< of registered cameras
  std::uint64_t camera_sets = 0;       ///< put together from these
  std::uint64_t clouds_sent = 0;
  std::uint64_t clouds_dropped = 0;  ///< a newer one took its place in a slow reader's queue
  std::uint64_t errors_sent = 0;
  std::uint64_t bytes_received = 0;  ///< of messages
  std::uint64_t bytes_sent = 0;      ///< of messages
  std::uint64_t clients_accepted = 0;
  std::uint64_t clients_refused = 0;
  std::uint64_t messages_too_big = 0;
  std::uint64_t key_frames_asked = 0;
  std::uint64_t peers_offered = 0;    ///< WebRTC connections that clients offered
  std::uint64_t peers_connected = 0;  ///< of these
  std::uint64_t peers_lost = 0;       ///< that broke off, or never connected
  std::uint64_t clouds_by_channel = 0;
  std::array<std::uint64_t, 6> http_responses{};  ///< by the first digit of the status
};

/// A camera of the server at the moment.
struct SourceSnapshot {
  std::string name;
  bool is_running = false;
  std::size_t watchers = 0;
  CameraSourceCounters counters;
};

/// What is read at the moment.
struct Snapshot {
  depthcloud::GateCounters frames;
  std::uint64_t slow_passes = 0;
  std::size_t plain_clients = 0;
  std::size_t cameras = 0;
  std::size_t viewers = 0;
  std::size_t queued_bytes = 0;
  int batch = 1;
  bool ready = false;
  RecorderCounters recording;
  depthcloud::VideoDecoderCounters video;
  std::size_t video_clients = 0;
  std::size_t peers = 0;
  std::vector<SourceSnapshot> sources;
  std::string model;
  std::string device;
  std::string precision;
};

/// Prometheus text, version 0.0.4.
std::string prometheus(const Metrics& metrics, const Snapshot& snapshot);

}  // namespace server
