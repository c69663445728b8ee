// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/stream_hub.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "core/log.hpp"
#include "depth/pass_times.hpp"
#include "pipeline/decode_ahead.hpp"
#include "pipeline/frame_errors.hpp"
#include "pipeline/pass_watch.hpp"

namespace depthcloud {
namespace {

/// A frame on its way through the hub.
struct Job : PendingFrames {
  FrameCallbacks callbacks;
};
using SharedJob = std::shared_ptr<Job>;
using JobTicket = Ticket<SharedJob>;

constexpr const char* source_name = "the depth source";

void report(const Job& job, std::size_t view, const Error& error) noexcept {
  try {
    if (!job.callbacks.failed) return log_failed_frame(error);
    job.callbacks.failed(view, error);
  } catch (...) {
    log(LogLevel::warning, "the callback for failed frames threw");
  }
}

void report(const Job& job, const EstimatedFrame& frame, const Error& error) noexcept {
  for (const EstimatedView& view : frame.views) report(job, view.index, error);
}

/// A job that has no views yet.
SharedJob make_job(const FrameTag& tag, std::size_t views, FrameCallbacks callbacks) {
  const auto fail = [](const char* message) {
    throw Error(ErrorCode::invalid_argument, Stage::control, message);
  };
  if (views == 0) fail("a frame needs at least one view");
  if (!callbacks.done) {
    fail("a frame needs FrameCallbacks::done: the function that receives it is empty");
  }
  auto job = std::make_shared<Job>(Job{{tag, {}}, std::move(callbacks)});
  job->views.reserve(views);
  return job;
}

GateCounters& operator+=(GateCounters& sum, const GateCounters& counters) {
  sum.offered += counters.offered;
  sum.admitted += counters.admitted;
  sum.skipped += counters.skipped;
  sum.replaced += counters.replaced;
  sum.expired += counters.expired;
  sum.waiting += counters.waiting;
  sum.in_flight += counters.in_flight;
  return sum;
}

}  // namespace

struct StreamHub::Stream::Impl {
  Impl(std::shared_ptr<StreamHub::Impl> shared_hub, const GateOptions& options)
      : hub(std::move(shared_hub)), gate(options) {}

  const std::shared_ptr<StreamHub::Impl> hub;
  FrameGate<SharedJob> gate;
  // Under the hub's mutex:
  std::weak_ptr<Job> newest{};  // observed only: once the gate has dropped it nothing needs it
  bool undecoded = false;       // `newest` has not been given to the decode thread
  bool in_line = false;

  /// Offers a job of the stream `self`; its views take over what is lent of those that were
  /// `offered`, unless this throws.
  OfferResult offer(const std::shared_ptr<Stream>& self, const SharedJob& job,
                    Clock::time_point captured, std::span<OfferedView> offered);
};

struct StreamHub::Impl {
  Impl(DepthSource& depth_source, const HubOptions& hub_options)
      : source(depth_source),
        options(hub_options),
        decode_ahead(depth_source, mutex, [this] { return next_to_decode(); }),
        pass_watch(hub_options.slow_pass) {}

  DepthSource& source;
  const HubOptions options;

  mutable std::mutex mutex{};
  std::condition_variable work_changed{};
  std::deque<std::shared_ptr<Stream>> line{};  // streams with a waiting frame, first come first
  std::unordered_set<const Stream*> streams{};
  GateCounters ended{};  // of streams that are gone
  bool stopped = false;

  DecodeAhead decode_ahead;
  PassWatch pass_watch;
  std::thread work_thread{};

  void start() {
    pass_watch.start();
    work_thread = std::thread([this] { work(); });
    decode_ahead.start();
  }

  void stop() {
    std::deque<std::shared_ptr<Stream>> dropped;
    std::vector<SharedJob> jobs;  // these and their callbacks end when the mutex is free
    {
      const std::lock_guard lock(mutex);
      stopped = true;
      dropped.swap(line);
      for (const Stream* stream : streams) {
        jobs.push_back(stream->impl_->newest.lock());
        stream->impl_->gate.close();
      }
    }
    work_changed.notify_all();
    decode_ahead.stop();
  }

  void join() {
    if (work_thread.joinable()) work_thread.join();
    decode_ahead.join();
  }

  void work() {
    while (true) {
      try {
        std::vector<JobTicket> batch = next_batch();
        if (batch.empty()) return;
        process(batch);
      } catch (...) {  // between the stages, which report what they throw
        log(LogLevel::warning, "frames are lost: there is no memory to process them");
      }
    }
  }

  /// Waits for frames; empty only when the hub is stopped.
  std::vector<JobTicket> next_batch() {
    std::vector<JobTicket> batch;
    std::vector<std::pair<std::shared_ptr<Stream>, SharedJob>> taken;  // outlives the lock
    std::unique_lock lock(mutex);
    while (batch.empty()) {
      work_changed.wait(lock, [this] { return stopped || !line.empty(); });
      if (stopped) return {};
      while (!line.empty() && batch.size() < static_cast<std::size_t>(options.max_batch)) {
        std::shared_ptr<Stream> stream = std::move(line.front());
        line.pop_front();
        stream->impl_->in_line = false;
        SharedJob newest = stream->impl_->newest.lock();
        if (std::optional<JobTicket> ticket = stream->impl_->gate.take()) {
          batch.push_back(std::move(*ticket));
        }
        taken.emplace_back(std::move(stream), std::move(newest));
      }
    }
    decode_ahead.notify();  // others are next in line now
    return batch;
  }

  void process(std::vector<JobTicket>& batch) {
    std::vector<EstimatedFrame> frames(batch.size());
    std::vector<std::size_t> together;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      frames[i] = decode(*batch[i].frame());
      if (frames[i].views.size() == 1) together.push_back(i);
    }
    const std::vector<bool> estimated = estimate_together(batch, frames, together);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const JobTicket ticket = std::move(batch[i]);  // frees the gate at the end of the turn
      const Job& job = *ticket.frame();
      if (estimated[i] || (!frames[i].views.empty() && estimate_alone(job, frames[i]))) {
        deliver(job, frames[i]);
      }
    }
  }

  EstimatedFrame decode(Job& job) const {
    EstimatedFrame frame{.tag = job.tag, .views = {}};
    for (std::size_t view = 0; view < job.views.size(); ++view) {
      try {
        DecodedFrame decoded = job.views[view]->decoded(source);
        frame.times[Stage::decode] += decoded.decode_ms;
        frame.views.push_back({view, std::move(decoded.image), {}});
      } catch (...) {
        report(job, view, current_error(source_name));
      }
    }
    return frame;
  }

  /// One pass for the frames of one view; false for those that it did not do. A pass that fails
  /// is not reported: each of its frames gets a pass alone, so that one cannot spoil the others.
  std::vector<bool> estimate_together(const std::vector<JobTicket>& batch,
                                      std::vector<EstimatedFrame>& frames,
                                      const std::vector<std::size_t>& together) {
    std::vector<bool> estimated(batch.size(), false);
    if (together.size() < 2) return estimated;
    std::vector<ImageView> images;
    images.reserve(together.size());
    for (const std::size_t i : together) {
      images.push_back(std::as_const(frames[i].views.front().image).view());
    }
    try {
      StageTimes times;
      std::vector<DepthMap> maps = pass_watch.watch([&] { return source.estimate(images, times); });
      for (std::size_t k = 0; k < together.size(); ++k) {
        EstimatedFrame& frame = frames[together[k]];
        frame.views.front().depth = std::move(maps.at(k));
        set_pass_times(frame.times, times);
        estimated[together[k]] = true;
      }
    } catch (...) {
      log(LogLevel::debug, current_error(source_name).what());
    }
    return estimated;
  }

  bool estimate_alone(const Job& job, EstimatedFrame& frame) {
    std::vector<ImageView> images;
    for (const EstimatedView& view : frame.views) images.push_back(view.image.view());
    try {
      StageTimes times;
      std::vector<DepthMap> maps = pass_watch.watch([&] {
        return images.size() == 1 ? source.estimate(images, times)
                                  : source.estimate_views(images, times);
      });
      for (std::size_t i = 0; i < images.size(); ++i) frame.views[i].depth = std::move(maps.at(i));
      set_pass_times(frame.times, times);
      return true;
    } catch (...) {
      report(job, frame, current_error(source_name));
      return false;
    }
  }

  static void deliver(const Job& job, EstimatedFrame& frame) {
    std::vector<std::size_t> views;
    for (const EstimatedView& view : frame.views) views.push_back(view.index);
    try {
      job.callbacks.done(std::move(frame));
    } catch (...) {
      const Error error = current_error("the callback of a finished frame");
      for (const std::size_t view : views) report(job, view, error);
    }
  }

  /// A frame among those that the next pass will take. Frames farther back are left alone: most of
  /// them will have been replaced by their turn.
  SharedJob next_to_decode() {
    const std::size_t ahead = std::min(line.size(), static_cast<std::size_t>(options.max_batch));
    for (std::size_t i = 0; i < ahead; ++i) {
      Stream::Impl& stream = *line[i]->impl_;
      if (!std::exchange(stream.undecoded, false)) continue;
      if (SharedJob job = stream.newest.lock()) return job;
    }
    return nullptr;
  }
};

StreamHub::StreamHub(DepthSource& source, const HubOptions& options) {
  if (options.max_batch < 1) {
    throw Error(ErrorCode::invalid_argument, Stage::control,
                fmt::format("max_batch is {}, must be at least 1", options.max_batch));
  }
  if (options.slow_pass < Clock::duration::zero()) {
    throw Error(ErrorCode::invalid_argument, Stage::control, "slow_pass is negative");
  }
  impl_ = std::make_shared<Impl>(source, options);
  try {
    impl_->start();
  } catch (const std::system_error& error) {
    impl_->stop();
    impl_->join();
    throw Error(ErrorCode::unavailable, Stage::control,
                fmt::format("cannot start a thread: {}", error.what()));
  }
}

StreamHub::~StreamHub() {
  impl_->stop();
  impl_->join();
}

std::shared_ptr<StreamHub::Stream> StreamHub::open(const GateOptions& gate) {
  std::shared_ptr<Stream> stream(new Stream(std::make_unique<Stream::Impl>(impl_, gate)));
  const std::lock_guard lock(impl_->mutex);
  impl_->streams.insert(stream.get());
  if (impl_->stopped) stream->impl_->gate.close();
  return stream;
}

void StreamHub::stop() { impl_->stop(); }

GateCounters StreamHub::counters() const {
  const std::lock_guard lock(impl_->mutex);
  GateCounters sum = impl_->ended;
  for (const Stream* stream : impl_->streams) sum += stream->impl_->gate.counters();
  return sum;
}

std::uint64_t StreamHub::slow_passes() const { return impl_->pass_watch.slow_passes(); }

StreamHub::Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

StreamHub::Stream::~Stream() {
  close();
  const std::lock_guard lock(impl_->hub->mutex);
  // A ticket that is still out is a frame of a stream that is gone.
  GateCounters last = impl_->gate.counters();
  last.in_flight = 0;
  impl_->hub->ended += last;
  impl_->hub->streams.erase(this);
}

OfferResult StreamHub::Stream::Impl::offer(const std::shared_ptr<Stream>& self,
                                           const SharedJob& job, Clock::time_point captured,
                                           std::span<OfferedView> offered) {
  SharedJob older;  // keeps the replaced frame alive until the mutex is free
  OfferResult result;
  {
    const std::lock_guard lock(hub->mutex);
    if (!in_line) hub->line.push_back(self);  // first, because it can throw
    for (std::size_t i = 0; i < offered.size(); ++i) {
      auto* const pixels = std::get_if<RawFrame>(&offered[i]);
      if (pixels) job->views[i]->lend(std::move(pixels->release));
    }
    older = newest.lock();
    result = gate.offer(job, captured);
    if (result == OfferResult::skipped) {
      if (!in_line) hub->line.pop_back();
      return result;
    }
    newest = job;
    undecoded = true;
    in_line = true;
  }
  hub->work_changed.notify_one();
  hub->decode_ahead.notify();
  return result;
}

OfferResult StreamHub::Stream::offer(std::vector<std::vector<std::uint8_t>> views,
                                     const FrameTag& tag, FrameCallbacks callbacks,
                                     Clock::time_point captured) {
  return offer_views({std::move_iterator(views.begin()), std::move_iterator(views.end())}, tag,
                     std::move(callbacks), captured);
}

OfferResult StreamHub::Stream::offer_image(std::vector<RawFrame> views, const FrameTag& tag,
                                           FrameCallbacks callbacks, Clock::time_point captured) {
  return offer_views({std::move_iterator(views.begin()), std::move_iterator(views.end())}, tag,
                     std::move(callbacks), captured);
}

OfferResult StreamHub::Stream::offer_views(std::vector<OfferedView> views, const FrameTag& tag,
                                           FrameCallbacks callbacks, Clock::time_point captured) {
  const SharedJob job = make_job(tag, views.size(), std::move(callbacks));
  for (OfferedView& view : views) {
    auto* const encoded = std::get_if<std::vector<std::uint8_t>>(&view);
    job->views.push_back(encoded ? std::make_unique<PendingFrame>(std::move(*encoded))
                                 : make_pending(std::get<RawFrame>(view)));
  }
  return impl_->offer(shared_from_this(), job, captured, views);
}

void StreamHub::Stream::close() { impl_->gate.close(); }

GateCounters StreamHub::Stream::counters() const { return impl_->gate.counters(); }

}  // namespace depthcloud
