// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <depthcloud/error.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

struct StreamOptions {
  GateOptions gate{};
  /// Decode the waiting frame while another is in the network. At most one decoded frame waits;
  /// under skip_while_busy none does. Off: a frame that is dropped costs no decoding.
  bool decode_ahead = true;
};

/// A gate in front, a pipeline in the middle, a sink behind. Frames go in from any thread without
/// blocking; results come out of one thread of the stream, in the order in which frames entered.
/// Thread-safety: share freely.
class FrameStream {
 public:
  /// Called on the stream's thread. What it throws is reported to ErrorSink as Error{internal}.
  using Sink = std::function<void(Frame&&)>;
  /// Called on the stream's thread when a frame fails; the stream goes on. What it throws is
  /// logged.
  using ErrorSink = std::function<void(const FrameTag&, const Error&)>;

  /// `processor` outlives the stream, which is its only user meanwhile. Errors: invalid_argument
  /// (an empty sink, a gate option out of its range), unavailable (no thread could be started).
  FrameStream(FrameProcessor& processor, Sink sink, ErrorSink on_error,
              const StreamOptions& options = {});
  /// stop(), then waits for the threads. Not to be called from a sink.
  ~FrameStream();
  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  /// Offers one encoded frame; never blocks and never throws for what the bytes hold.
  OfferResult offer(std::vector<std::uint8_t> encoded, const FrameTag& tag,
                    Clock::time_point captured);
  OfferResult offer(std::vector<std::uint8_t> encoded, const FrameTag& tag = {});

  /// Takes no more frames; the one in flight is finished. May be called from a sink. Idempotent.
  void stop();

  GateCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
