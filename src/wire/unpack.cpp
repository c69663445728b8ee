// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>
#include <msgpack.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "points are copied as they arrive");

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::pack, message);
}

[[noreturn]] void corrupt(const std::string& message) { fail(ErrorCode::corrupt_data, message); }

enum class Field {
  type,
  timestamp,
  num_points,
  points,
  colors,
  num_views,
  frame_id,
  capture_ts,
  stage_ms,
  encoding
};
constexpr std::array<std::string_view, 10> field_names = {
    "type",      "timestamp", "num_points", "points",   "colors",
    "num_views", "frame_id",  "capture_ts", "stage_ms", "encoding"};

constexpr std::string_view field_name(Field field) {
  return field_names[static_cast<std::size_t>(field)];
}

/// What a key of the message holds; strings and bins point into the message.
struct Absent {};
struct Map {};
struct Other {};
using Binary = std::span<const std::uint8_t>;
using Value = std::variant<Absent, std::uint64_t, double, std::string_view, Binary, Map, Other>;

/// Collects the known keys of the top map from the events of msgpack-cxx's parser, which allocates
/// nothing for what a header claims, and refuses what the limits forbid.
class MessageReader : public msgpack::null_visitor {
 public:
  explicit MessageReader(const UnpackLimits& limits) : limits_(limits) {}

  const Value& operator[](Field field) const { return fields_[static_cast<std::size_t>(field)]; }
  const StageTimes& stage_times() const { return times_; }

  bool visit_nil() { return value(Other{}); }
  bool visit_boolean(bool) { return value(Other{}); }
  bool visit_positive_integer(std::uint64_t number) { return value(number); }
  // Negative; of the known keys only those that hold a float may be.
  bool visit_negative_integer(std::int64_t number) { return value(static_cast<double>(number)); }
  bool visit_float32(float number) { return value(static_cast<double>(number)); }
  bool visit_float64(double number) { return value(number); }
  bool visit_bin(const char* data, std::uint32_t size) {
    return value(Binary(reinterpret_cast<const std::uint8_t*>(data), size));
  }
  bool visit_ext(const char*, std::uint32_t) { return value(Other{}); }
  bool visit_str(const char* data, std::uint32_t size) {
    if (size > limits_.max_string) {
      fail(ErrorCode::limit_exceeded,
           fmt::format("a string of {} bytes is above the limit of {}", size, limits_.max_string));
    }
    const std::string_view text(data, size);
    return in_key_ ? key(text) : value(text);
  }

  bool start_map(std::uint32_t pairs) {
    if (pairs > limits_.max_keys) {
      fail(ErrorCode::limit_exceeded,
           fmt::format("a map of {} keys is above the limit of {}", pairs, limits_.max_keys));
    }
    if (depth_ > 0) value(Map{});
    in_stage_ms_ = in_stage_ms_ || (depth_ == 1 && field_ == Field::stage_ms);
    return enter();
  }
  bool end_map() { return leave(); }
  bool start_array(std::uint32_t) {
    value(Other{});
    return enter();
  }
  bool end_array() { return leave(); }
  bool start_map_key() {
    in_key_ = depth_ == 1 || (depth_ == 2 && in_stage_ms_);
    return true;
  }
  bool end_map_key() {
    in_key_ = false;
    return true;
  }

  void parse_error(std::size_t, std::size_t offset) {
    corrupt(fmt::format("byte {} of the message is not msgpack", offset));
  }
  void insufficient_bytes(std::size_t, std::size_t offset) {
    corrupt(fmt::format("the message is truncated: a value at byte {} does not end", offset));
  }

 private:
  bool enter() {
    if (++depth_ > limits_.max_depth) {
      fail(ErrorCode::limit_exceeded,
           fmt::format("maps and arrays are nested above the limit of {}", limits_.max_depth));
    }
    return true;
  }

  bool leave() {
    if (--depth_ == 1) in_stage_ms_ = false;
    return true;
  }

  bool key(std::string_view text) {
    auto& seen = depth_ == 1 ? keys_ : stage_keys_;
    if (std::ranges::find(seen, text) != seen.end()) {
      corrupt(fmt::format("the key {} stands twice", quote(text)));
    }
    seen.push_back(text);
    if (depth_ == 1) {
      const auto* found = std::ranges::find(field_names, text);
      field_ = static_cast<Field>(found - field_names.begin());
    } else {
      stage_ = 0;
      while (stage_ < timed_stage_count && text != name(static_cast<Stage>(stage_))) ++stage_;
    }
    return true;
  }

  bool value(const Value& value) {
    if (depth_ == 0) corrupt("the message is not a map");
    if (in_key_) corrupt("a key is not a string");
    const auto index = static_cast<std::size_t>(field_);
    if (depth_ == 1 && index < fields_.size()) fields_[index] = value;
    if (depth_ == 2 && in_stage_ms_ && stage_ < timed_stage_count) stage_time(value);
    return true;
  }

  void stage_time(const Value& value) {
    double& ms = times_[static_cast<Stage>(stage_)];
    if (const auto* real = std::get_if<double>(&value)) {
      ms = *real;
    } else if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
      ms = static_cast<double>(*integer);
    } else {
      ms = std::numeric_limits<double>::quiet_NaN();
    }
    if (!std::isfinite(ms)) corrupt("a time in 'stage_ms' is not a finite number");
  }

  const UnpackLimits& limits_;
  std::array<Value, field_names.size()> fields_;
  StageTimes times_{};
  std::vector<std::string_view> keys_;
  std::vector<std::string_view> stage_keys_;
  std::size_t depth_ = 0;
  bool in_key_ = false;       ///< the next value is a key that we look at
  bool in_stage_ms_ = false;  ///< at depth 2: inside the map of the key stage_ms
  Field field_{};             ///< of the last key; past the end for an unknown one
  std::size_t stage_ = 0;     ///< of the last key inside stage_ms; past the end for an unknown one
};

/// The value of a key as a T; nullptr where the key is absent.
template <typename T>
const T* optional(const MessageReader& message, Field field, const char* kind) {
  if (std::holds_alternative<Absent>(message[field])) return nullptr;
  const T* value = std::get_if<T>(&message[field]);
  if (value == nullptr) corrupt(fmt::format("'{}' is not {}", field_name(field), kind));
  return value;
}

template <typename T>
const T& required(const MessageReader& message, Field field, const char* kind) {
  const T* value = optional<T>(message, field, kind);
  if (value == nullptr) corrupt(fmt::format("the key '{}' is missing", field_name(field)));
  return *value;
}

void check_kind(const MessageReader& message) {
  const auto type = required<std::string_view>(message, Field::type, "a string");
  if (type != "pointcloud") {
    fail(ErrorCode::unsupported, fmt::format("a message of type {}", quote(type)));
  }
  const auto* encoding = optional<std::string_view>(message, Field::encoding, "a string");
  if (encoding != nullptr && *encoding != "f32") {
    fail(ErrorCode::unsupported, fmt::format("a cloud in the encoding {}", quote(*encoding)));
  }
}

PointCloud read_cloud(const MessageReader& message, const UnpackLimits& limits) {
  const auto count = required<std::uint64_t>(message, Field::num_points, "a count");
  const auto points = required<Binary>(message, Field::points, "a bin");
  const auto colors = required<Binary>(message, Field::colors, "a bin");
  if (count > limits.max_points) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} points are above the limit of {}", count, limits.max_points));
  }
  constexpr std::size_t point_bytes = 3 * sizeof(float);
  constexpr std::size_t color_bytes = 3;
  if (points.size() % point_bytes != 0 || points.size() / point_bytes != count ||
      colors.size() % color_bytes != 0 || colors.size() / color_bytes != count) {
    corrupt(fmt::format("{} points in {} bytes with {} bytes of colours", count, points.size(),
                        colors.size()));
  }
  const auto* views = optional<std::uint64_t>(message, Field::num_views, "a count");
  if (views != nullptr && *views > std::numeric_limits<int>::max()) {
    corrupt(fmt::format("{} views", *views));
  }

  PointCloud cloud;
  cloud.axes = Axes::v1;
  cloud.num_views = views ? static_cast<int>(*views) : 0;
  cloud.positions.resize(3 * count);
  if (count > 0) std::memcpy(cloud.positions.data(), points.data(), points.size());
  cloud.colors.assign(colors);
  return cloud;
}

std::optional<double> read_capture_ts(const MessageReader& message) {
  if (const auto* integer = std::get_if<std::uint64_t>(&message[Field::capture_ts])) {
    return static_cast<double>(*integer);
  }
  const auto* real = optional<double>(message, Field::capture_ts, "a number");
  if (real == nullptr) return std::nullopt;
  if (!std::isfinite(*real)) corrupt(fmt::format("'capture_ts' is {}", *real));
  return *real;
}

}  // namespace

Packet unpack(std::span<const std::uint8_t> bytes, const UnpackLimits& limits) try {
  if (bytes.size() > limits.max_bytes) {
    fail(ErrorCode::limit_exceeded, fmt::format("a message of {} bytes is above the limit of {}",
                                                bytes.size(), limits.max_bytes));
  }
  MessageReader message(limits);
  std::size_t end = 0;
  msgpack::parse(reinterpret_cast<const char*>(bytes.data()), bytes.size(), end, message);
  if (end != bytes.size()) {
    corrupt(fmt::format("{} bytes follow the message", bytes.size() - end));
  }

  check_kind(message);
  Packet packet;
  packet.timestamp = required<std::string_view>(message, Field::timestamp, "a string");
  packet.cloud = read_cloud(message, limits);
  if (const auto* id = optional<std::uint64_t>(message, Field::frame_id, "a count")) {
    packet.frame_id = *id;
  }
  packet.capture_ts = read_capture_ts(message);
  if (optional<Map>(message, Field::stage_ms, "a map")) packet.stage_ms = message.stage_times();
  return packet;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, "no memory for the message's points");
}

}  // namespace depthcloud
