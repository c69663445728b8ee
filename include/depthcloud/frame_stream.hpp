// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <depthcloud/error.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/frame_gate.hpp>
#include <depthcloud/raw_frame.hpp>

namespace depthcloud {

struct StreamOptions {
  GateOptions gate{};
  /// Decodes the waiting frame while another is in the network. At most one decoded frame waits;
  /// with skip_while_busy, none does. If false, frames that are dropped are never decoded.
  bool decode_ahead = true;
};

/// A stream with a gate, a processor and a sink. Any thread can offer frames without blocking; the
/// sink receives the results on one thread of the stream, in the order in which the frames entered.
/// Thread-safe.
class FrameStream {
 public:
  /// Receives a result, on the stream's thread. An exception that it throws is reported to
  /// ErrorSink as Error{internal}.
  using Sink = std::function<void(Frame&&)>;
  /// Receives the error of a failed frame, on the stream's thread; the stream continues. An
  /// exception that it throws is logged. If empty, the error is logged, as a warning.
  using ErrorSink = std::function<void(const FrameTag&, const Error&)>;

  /// `processor` must outlive the stream and must not be used elsewhere until then. Throws
  /// Error{invalid_argument} if the sink is empty or a gate option is out of range,
  /// Error{unavailable} if a thread cannot be started.
  FrameStream(FrameProcessor& processor, Sink sink, ErrorSink on_error,
              const StreamOptions& options = {});
  /// Calls stop() and waits for the threads. Must not be called from a sink.
  ~FrameStream();
  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  /// Offers one encoded frame, captured at `captured` (default: now). Never blocks. Bad bytes do
  /// not throw here; their error goes to ErrorSink.
  OfferResult offer(std::vector<std::uint8_t> encoded, const FrameTag& tag,
                    Clock::time_point captured);
  OfferResult offer(std::vector<std::uint8_t> encoded, const FrameTag& tag = {});

  /// Offers one frame of pixels, copied or lent: see RawFrame. A lent frame that is dropped is
  /// never copied. Never waits for another frame. Throws Error{invalid_argument} if the image is
  /// not valid, Error{out_of_memory}; RawFrame::release is then not called.
  OfferResult offer_image(RawFrame frame, const FrameTag& tag, Clock::time_point captured);
  OfferResult offer_image(RawFrame frame, const FrameTag& tag = {});

  /// Rejects further frames and drops the waiting one; the frame in flight is finished. May be
  /// called from a sink, and more than once.
  void stop();

  GateCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
