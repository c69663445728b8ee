// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <depthcloud/recording.hpp>

namespace server {

struct RecorderOptions {
  std::string path;
  std::uint64_t max_bytes = 0;                           ///< of the file; 0: no limit
  std::size_t max_queued_bytes = std::size_t{64} << 20;  ///< that wait to be written
};

struct RecorderCounters {
  std::uint64_t messages = 0;  ///< in the file
  std::uint64_t bytes = 0;     ///< of the file
  std::uint64_t dropped = 0;   ///< not in the file: the queue was full, or the recording had ended
  bool recording = false;
};

/// Writes messages to a recording on a thread of its own, so that a slow disk slows no client down.
/// What ends the recording, a limit or a disk that is full, is logged once. Thread-safe.
class Recorder {
 public:
  /// Creates the file. Throws depthcloud::Error as RecordingWriter does.
  explicit Recorder(RecorderOptions options);
  /// Writes what waits and marks the end.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  using Message = std::shared_ptr<const std::vector<std::uint8_t>>;
  /// Takes a message of a client, or counts it as dropped where too much waits. Never blocks on the
  /// file.
  void add(std::uint64_t client, Message message) noexcept;

  /// Takes no more, writes what waits and marks the end. Returns false if that is not done in time;
  /// it then goes on.
  bool finish(std::chrono::milliseconds patience);

  RecorderCounters counters() const;

 private:
  struct Entry {
    std::uint64_t client;
    Message message;
    depthcloud::RecordingWriter::Clock::time_point time;
  };
  void run();
  void write(const Entry& entry);

  const RecorderOptions options_;
  depthcloud::RecordingWriter writer_;  // of the thread alone
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> queue_;
  std::size_t queued_bytes_ = 0;
  RecorderCounters counters_;
  bool finishing_ = false;
  bool finished_ = false;
  std::thread thread_;  // after all that it uses
};

}  // namespace server
