// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/frame_stream.hpp>

#include "core/log.hpp"
#include "pipeline/decode_ahead.hpp"
#include "pipeline/frame_errors.hpp"

namespace depthcloud {
namespace {

using SharedFrame = std::shared_ptr<PendingFrames>;

Error processor_error() { return current_error("the frame processor"); }
Error sink_error() { return error_thrown_by("the sink"); }

SharedFrame one_view(const FrameTag& tag, std::unique_ptr<PendingFrame> view) {
  auto frame = std::make_shared<PendingFrames>(PendingFrames{tag, {}});
  frame->views.push_back(std::move(view));
  return frame;
}

}  // namespace

struct FrameStream::Impl {
  FrameProcessor& processor;
  Sink sink;
  ErrorSink on_error;
  std::function<Clock::time_point()> now;
  FrameGate<SharedFrame> gate;

  // offer() holds the mutex, so that `newest` is the last frame that the gate accepted.
  std::mutex mutex{};
  std::weak_ptr<PendingFrames> newest{};
  bool is_new = false;

  DecodeAhead decode_ahead;
  std::thread work_thread{};

  Impl(FrameProcessor& frame_processor, Sink frame_sink, ErrorSink error_sink,
       const GateOptions& options)
      : processor(frame_processor),
        sink(std::move(frame_sink)),
        on_error(std::move(error_sink)),
        now(options.now),
        gate(options),
        decode_ahead(frame_processor, mutex,
                     [this] { return std::exchange(is_new, false) ? newest.lock() : nullptr; }) {}

  ~Impl() {
    stop();
    if (work_thread.joinable()) work_thread.join();
  }

  void start(bool ahead) {
    work_thread = std::thread([this] { work(); });
    if (ahead) decode_ahead.start();
  }

  void stop() {
    gate.close();
    decode_ahead.stop();
  }

  OfferResult offer(const SharedFrame& frame, Clock::time_point captured) {
    SharedFrame older;  // keeps the replaced frame alive until the mutex is free
    OfferResult result;
    {
      const std::lock_guard lock(mutex);
      older = newest.lock();
      result = gate.offer(frame, captured);
      if (result != OfferResult::skipped) {
        newest = frame;
        is_new = true;
      }
    }
    if (result != OfferResult::skipped) decode_ahead.notify();
    return result;
  }

  void work() {
    while (auto ticket = gate.take_wait()) process(*ticket->frame());
  }

  void process(PendingFrames& pending) {
    std::optional<Frame> frame;
    try {
      frame = processor.finish(pending.views.front()->decoded(processor), pending.tag);
    } catch (...) {
      return report(pending.tag, processor_error);
    }
    try {
      sink(std::move(*frame));
    } catch (...) {
      report(pending.tag, sink_error);
    }
  }

  /// Called while an exception is handled.
  void report(const FrameTag& tag, Error (*current_error)()) noexcept {
    try {
      const Error error = current_error();
      if (!on_error) return log_failed_frame(error);
      on_error(tag, error);
    } catch (const std::exception& error) {
      log(LogLevel::warning, error.what());
    } catch (...) {
      log(LogLevel::warning, "the error sink threw");
    }
  }
};

FrameStream::FrameStream(FrameProcessor& processor, Sink sink, ErrorSink on_error,
                         const StreamOptions& options) {
  if (!sink) {
    throw Error(ErrorCode::invalid_argument, Stage::control,
                "a frame stream needs a sink: the function that receives its frames is empty");
  }
  impl_ = std::make_unique<Impl>(processor, std::move(sink), std::move(on_error), options.gate);
  try {
    impl_->start(options.decode_ahead);
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::unavailable, Stage::control,
                fmt::format("cannot start a thread: {}", error.what()));
  }
}

FrameStream::~FrameStream() = default;

OfferResult FrameStream::offer(std::vector<std::uint8_t> encoded, const FrameTag& tag,
                               Clock::time_point captured) {
  return impl_->offer(one_view(tag, std::make_unique<PendingFrame>(std::move(encoded))), captured);
}

OfferResult FrameStream::offer(std::vector<std::uint8_t> encoded, const FrameTag& tag) {
  return offer(std::move(encoded), tag, impl_->now());
}

OfferResult FrameStream::offer_image(RawFrame raw, const FrameTag& tag,
                                     Clock::time_point captured) {
  const SharedFrame frame = one_view(tag, make_pending(raw));
  frame->views.front()->lend(std::move(raw.release));  // nothing throws from here on
  return impl_->offer(frame, captured);
}

OfferResult FrameStream::offer_image(RawFrame raw, const FrameTag& tag) {
  return offer_image(std::move(raw), tag, impl_->now());
}

void FrameStream::stop() { impl_->stop(); }

GateCounters FrameStream::counters() const { return impl_->gate.counters(); }

}  // namespace depthcloud
