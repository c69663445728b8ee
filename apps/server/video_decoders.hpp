// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <depthcloud/video_decoder.hpp>

#include "seats.hpp"

namespace server {

using VideoCodecs = std::vector<depthcloud::VideoCodec>;

/// Returns the codecs that this machine decodes: tries each, which takes a moment. Thread-safe.
VideoCodecs decodable_codecs();

/// Returns their names, separated by commas.
std::string names_of(const VideoCodecs& codecs);

class SeatedDecoder;

/// What the decoders of all clients share: threads that make and end them, because both take time,
/// a limit on their number, and counters. Thread-safe.
class VideoDecoders {
 public:
  explicit VideoDecoders(std::size_t seats)
      : seats_(seats, "clients send video already: send photos") {}
  /// Waits until all decoders that were given to end() have ended.
  ~VideoDecoders() { threads_.join(); }
  VideoDecoders(const VideoDecoders&) = delete;
  VideoDecoders& operator=(const VideoDecoders&) = delete;

  /// Places for the decoders of clients.
  Seats& seats() { return seats_; }
  const Seats& seats() const { return seats_; }

  /// Runs a function that takes its time, such as one that makes a decoder.
  template <typename Function>
  void run(Function&& function) {
    boost::asio::post(threads_, std::forward<Function>(function));
  }
  /// Ends a decoder on one of the threads.
  void end(std::unique_ptr<SeatedDecoder> decoder) noexcept;

  /// Returns the sum over all decoders since the start.
  depthcloud::VideoDecoderCounters counters() const;

 private:
  friend class SeatedDecoder;
  void add(const depthcloud::VideoDecoder& decoder);
  void forget(const depthcloud::VideoDecoder& decoder) noexcept;

  Seats seats_;
  mutable std::mutex mutex_;
  std::set<const depthcloud::VideoDecoder*> decoders_;
  depthcloud::VideoDecoderCounters ended_;
  boost::asio::thread_pool threads_{2};  // one that hangs does not keep the others up
};

/// A decoder on its seat, counted as long as it lives.
class SeatedDecoder {
 public:
  /// Throws as depthcloud::VideoDecoder does.
  SeatedDecoder(VideoDecoders& decoders, Seat seat, depthcloud::VideoCodec codec,
                depthcloud::VideoDecoderCallbacks callbacks,
                const depthcloud::VideoDecoderOptions& options)
      : decoders_(decoders),
        seat_(std::move(seat)),
        decoder_(codec, std::move(callbacks), options) {
    decoders_.add(decoder_);
  }
  ~SeatedDecoder() { decoders_.forget(decoder_); }
  SeatedDecoder(const SeatedDecoder&) = delete;
  SeatedDecoder& operator=(const SeatedDecoder&) = delete;

  void push(const depthcloud::AccessUnit& unit) { decoder_.push(unit); }

 private:
  VideoDecoders& decoders_;
  Seat seat_;
  depthcloud::VideoDecoder decoder_;
};

}  // namespace server
