// SPDX-License-Identifier: Apache-2.0
#include "client_video.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include <spdlog/spdlog.h>

#include "service.hpp"

namespace server {
namespace {

using depthcloud::Error;

/// How many units a picture may lag behind the newest one: what may wait for the decoder, and what
/// it holds back.
constexpr std::size_t longest_lag = 128;
/// Between two requests for a key frame, which costs the sender more than any other.
constexpr auto ask_again_after = std::chrono::seconds(1);

}  // namespace

ClientVideo::ClientVideo(Service& service, depthcloud::VideoCodec codec, Seat seat)
    : service_(service), codec_(codec), seat_(std::move(seat)) {}

void ClientVideo::start(Handlers handlers) {
  handlers_ = std::move(handlers);
  is_starting_ = true;
  service_.video().run([self = shared_from_this()] { self->make(); });
}

/// Calls function(*this) on the server's thread unless the video has ended by then.
template <typename Function>
void ClientVideo::post(Function&& function) {
  service_.post([self = shared_from_this(), function = std::forward<Function>(function)]() mutable {
    if (!self->has_ended_) function(*self);
  });
}

/// On a thread of the decoders.
void ClientVideo::make() {
  const Options& options = service_.options();
  try {
    auto decoder = std::make_unique<SeatedDecoder>(
        service_.video(), seat_, codec_, callbacks(),
        depthcloud::VideoDecoderOptions{.max_pixels = options.model.max_pixels,
                                        .max_unit_bytes = options.limits.binary_bytes});
    service_.post([self = shared_from_this(), decoder = std::move(decoder)]() mutable {
      self->on_made(std::move(decoder));
    });
  } catch (const Error& error) {
    report(error);
  } catch (const std::bad_alloc&) {
    report({depthcloud::ErrorCode::out_of_memory, depthcloud::Stage::control,
            "no memory left for a video decoder"});
  }
}

/// Why there is no decoder.
void ClientVideo::report(const Error& error) noexcept {
  try {
    post([error](ClientVideo& self) {
      self.is_starting_ = false;
      self.handlers_.failed(error);
    });
  } catch (const std::bad_alloc&) {
    spdlog::error("event=failed reason=\"no memory left to say that a video does not start\"");
  }
}

/// All run on the decoder's threads.
depthcloud::VideoDecoderCallbacks ClientVideo::callbacks() {
  // Calls a function on the server's thread, if the video is still there.
  const auto later = [weak = weak_from_this()](auto function) {
    if (const auto self = weak.lock()) self->post(std::move(function));
  };
  return {.picture =
              [weak = weak_from_this()](depthcloud::VideoFrame&& picture) {
                const auto self = weak.lock();
                if (!self) return;
                self->newest_.put(std::move(picture), [&] {
                  self->post([](ClientVideo& video) { video.on_picture(); });
                });
              },
          .key_frame_needed =
              [later] {
                later([](ClientVideo& video) {
                  video.is_lost_ = true;
                  video.ask_for_key_frame();
                });
              },
          .failed =
              [later](const Error& error) {
                later([error](ClientVideo& video) { video.handlers_.failed(error); });
              }};
}

void ClientVideo::on_made(std::unique_ptr<SeatedDecoder> decoder) {
  is_starting_ = false;
  decoder_ = std::move(decoder);
  if (has_ended_) return end();
  handlers_.ready();
}

void ClientVideo::end() noexcept {
  has_ended_ = true;
  if (decoder_) service_.video().end(std::move(decoder_));
}

void ClientVideo::push(const VideoUnit& unit, std::uint64_t frame_id) {
  sent_.push_back({unit.time, frame_id});
  if (sent_.size() > longest_lag) sent_.pop_front();
  if (unit.is_key) is_lost_ = false;
  decoder_->push({unit.data, unit.is_key, unit.time});
  ask_for_key_frame();
}

void ClientVideo::on_picture() {
  std::optional<depthcloud::VideoFrame> picture = newest_.take();
  if (!picture) return;
  depthcloud::FrameTag tag{.capture_ts = std::chrono::duration<double>(picture->time).count()};
  const auto unit = std::find_if(sent_.rbegin(), sent_.rend(),
                                 [&](const Sent& sent) { return sent.time == picture->time; });
  if (unit != sent_.rend()) tag.frame_id = unit->frame_id;
  handlers_.picture(std::move(*picture), tag);
}

/// Asks at once, then with every unit that comes in vain, but not too often.
void ClientVideo::ask_for_key_frame() {
  const auto now = depthcloud::Clock::now();
  if (!is_lost_ || (last_asked_ && now - *last_asked_ < ask_again_after)) return;
  last_asked_ = now;
  ++service_.metrics().key_frames_asked;
  handlers_.key_frame_needed();
}

}  // namespace server
