// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/depth_source.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

struct HubOptions {
  /// Frames of different streams that share a pass of the network at most; see fastest_batch().
  int max_batch = 1;
  /// A pass of the network that takes longer than this is counted and reported through the log
  /// while it runs; 0: off.
  Clock::duration slow_pass = std::chrono::seconds(10);
};

/// Depth of one view of a frame.
struct EstimatedView {
  std::size_t index = 0;  ///< among the views that were offered
  Image image;            ///< what the network saw
  DepthMap depth;         ///< on the source's device
};

/// One frame after the network: its views that could be decoded, at least one.
struct EstimatedFrame {
  FrameTag tag{};
  std::vector<EstimatedView> views;
  StageTimes times{};  ///< decode: of all views; preprocess, infer: of the pass that it shared
};

/// What happens to a frame that was let in. Both are called on the hub's thread, and neither if the
/// frame is skipped, replaced or expires; what `done` throws is reported to `failed`.
struct FrameCallbacks {
  std::function<void(EstimatedFrame&&)> done;
  /// One of the views failed; the others go on.
  std::function<void(std::size_t view, const Error&)> failed;
};

/// One network, many streams. Each stream has a gate of its own, so that at most one of its frames
/// waits; streams with a waiting frame take turns, and those at the front of the line share a pass
/// of the network as far as HubOptions::max_batch allows. The frames that are next in line are
/// decoded while the network is busy. Thread-safety: share freely.
class StreamHub {
 public:
  class Stream;

  /// `source` outlives the hub, which is its only user meanwhile. Errors: invalid_argument,
  /// unavailable (no thread could be started).
  explicit StreamHub(DepthSource& source, const HubOptions& options = {});
  /// stop(), then waits for the threads. Not to be called from a callback.
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  /// A new stream; it ends when the last pointer to it goes. Errors: invalid_argument.
  std::shared_ptr<Stream> open(const GateOptions& gate = {});

  /// Takes no more frames; those in flight are finished. Idempotent.
  void stop();

  /// The sum over all streams since the start, ended ones included; exact at any moment.
  GateCounters counters() const;
  /// How many passes took longer than HubOptions::slow_pass, the one that runs included.
  std::uint64_t slow_passes() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// One stream of a hub. May outlive it: every frame is then skipped. Thread-safety: share freely.
class StreamHub::Stream : public std::enable_shared_from_this<StreamHub::Stream> {
 public:
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Offers one frame of one or several encoded views, which the network sees together; never
  /// blocks and never throws for what the bytes hold. Error{invalid_argument}: no view, or a
  /// callback is missing.
  OfferResult offer(std::vector<std::vector<std::uint8_t>> views, const FrameTag& tag,
                    FrameCallbacks callbacks, Clock::time_point captured);

  /// Takes no more frames and drops the one that waits. Idempotent.
  void close();

  GateCounters counters() const;

 private:
  friend class StreamHub;
  struct Impl;
  explicit Stream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
