// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "video/gstreamer/decoder_chain.hpp"
#include "video/gstreamer/rgb_converter.hpp"
#include "video/video_library.hpp"

namespace depthcloud {

/// A VideoDecoder on GStreamer. One thread decodes every unit; another converts the newest picture
/// and calls back.
class GstUnitDecoder final : public UnitDecoder {
 public:
  GstUnitDecoder(VideoCodec codec, VideoDecoderCallbacks callbacks,
                 const VideoDecoderOptions& options);
  ~GstUnitDecoder() override;
  GstUnitDecoder(const GstUnitDecoder&) = delete;
  GstUnitDecoder& operator=(const GstUnitDecoder&) = delete;

  void push(const AccessUnit& unit) override;
  VideoDecoderCounters counters() const override;

 private:
  /// A unit on its way to a picture.
  struct Unit {
    std::vector<std::uint8_t> data;
    bool is_key = false;
    bool is_hidden = false;  // decoded for others, never shown
    GstClockTime stamp = 0;
    std::chrono::microseconds time{};
    Clock::time_point captured;
    std::uint64_t number = 0;  // among all that entered the decoder
  };
  struct Picture {
    DecodedPicture decoded;
    std::chrono::microseconds time{};
    Clock::time_point captured;
    std::uint64_t index = 0;
  };

  // With the mutex held.
  void lose_track();
  void drop_for_want_of_key();
  void report(const Error& error);

  void decode_units();
  void decode(Unit&& unit);
  void start_chain();
  void take(DecodedPicture&& picture);
  void check_progress();
  std::uint64_t patience() const;
  void give_up(const Error& error);

  void call_back();
  void deliver(Picture&& picture);
  void tell_failed(const Error& error);
  template <typename Call>
  static void guarded(Call&& call);

  VideoCodec codec_;
  VideoDecoderCallbacks callbacks_;
  VideoDecoderOptions options_;
  RgbConverter converter_;               // of the thread that calls back
  std::unique_ptr<DecoderChain> chain_;  // of the thread that decodes

  mutable std::mutex mutex_;  // of all below
  std::condition_variable units_changed_;
  std::condition_variable results_changed_;
  bool is_stopping_ = false;
  VideoDecoderCounters counters_{};
  std::deque<Unit> waiting_;  // for the decoder
  std::deque<Unit> inside_;   // of the decoder, without their data
  std::uint64_t entered_ = 0;
  bool has_picture_ = false;    // one came out of the decoder
  bool comes_at_once_ = false;  // and it was that of the newest unit
  // The state of push(), which sees the units first.
  bool needs_key_ = true;
  std::optional<Clock::time_point> keyless_since_;
  // What is to be called back.
  std::optional<Picture> newest_;
  std::deque<Error> errors_;
  bool asks_for_key_ = false;

  std::thread decoding_;
  std::thread calling_;
};

}  // namespace depthcloud
