// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/unit_decoder.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "core/log.hpp"

namespace depthcloud {
namespace {

/// A time stamp that the decoder carries from a unit to its picture: the time, by which pictures
/// are reordered, and a number that makes it unique among neighbours. Any time of a stranger fits.
GstClockTime stamp_of(std::chrono::microseconds time, std::uint64_t number) {
  constexpr std::uint64_t time_bits = (1ULL << 50) - 1;
  return (static_cast<std::uint64_t>(time.count()) & time_bits) * GST_USECOND +
         number % GST_USECOND;
}

/// A VP8 frame that is never shown, as libvpx's encoder makes them (RFC 6386, 9.1).
bool is_hidden_frame(VideoCodec codec, std::span<const std::uint8_t> data) {
  return codec == VideoCodec::vp8 && (data[0] & 0x10) == 0;
}

}  // namespace

GstUnitDecoder::GstUnitDecoder(VideoCodec codec, VideoDecoderCallbacks callbacks,
                               const VideoDecoderOptions& options)
    : codec_(codec),
      callbacks_(std::move(callbacks)),
      options_(options),
      converter_(options.max_pixels) {
  start_chain();
  decoding_ = std::thread([this] { decode_units(); });
  calling_ = std::thread([this] { call_back(); });
}

GstUnitDecoder::~GstUnitDecoder() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  units_changed_.notify_all();
  results_changed_.notify_all();
  decoding_.join();
  calling_.join();
}

void GstUnitDecoder::push(const AccessUnit& unit) {
  if (unit.data.empty()) {
    throw Error(ErrorCode::corrupt_data, Stage::decode, "an access unit is empty");
  }
  if (unit.data.size() > options_.max_unit_bytes) {
    throw Error(ErrorCode::limit_exceeded, Stage::decode,
                fmt::format("an access unit has {} bytes, more than {}", unit.data.size(),
                            options_.max_unit_bytes));
  }
  Unit taken{.data = {unit.data.begin(), unit.data.end()},
             .is_key = unit.is_key,
             .is_hidden = is_hidden_frame(codec_, unit.data),
             .stamp = 0,
             .time = unit.time,
             .captured = unit.captured,
             .number = 0};
  const std::lock_guard lock(mutex_);
  ++counters_.units;
  if (unit.is_key) {
    needs_key_ = false;
    keyless_since_.reset();
  }
  if (!needs_key_ && waiting_.size() >= options_.max_waiting) {
    counters_.dropped += waiting_.size();
    counters_.waiting -= waiting_.size();
    waiting_.clear();
    if (!unit.is_key) lose_track();
  }
  if (needs_key_) {
    drop_for_want_of_key();
    return;
  }
  waiting_.push_back(std::move(taken));
  ++counters_.waiting;
  units_changed_.notify_one();
}

/// Units are dropped from now on, until one is a key frame.
void GstUnitDecoder::lose_track() {
  needs_key_ = true;
  keyless_since_.reset();
}

void GstUnitDecoder::drop_for_want_of_key() {
  ++counters_.dropped;
  const Clock::time_point now = Clock::now();
  if (!keyless_since_) {
    keyless_since_ = now;
    asks_for_key_ = true;
    results_changed_.notify_one();
  } else if (now - *keyless_since_ > options_.max_keyless) {
    keyless_since_ = now;
    report(Error(ErrorCode::corrupt_data, Stage::decode,
                 fmt::format("no key frame came for {:.1f} s",
                             std::chrono::duration<double>(options_.max_keyless).count())));
  }
}

void GstUnitDecoder::report(const Error& error) {
  // One for each loss of track: more than a few wait only if a callback does not return.
  constexpr std::size_t most_errors = 16;
  if (errors_.size() >= most_errors) errors_.pop_front();
  errors_.push_back(error);
  results_changed_.notify_one();
}

VideoDecoderCounters GstUnitDecoder::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void GstUnitDecoder::decode_units() {
  while (true) {
    Unit unit;
    {
      std::unique_lock lock(mutex_);
      units_changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
      if (is_stopping_) return;
      unit = std::move(waiting_.front());
      waiting_.pop_front();
    }
    decode(std::move(unit));
  }
}

void GstUnitDecoder::decode(Unit&& unit) {
  const std::vector<std::uint8_t> data = std::move(unit.data);
  {
    const std::lock_guard lock(mutex_);
    unit.number = entered_++;
    unit.stamp = stamp_of(unit.time, unit.number);
    inside_.push_back(unit);
  }
  try {
    if (chain_ == nullptr) start_chain();
    chain_->push(data, unit.stamp, unit.is_key);
    check_progress();
  } catch (const Error& error) {
    give_up(error);
  } catch (const std::bad_alloc&) {
    give_up(Error(ErrorCode::out_of_memory, Stage::decode, "no memory for an access unit"));
  }
}

/// A picture came out: that of the unit with its stamp, else of the one that is inside for longest.
void GstUnitDecoder::take(DecodedPicture&& picture) {
  const std::lock_guard lock(mutex_);
  auto unit = std::ranges::find(inside_, picture.stamp, &Unit::stamp);
  if (unit == inside_.end()) unit = inside_.begin();
  if (unit == inside_.end()) return;  // a second picture of one unit
  // The first picture tells whether the stream is reordered: its parameters are.
  if (!has_picture_) comes_at_once_ = unit->number + 1 == entered_;
  has_picture_ = true;
  if (newest_) ++counters_.replaced;
  newest_ = Picture{std::move(picture), unit->time, unit->captured, counters_.decoded};
  ++counters_.decoded;
  --counters_.waiting;
  inside_.erase(unit);
  results_changed_.notify_one();
}

/// Decoders pass over what they cannot read without a word: a unit fails whose picture has not come
/// when those that the codec may show before it have.
void GstUnitDecoder::check_progress() {
  const std::lock_guard lock(mutex_);
  std::erase_if(inside_, [this](const Unit& unit) {
    if (unit.is_hidden) {
      ++counters_.decoded;
      --counters_.waiting;
    }
    return unit.is_hidden;
  });
  if (inside_.empty()) return;
  const std::uint64_t later = entered_ - 1 - inside_.front().number;
  if (later >= patience()) {
    throw Error(ErrorCode::corrupt_data, Stage::decode, "an access unit gives no picture");
  }
}

/// Units after which the picture of one must have come.
std::uint64_t GstUnitDecoder::patience() const {
  constexpr std::uint64_t most_reordered = 16;  // H.264; the other codecs show a picture a unit
  const bool may_reorder = codec_ == VideoCodec::h264 && !comes_at_once_;
  return may_reorder || chain_->is_hardware() ? most_reordered : 0;
}

/// Begins anew with the next key frame. The oldest unit inside has failed; the others, and those
/// that wait for it, are of no use without it.
void GstUnitDecoder::give_up(const Error& error) {
  chain_.reset();
  const std::lock_guard lock(mutex_);
  if (!inside_.empty()) {
    ++counters_.failed;
    counters_.dropped += inside_.size() - 1;
    counters_.waiting -= inside_.size();
    inside_.clear();
  }
  const auto key = std::ranges::find(waiting_, true, &Unit::is_key);
  const auto useless = static_cast<std::uint64_t>(key - waiting_.begin());
  counters_.dropped += useless;
  counters_.waiting -= useless;
  waiting_.erase(waiting_.begin(), key);
  if (waiting_.empty()) {
    lose_track();
    keyless_since_ = Clock::now();
    asks_for_key_ = true;
  }
  has_picture_ = comes_at_once_ = false;
  report(error);
}

void GstUnitDecoder::start_chain() {
  chain_ = std::make_unique<DecoderChain>(
      codec_, options_.max_pixels, [this](DecodedPicture&& picture) { take(std::move(picture)); });
}

void GstUnitDecoder::call_back() {
  while (true) {
    std::optional<Picture> picture;
    std::deque<Error> errors;
    bool asks_for_key = false;
    {
      std::unique_lock lock(mutex_);
      results_changed_.wait(
          lock, [this] { return is_stopping_ || newest_ || !errors_.empty() || asks_for_key_; });
      if (is_stopping_) return;
      picture = std::exchange(newest_, std::nullopt);
      errors = std::exchange(errors_, {});
      asks_for_key = std::exchange(asks_for_key_, false);
    }
    if (asks_for_key && callbacks_.key_frame_needed) guarded(callbacks_.key_frame_needed);
    for (const Error& error : errors) tell_failed(error);
    if (picture) deliver(std::move(*picture));
  }
}

void GstUnitDecoder::deliver(Picture&& picture) {
  VideoFrame frame;
  try {
    frame.image = converter_.convert(picture.decoded.buffer.get(), picture.decoded.info,
                                     Orientation::top_left);
  } catch (const Error& error) {
    tell_failed(error);
    return;
  } catch (const std::bad_alloc&) {
    tell_failed(Error(ErrorCode::out_of_memory, Stage::decode, "no memory for a picture"));
    return;
  }
  frame.time = picture.time;
  frame.index = picture.index;
  frame.captured = picture.captured;
  picture.decoded.buffer.reset();
  guarded([&] { callbacks_.picture(std::move(frame)); });
}

void GstUnitDecoder::tell_failed(const Error& error) {
  if (callbacks_.failed) guarded([&] { callbacks_.failed(error); });
}

template <typename Call>
void GstUnitDecoder::guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log(LogLevel::warning, fmt::format("a callback of a video decoder threw: {}", error.what()));
  } catch (...) {
    log(LogLevel::warning, "a callback of a video decoder threw what is no std::exception");
  }
}

}  // namespace depthcloud
