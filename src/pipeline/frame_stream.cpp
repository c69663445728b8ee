// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/frame_stream.hpp>

#include "core/log.hpp"
#include "pipeline/pending_frame.hpp"

namespace depthcloud {
namespace {

using SharedFrame = std::shared_ptr<PendingFrame>;

std::string current_message() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

/// What is being handled, thrown by a processor: Pipeline throws Error, a user's may throw
/// anything.
Error processor_error() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::out_of_memory, Stage::control, "the frame processor ran out of memory"};
  } catch (...) {
    return {ErrorCode::internal, Stage::control,
            fmt::format("the frame processor threw: {}", current_message())};
  }
}

Error sink_error() {
  return {ErrorCode::internal, Stage::control,
          fmt::format("the sink threw: {}", current_message())};
}

}  // namespace

struct FrameStream::Impl {
  FrameProcessor& processor;
  Sink sink;
  ErrorSink on_error;
  std::function<Clock::time_point()> now;
  FrameGate<SharedFrame> gate;

  // The frame to decode ahead is only observed: once the gate has dropped it there is nothing to
  // decode. Offers hold the mutex so that `newest` is the frame that the gate let in last.
  std::mutex mutex{};
  std::condition_variable changed{};
  std::weak_ptr<PendingFrame> newest{};
  bool is_new = false;
  bool stopped = false;

  std::thread decode_thread{};
  std::thread work_thread{};

  Impl(FrameProcessor& frame_processor, Sink frame_sink, ErrorSink error_sink,
       const GateOptions& options)
      : processor(frame_processor),
        sink(std::move(frame_sink)),
        on_error(std::move(error_sink)),
        now(options.now),
        gate(options) {}

  ~Impl() {
    stop();
    if (decode_thread.joinable()) decode_thread.join();
    if (work_thread.joinable()) work_thread.join();
  }

  void start(bool decode_ahead) {
    work_thread = std::thread([this] { work(); });
    if (decode_ahead) decode_thread = std::thread([this] { decode_newest(); });
  }

  void stop() {
    gate.close();
    {
      const std::lock_guard lock(mutex);
      stopped = true;
    }
    changed.notify_all();
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
    if (result != OfferResult::skipped) changed.notify_one();
    return result;
  }

  void work() {
    while (auto ticket = gate.take_wait()) process(*ticket->frame());
  }

  void process(PendingFrame& pending) {
    std::optional<Frame> frame;
    try {
      frame = processor.finish(pending.decoded(processor), pending.tag());
    } catch (...) {
      return report(pending.tag(), processor_error);
    }
    try {
      sink(std::move(*frame));
    } catch (...) {
      report(pending.tag(), sink_error);
    }
  }

  /// Called while an exception is handled.
  void report(const FrameTag& tag, Error (*current_error)()) noexcept {
    try {
      on_error(tag, current_error());
    } catch (const std::exception& error) {
      log(LogLevel::warning, error.what());
    } catch (...) {
      log(LogLevel::warning, "the error sink threw");
    }
  }

  void decode_newest() {
    while (const SharedFrame frame = next_to_decode()) frame->decode_ahead(processor);
  }

  /// Waits for a frame that still waits itself; empty once the stream is stopped.
  SharedFrame next_to_decode() {
    std::unique_lock lock(mutex);
    while (!stopped) {
      if (SharedFrame frame = std::exchange(is_new, false) ? newest.lock() : nullptr) return frame;
      changed.wait(lock);
    }
    return nullptr;
  }
};

FrameStream::FrameStream(FrameProcessor& processor, Sink sink, ErrorSink on_error,
                         const StreamOptions& options) {
  if (!sink || !on_error) {
    throw Error(ErrorCode::invalid_argument, Stage::control, "a frame stream needs both its sinks");
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
  return impl_->offer(std::make_shared<PendingFrame>(std::move(encoded), tag), captured);
}

OfferResult FrameStream::offer(std::vector<std::uint8_t> encoded, const FrameTag& tag) {
  return offer(std::move(encoded), tag, impl_->now());
}

void FrameStream::stop() { impl_->stop(); }

GateCounters FrameStream::counters() const { return impl_->gate.counters(); }

}  // namespace depthcloud
