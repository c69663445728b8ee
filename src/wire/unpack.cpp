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

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "core/quote.hpp"
#include "depth/pinhole.hpp"
#include "wire/box_points.hpp"
#include "wire/depth_codec.hpp"
#include "wire/encodings.hpp"

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
  encoding,
  origin,
  scale,
  codes,
  escapes,
  mask,
  width,
  height,
  stride,
  intrinsics,
  near,
  step,
  is_metric
};
constexpr std::array<std::string_view, 22> field_names = {
    "type",       "timestamp",  "num_points", "points",   "colors", "num_views",
    "frame_id",   "capture_ts", "stage_ms",   "encoding", "origin", "scale",
    "codes",      "escapes",    "mask",       "width",    "height", "stride",
    "intrinsics", "near",       "step",       "is_metric"};

constexpr std::string_view field_name(Field field) {
  return field_names[static_cast<std::size_t>(field)];
}

/// What a key of the message holds; strings and bins point into the message.
struct Absent {};
struct Map {};
struct Other {};
using Binary = std::span<const std::uint8_t>;
/// An array of up to four numbers; `size` is the array's own.
struct Numbers {
  std::array<double, 4> values{};
  std::size_t size = 0;
};
using Value = std::variant<Absent, bool, std::uint64_t, double, std::string_view, Binary, Map,
                           Numbers, Other>;

/// Collects the known keys of the top map from the events of msgpack-cxx's parser, which allocates
/// nothing for what a header claims, and refuses what the limits forbid.
class MessageReader : public msgpack::null_visitor {
 public:
  explicit MessageReader(const UnpackLimits& limits) : limits_(limits) {}

  const Value& operator[](Field field) const { return fields_[static_cast<std::size_t>(field)]; }
  const StageTimes& stage_times() const { return times_; }

  bool visit_nil() { return value(Other{}); }
  bool visit_boolean(bool truth) { return value(truth); }
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
  bool start_array(std::uint32_t size) {
    value(Numbers{.size = size});
    numbers_ = depth_ == 1 ? known_field() : nullptr;
    number_ = 0;
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
    if (--depth_ == 1) {
      in_stage_ms_ = false;
      numbers_ = nullptr;
    }
    return true;
  }

  /// The value of the last key of the top map; nullptr for a key that is not known.
  Value* known_field() {
    const auto index = static_cast<std::size_t>(field_);
    return index < fields_.size() ? &fields_[index] : nullptr;
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
      while (stage_ < timed_stage_count && text != to_string(timed_stages[stage_])) ++stage_;
    }
    return true;
  }

  bool value(const Value& value) {
    if (depth_ == 0) corrupt("the message is not a map");
    if (in_key_) corrupt("a key is not a string");
    if (depth_ == 1 && known_field() != nullptr) *known_field() = value;
    if (depth_ == 2 && in_stage_ms_ && stage_ < timed_stage_count) stage_time(value);
    if (depth_ == 2 && numbers_ != nullptr) element(value, std::get<Numbers>(*numbers_));
    return true;
  }

  void element(const Value& value, Numbers& numbers) {
    double number = std::numeric_limits<double>::quiet_NaN();
    if (const auto* real = std::get_if<double>(&value)) number = *real;
    if (const auto* integer = std::get_if<std::uint64_t>(&value)) {
      number = static_cast<double>(*integer);
    }
    if (number_ < numbers.values.size()) numbers.values[number_] = number;
    ++number_;
  }

  void stage_time(const Value& value) {
    double& ms = times_[timed_stages[stage_]];
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
  Value* numbers_ = nullptr;  ///< at depth 2: the array that we are in, of a known key
  std::size_t number_ = 0;    ///< of the next element of that array
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

/// A number of any msgpack kind, finite; `what` names it in errors.
double finite(double number, std::string_view what) {
  if (!std::isfinite(number)) corrupt(fmt::format("'{}' is not finite", what));
  return number;
}

double number(const MessageReader& message, Field field) {
  if (const auto* integer = std::get_if<std::uint64_t>(&message[field])) {
    return static_cast<double>(*integer);
  }
  return finite(required<double>(message, field, "a number"), field_name(field));
}

template <std::size_t count>
std::array<double, count> numbers(const MessageReader& message, Field field) {
  const auto& array = required<Numbers>(message, field, "an array of numbers");
  if (array.size != count) {
    corrupt(
        fmt::format("'{}' holds {} values in place of {}", field_name(field), array.size, count));
  }
  std::array<double, count> result{};
  for (std::size_t i = 0; i < count; ++i) result[i] = finite(array.values[i], field_name(field));
  return result;
}

/// A size of a grid, at least 1 and small enough for products with it.
int extent(const MessageReader& message, Field field) {
  const auto value = required<std::uint64_t>(message, field, "a count");
  constexpr std::uint64_t most = 1 << 24;
  if (value < 1 || value > most) {
    corrupt(fmt::format("'{}' is {}, not from 1 to {}", field_name(field), value, most));
  }
  return static_cast<int>(value);
}

Encoding read_encoding(const MessageReader& message) {
  const auto type = required<std::string_view>(message, Field::type, "a string");
  if (type != "pointcloud") {
    fail(ErrorCode::unsupported, fmt::format("a message of type {}", quote(type)));
  }
  const auto* encoding = optional<std::string_view>(message, Field::encoding, "a string");
  if (encoding == nullptr) return Encoding::f32;
  if (const auto known = encodings.find(*encoding)) return *known;
  fail(ErrorCode::unsupported, fmt::format("a cloud in the encoding {}", quote(*encoding)));
}

std::size_t read_count(const MessageReader& message, const UnpackLimits& limits) {
  const auto count = required<std::uint64_t>(message, Field::num_points, "a count");
  if (count > limits.max_points) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} points are above the limit of {}", count, limits.max_points));
  }
  return count;
}

/// Points of `coordinate_bytes` a coordinate, and the colours beside them.
struct Payload {
  std::size_t count;
  Binary points;
  Binary colors;
};

Payload read_payload(const MessageReader& message, std::size_t coordinate_bytes,
                     const UnpackLimits& limits) {
  const Payload payload{read_count(message, limits),
                        required<Binary>(message, Field::points, "a bin"),
                        required<Binary>(message, Field::colors, "a bin")};
  const auto& [count, points, colors] = payload;
  const std::size_t point_bytes = 3 * coordinate_bytes;
  constexpr std::size_t color_bytes = 3;
  if (points.size() % point_bytes != 0 || points.size() / point_bytes != count ||
      colors.size() % color_bytes != 0 || colors.size() / color_bytes != count) {
    corrupt(fmt::format("{} points in {} bytes with {} bytes of colours", count, points.size(),
                        colors.size()));
  }
  return payload;
}

PointCloud read_floats(const MessageReader& message, const UnpackLimits& limits) {
  const Payload payload = read_payload(message, sizeof(float), limits);
  PointCloud cloud;
  cloud.positions.resize(3 * payload.count);
  if (payload.count > 0) {
    std::memcpy(cloud.positions.data(), payload.points.data(), payload.points.size());
  }
  cloud.colors.assign(payload.colors);
  return cloud;
}

PointCloud read_box(const MessageReader& message, const UnpackLimits& limits) {
  const Payload payload = read_payload(message, sizeof(std::uint16_t), limits);
  const PointBox box{numbers<3>(message, Field::origin), number(message, Field::scale)};
  constexpr double largest = std::numeric_limits<float>::max();
  for (const double corner : box.origin) {
    if (!(box.scale > 0 && corner >= -largest && corner + 65535 * box.scale <= largest)) {
      corrupt(fmt::format("a box from {} in steps of {}", corner, box.scale));
    }
  }
  PointCloud cloud;
  cloud.positions.resize(3 * payload.count);
  from_box(payload.points, box, cloud.positions.data());
  cloud.colors.assign(payload.colors);
  return cloud;
}

/// The grid's colours from their JPEG, which may hold no more pixels than the grid.
void read_colors(Binary jpeg, DepthGrid& grid) {
  Image image;
  try {
    image = decode_jpeg(jpeg, {.apply_orientation = false,
                               .apply_color_profile = false,
                               .max_pixels = static_cast<std::int64_t>(grid.size())});
  } catch (const Error& error) {
    if (error.code() == ErrorCode::out_of_memory) throw std::bad_alloc();
    corrupt(fmt::format("'colors': {}", error.what()));
  }
  if (image.width() != grid.columns() || image.height() != grid.rows()) {
    corrupt(fmt::format("colours of {} x {} for a grid of {} x {}", image.width(), image.height(),
                        grid.columns(), grid.rows()));
  }
  grid.colors.assign({image.data(), 3 * grid.size()});
}

Intrinsics read_intrinsics(const MessageReader& message) {
  const auto [fx, fy, cx, cy] = numbers<4>(message, Field::intrinsics);
  const Intrinsics k{fx, fy, cx, cy};
  if (!k.valid()) corrupt(not_pinhole(k));
  return k;
}

DepthGrid read_grid(const MessageReader& message, const UnpackLimits& limits) {
  DepthGrid grid;
  grid.width = extent(message, Field::width);
  grid.height = extent(message, Field::height);
  grid.stride = extent(message, Field::stride);
  if (grid.size() > limits.max_points) {
    fail(ErrorCode::limit_exceeded, fmt::format("a grid of {} x {} pixels is above the limit of {}",
                                                grid.columns(), grid.rows(), limits.max_points));
  }
  grid.intrinsics = read_intrinsics(message);
  const auto* mask = optional<Binary>(message, Field::mask, "a bin");
  decode_grid({.scale = {number(message, Field::near), number(message, Field::step)},
               .num_points = read_count(message, limits),
               .mask = mask ? *mask : Binary(),
               .has_mask = mask != nullptr,
               .codes = required<Binary>(message, Field::codes, "a bin"),
               .escapes = required<Binary>(message, Field::escapes, "a bin")},
              grid);
  if (const auto* jpeg = optional<Binary>(message, Field::colors, "a bin")) {
    read_colors(*jpeg, grid);
  }
  return grid;
}

/// The camera of a cloud; none if the message has only a part of it.
std::optional<PacketCamera> read_camera(const MessageReader& message) {
  for (const Field field : {Field::width, Field::height, Field::intrinsics}) {
    if (std::holds_alternative<Absent>(message[field])) return std::nullopt;
  }
  return PacketCamera{extent(message, Field::width), extent(message, Field::height),
                      read_intrinsics(message)};
}

int read_num_views(const MessageReader& message) {
  const auto* views = optional<std::uint64_t>(message, Field::num_views, "a count");
  if (views == nullptr) return 0;
  if (*views > std::numeric_limits<int>::max()) corrupt(fmt::format("{} views", *views));
  return static_cast<int>(*views);
}

/// The points, and the grid that they came in, if they did.
void read_cloud(const MessageReader& message, const UnpackLimits& limits, Packet& packet) {
  switch (packet.encoding) {
    case Encoding::f32:
      packet.cloud = read_floats(message, limits);
      break;
    case Encoding::q16:
      packet.cloud = read_box(message, limits);
      break;
    case Encoding::depth:
      packet.grid = read_grid(message, limits);
      packet.cloud = unproject(*packet.grid, Axes::v1);
      break;
  }
  packet.cloud.axes = Axes::v1;
  packet.cloud.num_views = read_num_views(message);
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

  Packet packet;
  packet.encoding = read_encoding(message);
  packet.timestamp = required<std::string_view>(message, Field::timestamp, "a string");
  read_cloud(message, limits, packet);
  if (const auto* id = optional<std::uint64_t>(message, Field::frame_id, "a count")) {
    packet.frame_id = *id;
  }
  packet.capture_ts = read_capture_ts(message);
  packet.camera = read_camera(message);
  if (const auto* metric = optional<bool>(message, Field::is_metric, "a boolean")) {
    packet.is_metric = *metric;
  }
  if (optional<Map>(message, Field::stage_ms, "a map")) packet.stage_ms = message.stage_times();
  return packet;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, "no memory for the message's points");
}

}  // namespace depthcloud
