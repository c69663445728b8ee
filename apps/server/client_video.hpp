// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <depthcloud/error.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/video_decoder.hpp>

#include "newest_picture.hpp"
#include "video_decoders.hpp"
#include "video_unit.hpp"

namespace server {

class Service;

/// The video that one client sends. Its decoder is made and ended elsewhere, and never waited for.
/// Thread-safety: the server's thread only.
class ClientVideo : public std::enable_shared_from_this<ClientVideo> {
 public:
  /// Are called until end(), on the server's thread.
  struct Handlers {
    std::function<void()> ready;  ///< units may come
    std::function<void(depthcloud::VideoFrame&&, const depthcloud::FrameTag&)> picture;
    std::function<void()> key_frame_needed;
    std::function<void(const depthcloud::Error&)> failed;
  };

  ClientVideo(Service& service, depthcloud::VideoCodec codec, Seat seat);
  ClientVideo(const ClientVideo&) = delete;
  ClientVideo& operator=(const ClientVideo&) = delete;

  /// Makes the decoder. To be called once.
  void start(Handlers handlers);
  /// Calls no handler any more, and ends the decoder. Must be called before the last pointer goes.
  void end() noexcept;

  bool is_ready() const { return decoder_ != nullptr; }
  /// The decoder is being made.
  bool is_starting() const { return is_starting_; }
  const Seat& seat() const { return seat_; }

  /// Takes a unit. `frame_id`: its number among the frames of the client. Throws as
  /// depthcloud::VideoDecoder::push().
  void push(const VideoUnit& unit, std::uint64_t frame_id);

 private:
  struct Sent {
    std::chrono::microseconds time;
    std::uint64_t frame_id;
  };
  void make();
  depthcloud::VideoDecoderCallbacks callbacks();
  template <typename Function>
  void post(Function&& function);
  void on_made(std::unique_ptr<SeatedDecoder> decoder);
  void report(const depthcloud::Error& error) noexcept;
  void on_picture();
  void ask_for_key_frame();

  Service& service_;
  const depthcloud::VideoCodec codec_;
  const Seat seat_;
  Handlers handlers_;
  bool is_starting_ = false;
  bool has_ended_ = false;
  std::unique_ptr<SeatedDecoder> decoder_;
  NewestPicture newest_;
  std::deque<Sent> sent_;  // the last units, whose pictures may still come
  bool is_lost_ = false;   // a key frame is needed and has not come
  std::optional<depthcloud::Clock::time_point> last_asked_;
};

}  // namespace server
