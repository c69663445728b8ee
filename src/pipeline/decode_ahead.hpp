// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <depthcloud/frame.hpp>

#include "pipeline/pending_frame.hpp"

namespace depthcloud {

/// Frames of one moment, decoded and processed together.
struct PendingFrames {
  FrameTag tag;
  std::vector<std::unique_ptr<PendingFrame>> views;
};

/// A thread that decodes frames while others are processed. What it decodes it only observes: a
/// frame that its gate drops meanwhile is not kept. Thread-safety: share freely.
class DecodeAhead {
 public:
  /// `next` names the frames to decode now, or none; it is called under `mutex`.
  DecodeAhead(const FrameDecoder& decoder, std::mutex& mutex,
              std::function<std::shared_ptr<PendingFrames>()> next)
      : decoder_(decoder), mutex_(mutex), next_(std::move(next)) {}
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  /// Throws std::system_error if there is no thread to be had.
  void start();
  /// What `next` would say has changed.
  void notify() { changed_.notify_one(); }
  /// Nothing more is decoded. Not to be called under the mutex.
  void stop();
  /// Waits for the thread, once stopped.
  void join();

 private:
  void run();

  const FrameDecoder& decoder_;
  std::mutex& mutex_;
  const std::function<std::shared_ptr<PendingFrames>()> next_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace depthcloud
