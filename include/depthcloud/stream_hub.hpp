// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/depth_source.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/frame_gate.hpp>
#include <depthcloud/raw_frame.hpp>

namespace depthcloud {

struct HubOptions {
  /// Largest number of frames, of different streams, that share a pass; see fastest_batch().
  int max_batch = 1;
  /// A pass of the network that takes longer than this is counted and reported through the log
  /// while it runs; 0: off.
  Clock::duration slow_pass = std::chrono::seconds(10);
};

/// Depth of one view of a frame.
struct EstimatedView {
  std::size_t index = 0;  ///< index among the offered views
  Image image;            ///< the input of the network
  DepthMap depth;         ///< on the source's device
};

/// One frame after the network. It contains the views that could be decoded, at least one.
struct EstimatedFrame {
  FrameTag tag{};
  std::vector<EstimatedView> views;
  StageTimes times{};  ///< decode: of all views; preprocess, infer: of the shared pass
};

/// Receive the result of a frame, on the hub's thread. Neither is called if the frame is skipped,
/// replaced or expires.
struct FrameCallbacks {
  /// Receives the result. An exception that it throws is reported to `failed`. Required.
  std::function<void(EstimatedFrame&&)> done;
  /// Receives the error of one view; the other views continue. If empty, the error is logged, as a
  /// warning.
  std::function<void(std::size_t view, const Error&)> failed{};
};

/// One view of a frame as it is offered: encoded, or pixels that are copied or lent.
using OfferedView = std::variant<std::vector<std::uint8_t>, RawFrame>;

/// Shares one network between many streams. Each stream has its own gate, so at most one of its
/// frames waits. Streams with a waiting frame take turns; up to HubOptions::max_batch frames at the
/// front of the line share a pass. The next frames in line are decoded while the network is busy.
/// Thread-safe.
class StreamHub {
 public:
  class Stream;

  /// `source` must outlive the hub and must not be used elsewhere until then. Throws
  /// Error{invalid_argument} if an option is out of range, Error{unavailable} if a thread cannot be
  /// started.
  explicit StreamHub(DepthSource& source, const HubOptions& options = {});
  /// Calls stop() and waits for the threads. Must not be called from a callback.
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  /// Returns a new stream, which ends with the last pointer to it. Throws Error{invalid_argument}
  /// if an option is out of range.
  std::shared_ptr<Stream> open(const GateOptions& gate = {});

  /// Rejects further frames; those in flight are finished. May be called more than once.
  void stop();

  /// Returns the sum over all streams since the start, ended ones included; consistent at any
  /// moment.
  GateCounters counters() const;
  /// How many passes took longer than HubOptions::slow_pass, the one that runs included.
  std::uint64_t slow_passes() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// One stream of a hub. May outlive the hub; every frame is then skipped. Thread-safe.
class StreamHub::Stream : public std::enable_shared_from_this<StreamHub::Stream> {
 public:
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Offers one frame of one or several encoded views, which share a pass, captured at `captured`.
  /// Never blocks. Bad bytes do not throw here; their error goes to FrameCallbacks::failed. Throws
  /// Error{invalid_argument} if there are no views or FrameCallbacks::done is empty.
  OfferResult offer(std::vector<std::vector<std::uint8_t>> views, const FrameTag& tag,
                    FrameCallbacks callbacks, Clock::time_point captured);

  /// Offers one frame of one or several views of pixels, each copied or lent: see RawFrame. Throws
  /// Error{invalid_argument} as offer(), and if an image is not valid; Error{out_of_memory}. No
  /// RawFrame::release is then called.
  OfferResult offer_image(std::vector<RawFrame> views, const FrameTag& tag,
                          FrameCallbacks callbacks, Clock::time_point captured);

  /// Offers one frame whose views are each encoded or pixels. Throws as offer_image().
  OfferResult offer_views(std::vector<OfferedView> views, const FrameTag& tag,
                          FrameCallbacks callbacks, Clock::time_point captured);

  /// Rejects further frames and drops the waiting one. May be called more than once.
  void close();

  GateCounters counters() const;

 private:
  friend class StreamHub;
  struct Impl;
  explicit Stream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
