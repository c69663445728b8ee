// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/stream_hub.hpp>
#include <depthcloud/video_source.hpp>

#include "audience.hpp"
#include "newest_picture.hpp"
#include "packet_maker.hpp"
#include "source_options.hpp"

namespace server {

class Service;

/// What a source counts since the start.
struct CameraSourceCounters {
  std::uint64_t pictures = 0;  ///< that were read
  std::uint64_t dropped = 0;   ///< that came faster than they were read
  std::uint64_t corrupt = 0;   ///< parts that the decoder could not read
  std::uint64_t opened = 0;    ///< times that it began to deliver
  std::uint64_t failed = 0;    ///< times that it did not open, broke off or ended
};

/// A camera of the server's own: a video that a thread of its own reads, and opens again where it
/// ends or breaks off. Its pictures go to the clients that watch it, and to the rig. Thread-safety:
/// the server's thread only.
class CameraSource {
 public:
  enum class State { connecting, running, waiting };

  /// Opens it. `id`: its number among the cameras.
  CameraSource(Service& service, SourceOptions options, std::uint64_t id);
  /// Calls stop() and waits for the thread.
  ~CameraSource();
  CameraSource(const CameraSource&) = delete;
  CameraSource& operator=(const CameraSource&) = delete;

  /// Reads no more pictures; does not wait. Idempotent.
  void stop() noexcept;

  const std::string& name() const { return options_.name; }
  std::uint64_t id() const { return id_; }
  State state() const { return state_; }
  CameraSourceCounters counters() const;

  /// Sends the clouds of this source to a client, by its options.
  void add_watcher(Session& session);
  void remove_watcher(const Session& session) noexcept { watchers_.erase(session_id(session)); }
  std::size_t watcher_count() const { return watchers_.size(); }
  /// A picture for the watchers is in the network.
  bool is_busy() const { return stream_ && stream_->counters().in_flight > 0; }

 private:
  static std::uint64_t session_id(const Session& session) noexcept;
  void run();
  void play();
  bool wait(std::chrono::duration<double> pause);
  void enter(State state) noexcept;
  void on_state(State state);
  void on_picture();
  void offer(const std::shared_ptr<depthcloud::VideoFrame>& picture,
             const depthcloud::FrameTag& tag);
  nlohmann::json watching() const;

  Service& service_;
  const SourceOptions options_;
  const std::uint64_t id_;
  State state_ = State::connecting;
  Receivers watchers_;
  std::shared_ptr<depthcloud::StreamHub::Stream> stream_;  // opened with the first picture
  std::shared_ptr<PacketMaker> packet_maker_ = std::make_shared<PacketMaker>();
  std::uint64_t frames_ = 0;
  NewestPicture newest_;

  mutable std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;                        // under the mutex, as all below
  depthcloud::VideoSource* playing_ = nullptr;  // while its thread reads it
  CameraSourceCounters counters_;               // but for what is counted by the one that plays
  std::thread thread_;                          // after all that it uses
};

/// Returns "connecting", "running" or "waiting".
const char* to_string(CameraSource::State state) noexcept;

}  // namespace server
