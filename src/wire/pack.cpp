// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <msgpack.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "wire/flip_signs.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "points leave as they lie in memory");

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::pack, message);
}

/// What turns some axes into `v1` (x right, y up, z forward).
SignMasks signs_to_v1(Axes axes) {
  constexpr std::uint32_t flip = 0x8000'0000;
  switch (axes) {
    case Axes::opencv:
      return {0, flip, 0};
    case Axes::opengl:
      return {0, 0, flip};
    case Axes::v1:
      return {0, 0, 0};
  }
  fail(ErrorCode::invalid_argument, "unknown axes");
}

/// A msgpack stream that only counts, so that the message is allocated once and exactly.
class SizeStream {
 public:
  void write(const char*, std::size_t size) { size_ += size; }
  void write_points(const CloudView& cloud) { size_ += cloud.positions.size_bytes(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

/// A msgpack stream into memory that is reserved beforehand and never filled with zeros.
class ByteStream {
 public:
  explicit ByteStream(std::size_t size) { bytes_.reserve(size); }

  void write(const char* data, std::size_t size) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
  }

  void write_points(const CloudView& cloud) {
    if (cloud.axes == Axes::v1) {
      write(reinterpret_cast<const char*>(cloud.positions.data()), cloud.positions.size_bytes());
    } else {
      write_flipped(cloud.positions, signs_to_v1(cloud.axes));
    }
  }

  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  /// Turns points a block at a time while they pass through the L1 cache.
  void write_flipped(std::span<const float> xyz, const SignMasks& signs) {
    alignas(64) std::array<float, 3072> block;  // whole points, 12 KB
    while (!xyz.empty()) {
      const auto part = xyz.first(std::min(block.size(), xyz.size()));
      flip_signs(part, signs, block.data());
      write(reinterpret_cast<const char*>(block.data()), part.size_bytes());
      xyz = xyz.subspan(part.size());
    }
  }

  std::vector<std::uint8_t> bytes_;
};

/// Writes one message into a stream, key after key in the order of the wire format.
template <typename Stream>
class MessageWriter {
 public:
  explicit MessageWriter(Stream& stream) : stream_(stream), packer_(stream) {}

  void write(const CloudView& cloud, std::string_view timestamp, const WireOptions& options) {
    const bool merged = cloud.num_views > 0;
    packer_.pack_map(5 + static_cast<std::uint32_t>(merged + options.frame_id.has_value() +
                                                    options.capture_ts.has_value() +
                                                    options.stage_ms.has_value()));
    text("type");
    text("pointcloud");
    text("timestamp");
    text(timestamp);
    text("num_points");
    packer_.pack_uint64(cloud.size());
    text("points");
    packer_.pack_bin(static_cast<std::uint32_t>(cloud.positions.size_bytes()));
    stream_.write_points(cloud);
    text("colors");
    packer_.pack_bin(static_cast<std::uint32_t>(cloud.colors.size()));
    stream_.write(reinterpret_cast<const char*>(cloud.colors.data()), cloud.colors.size());
    if (merged) {
      text("num_views");
      packer_.pack_uint64(static_cast<std::uint64_t>(cloud.num_views));
    }
    if (options.frame_id) {
      text("frame_id");
      packer_.pack_uint64(*options.frame_id);
    }
    if (options.capture_ts) {
      text("capture_ts");
      float64(*options.capture_ts);
    }
    if (options.stage_ms) {
      text("stage_ms");
      stage_times(*options.stage_ms);
    }
  }

 private:
  void text(std::string_view value) {
    packer_.pack_str(static_cast<std::uint32_t>(value.size()));
    packer_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  }

  /// A float stays a float: msgpack-cxx would write 2.0 as the integer 2, Python does not.
  void float64(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    std::array<char, 9> bytes{'\xcb'};
    for (std::size_t i = 0; i < 8; ++i) bytes[1 + i] = static_cast<char>(bits >> (56 - 8 * i));
    stream_.write(bytes.data(), bytes.size());
  }

  void stage_times(const StageTimes& times) {
    packer_.pack_map(timed_stage_count);
    for (std::size_t i = 0; i < timed_stage_count; ++i) {
      const auto stage = static_cast<Stage>(i);
      text(name(stage));
      float64(times[stage]);
    }
  }

  Stream& stream_;
  msgpack::packer<Stream> packer_;
};

/// "2026-01-31T12:00:00.000000+00:00", without an allocation. The clock's years have four digits.
using Timestamp = std::array<char, 32>;

Timestamp iso8601(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::microseconds>(time - day));
  Timestamp text;
  fmt::format_to_n(text.begin(), text.size(), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00",
                   static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                   static_cast<unsigned>(date.day()), clock.hours().count(),
                   clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
  return text;
}

void check_sizes(const CloudView& cloud) {
  check(cloud);
  constexpr std::size_t max_bin = std::numeric_limits<std::uint32_t>::max();
  if (cloud.positions.size_bytes() > max_bin) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} points take {} bytes: a msgpack message holds at most {}", cloud.size(),
                     cloud.positions.size_bytes(), max_bin));
  }
}

void check_numbers(const CloudView& cloud, const WireOptions& options) {
  if (cloud.num_views < 0) {
    fail(ErrorCode::invalid_argument, fmt::format("num_views {} is negative", cloud.num_views));
  }
  if (options.capture_ts && !std::isfinite(*options.capture_ts)) {
    fail(ErrorCode::invalid_argument,
         fmt::format("capture_ts {} is not finite", *options.capture_ts));
  }
  if (options.stage_ms && !std::isfinite(options.stage_ms->total())) {
    fail(ErrorCode::invalid_argument,
         fmt::format("stage_ms sums to {}: not finite", options.stage_ms->total()));
  }
}

}  // namespace

std::vector<std::uint8_t> pack(const CloudView& cloud, const WireOptions& options) try {
  check_sizes(cloud);
  check_numbers(cloud, options);
  const Timestamp time = iso8601(options.timestamp);
  const std::string_view timestamp(time.data(), time.size());

  SizeStream counter;
  MessageWriter(counter).write(cloud, timestamp, options);
  ByteStream bytes(counter.size());
  MessageWriter(bytes).write(cloud, timestamp, options);
  return bytes.take();
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for a packet of {} points", cloud.size()));
}

}  // namespace depthcloud
