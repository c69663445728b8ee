// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <msgpack.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "cloud/axis_order.hpp"
#include "depth/pinhole.hpp"
#include "image/jpeg_writer.hpp"
#include "wire/box_points.hpp"
#include "wire/depth_codec.hpp"
#include "wire/flip_signs.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "points leave as they lie in memory");

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::pack, message);
}

/// What turns axes of the same order into `v1` (x right, y up, z forward).
SignMasks signs_to_v1(Axes axes) {
  const auto sign = axis_order(axes, Axes::v1).sign;
  SignMasks masks{};
  for (std::size_t i = 0; i < 3; ++i) masks[i] = sign[i] < 0 ? 0x8000'0000 : 0;
  return masks;
}

/// The points in `v1`.
Buffer<float> positions_in_v1(const CloudView& cloud) {
  Buffer<float> xyz(cloud.positions.size());
  convert_axes(cloud.positions, cloud.axes, Axes::v1, xyz.span());
  return xyz;
}

/// A msgpack stream that only counts, so that the message is allocated once and exactly.
class SizeStream {
 public:
  void write(const char*, std::size_t size) { size_ += size; }
  /// `bytes_each` bytes for each coordinate, made by `convert`.
  template <typename Convert>
  void write_points(std::span<const float> xyz, std::size_t bytes_each, const Convert&) {
    size_ += bytes_each * xyz.size();
  }
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

  /// Converts points a block at a time while they pass through the L1 cache:
  /// convert(coordinates, out) writes `bytes_each` bytes for each.
  template <typename Convert>
  void write_points(std::span<const float> xyz, std::size_t bytes_each, const Convert& convert) {
    alignas(64) std::array<float, 3072> block;  // whole points, 12 KB
    while (!xyz.empty()) {
      const auto part = xyz.first(std::min(block.size(), xyz.size()));
      convert(part, block.data());
      write(reinterpret_cast<const char*>(block.data()), bytes_each * part.size());
      xyz = xyz.subspan(part.size());
    }
  }

  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// msgpack values of this format, into a stream.
template <typename Stream>
class ValueWriter {
 public:
  explicit ValueWriter(Stream& stream) : stream_(stream), packer_(stream) {}

  Stream& stream() { return stream_; }

  void map(std::size_t keys) { packer_.pack_map(static_cast<std::uint32_t>(keys)); }
  void integer(std::uint64_t value) { packer_.pack_uint64(value); }
  void text(std::string_view value) {
    packer_.pack_str(static_cast<std::uint32_t>(value.size()));
    packer_.pack_str_body(value.data(), static_cast<std::uint32_t>(value.size()));
  }
  void binary_header(std::size_t size) { packer_.pack_bin(static_cast<std::uint32_t>(size)); }
  void binary(std::span<const std::uint8_t> bytes) {
    binary_header(bytes.size());
    stream_.write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  /// A float stays a float: msgpack-cxx would write 2.0 as the integer 2, Python does not.
  void float64(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    std::array<char, 9> bytes{'\xcb'};
    for (std::size_t i = 0; i < 8; ++i) bytes[1 + i] = static_cast<char>(bits >> (56 - 8 * i));
    stream_.write(bytes.data(), bytes.size());
  }
  void float64s(std::span<const double> values) {
    packer_.pack_array(static_cast<std::uint32_t>(values.size()));
    for (const double value : values) float64(value);
  }
  void boolean(bool value) { value ? packer_.pack_true() : packer_.pack_false(); }

 private:
  Stream& stream_;
  msgpack::packer<Stream> packer_;
};

/// The key `colors` of a cloud: white if it has none.
template <typename Stream>
void write_colors(ValueWriter<Stream>& writer, const CloudView& cloud) {
  writer.text("colors");
  if (!cloud.colors.empty()) return writer.binary(cloud.colors);
  constexpr std::array<char, 3> white = {'\xff', '\xff', '\xff'};
  writer.binary_header(cloud.positions.size());
  for (std::size_t i = 0; i < cloud.size(); ++i) writer.stream().write(white.data(), white.size());
}

/// The points of a message in `f32`. As of every payload: how many keys it has, those that stand
/// behind num_points, and those that stand last.
struct FloatPayload {
  const CloudView& cloud;

  std::size_t num_points() const { return cloud.size(); }
  int num_views() const { return cloud.num_views; }
  std::size_t keys() const { return 2; }

  template <typename Stream>
  void write_points(ValueWriter<Stream>& writer) const {
    const auto xyz = cloud.positions;
    writer.text("points");
    writer.binary_header(xyz.size_bytes());
    if (cloud.axes == Axes::v1) {
      writer.stream().write(reinterpret_cast<const char*>(xyz.data()), xyz.size_bytes());
    } else {
      writer.stream().write_points(xyz, sizeof(float),
                                   [signs = signs_to_v1(cloud.axes)](auto part, float* out) {
                                     flip_signs(part, signs, out);
                                   });
    }
    write_colors(writer, cloud);
  }

  template <typename Stream>
  void write_encoding(ValueWriter<Stream>&) const {}
};

/// In `q16`.
class BoxPayload {
 public:
  explicit BoxPayload(const CloudView& cloud)
      : cloud_(cloud), signs_(signs_to_v1(cloud.axes)), box_(point_box(cloud.positions, signs_)) {}

  std::size_t num_points() const { return cloud_.size(); }
  int num_views() const { return cloud_.num_views; }
  std::size_t keys() const { return 5; }

  template <typename Stream>
  void write_points(ValueWriter<Stream>& writer) const {
    writer.text("points");
    writer.binary_header(cloud_.positions.size() * sizeof(std::uint16_t));
    writer.stream().write_points(
        cloud_.positions, sizeof(std::uint16_t), [this](auto part, float* out) {
          to_box(part, signs_, box_, reinterpret_cast<std::uint16_t*>(out));
        });
    write_colors(writer, cloud_);
  }

  template <typename Stream>
  void write_encoding(ValueWriter<Stream>& writer) const {
    writer.text("encoding");
    writer.text(to_string(Encoding::q16));
    writer.text("origin");
    writer.float64s(box_.origin);
    writer.text("scale");
    writer.float64(box_.scale);
  }

 private:
  const CloudView& cloud_;
  SignMasks signs_;
  PointBox box_;
};

template <typename Stream>
void write_size(ValueWriter<Stream>& writer, int width, int height) {
  writer.text("width");
  writer.integer(static_cast<std::uint64_t>(width));
  writer.text("height");
  writer.integer(static_cast<std::uint64_t>(height));
}

template <typename Stream>
void write_intrinsics(ValueWriter<Stream>& writer, const Intrinsics& k) {
  writer.text("intrinsics");
  writer.float64s(std::array{k.fx, k.fy, k.cx, k.cy});
}

/// In `depth`.
class GridPayload {
 public:
  GridPayload(const DepthGrid& grid, const WireFormat& format)
      : grid_(grid), coded_(encode_grid(grid, format.relative_error)) {
    if (format.colors == GridColors::jpeg) jpeg_ = encode_colors(grid, format.jpeg_quality);
  }

  std::size_t num_points() const { return coded_.num_points; }
  int num_views() const { return 0; }
  std::size_t keys() const {
    return 9 + static_cast<std::size_t>(!coded_.mask.empty()) +
           static_cast<std::size_t>(!jpeg_.empty());
  }

  template <typename Stream>
  void write_points(ValueWriter<Stream>& writer) const {
    part(writer, "codes", coded_.codes);
    part(writer, "escapes", coded_.escapes);
    if (!coded_.mask.empty()) part(writer, "mask", coded_.mask);
    if (!jpeg_.empty()) part(writer, "colors", jpeg_);
  }

  template <typename Stream>
  void write_encoding(ValueWriter<Stream>& writer) const {
    writer.text("encoding");
    writer.text(to_string(Encoding::depth));
    write_size(writer, grid_.width, grid_.height);
    writer.text("stride");
    writer.integer(static_cast<std::uint64_t>(grid_.stride));
    write_intrinsics(writer, grid_.intrinsics);
    writer.text("near");
    writer.float64(coded_.scale.near);
    writer.text("step");
    writer.float64(coded_.scale.step);
  }

 private:
  static std::vector<std::uint8_t> encode_colors(const DepthGrid& grid, int quality) {
    if (grid.colors.empty()) {
      fail(ErrorCode::invalid_argument,
           "the grid has no colours: take them with set_colors, or leave them to the client");
    }
    const int columns = grid.columns();
    return encode_jpeg({.data = grid.colors.data(),
                        .width = columns,
                        .height = grid.rows(),
                        .stride = std::ptrdiff_t{3} * columns},
                       quality);
  }

  template <typename Stream>
  static void part(ValueWriter<Stream>& writer, std::string_view key,
                   const std::vector<std::uint8_t>& bytes) {
    writer.text(key);
    writer.binary(bytes);
  }

  const DepthGrid& grid_;
  CodedGrid coded_;
  std::vector<std::uint8_t> jpeg_;
};

/// The time of a stage as the message has it.
double milliseconds(Stage stage, const WireOptions& options) {
  if (stage != Stage::pack || !options.pack_since) return (*options.stage_ms)[stage];
  const auto since = std::chrono::steady_clock::now() - *options.pack_since;
  return std::chrono::duration<double, std::milli>(since).count();
}

/// One message into a stream, key after key in the order of the wire format.
template <typename Stream, typename Payload>
void write_message(Stream& stream, const Payload& payload, std::string_view timestamp,
                   const WireOptions& options) {
  ValueWriter writer(stream);
  const bool merged = payload.num_views() > 0;
  writer.map(3 + payload.keys() +
             static_cast<std::size_t>(merged + options.frame_id.has_value() +
                                      options.capture_ts.has_value() +
                                      options.stage_ms.has_value() + options.is_metric.has_value() +
                                      3 * options.camera.has_value()));
  writer.text("type");
  writer.text("pointcloud");
  writer.text("timestamp");
  writer.text(timestamp);
  writer.text("num_points");
  writer.integer(payload.num_points());
  payload.write_points(writer);
  if (merged) {
    writer.text("num_views");
    writer.integer(static_cast<std::uint64_t>(payload.num_views()));
  }
  if (options.frame_id) {
    writer.text("frame_id");
    writer.integer(*options.frame_id);
  }
  if (options.capture_ts) {
    writer.text("capture_ts");
    writer.float64(*options.capture_ts);
  }
  if (options.stage_ms) {
    writer.text("stage_ms");
    const bool has_metric = (*options.stage_ms)[Stage::metric] != 0;  // else there was no such pass
    writer.map(timed_stage_count - (has_metric ? 0 : 1));
    for (const Stage stage : timed_stages) {
      if (stage == Stage::metric && !has_metric) continue;
      writer.text(to_string(stage));
      writer.float64(milliseconds(stage, options));
    }
  }
  if (options.is_metric) {
    writer.text("is_metric");
    writer.boolean(*options.is_metric);
  }
  if (options.camera) {
    write_size(writer, options.camera->width, options.camera->height);
    write_intrinsics(writer, options.camera->intrinsics);
  }
  payload.write_encoding(writer);
}

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
  validate(cloud);
  constexpr std::size_t max_bin = std::numeric_limits<std::uint32_t>::max();
  if (cloud.positions.size_bytes() > max_bin) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} points take {} bytes: a msgpack message holds at most {}", cloud.size(),
                     cloud.positions.size_bytes(), max_bin));
  }
}

void check_numbers(int num_views, const WireOptions& options) {
  if (num_views < 0) {
    fail(ErrorCode::invalid_argument, fmt::format("num_views {} is negative", num_views));
  }
  if (options.capture_ts && !std::isfinite(*options.capture_ts)) {
    fail(ErrorCode::invalid_argument,
         fmt::format("capture_ts {} is not finite", *options.capture_ts));
  }
  if (options.stage_ms && !std::isfinite(options.stage_ms->total())) {
    fail(ErrorCode::invalid_argument,
         fmt::format("stage_ms sums to {}: not finite", options.stage_ms->total()));
  }
  if (!options.camera) return;
  const auto& [width, height, intrinsics] = *options.camera;
  if (width < 1 || height < 1) {
    fail(ErrorCode::invalid_argument, fmt::format("a camera of {} x {} pixels", width, height));
  }
  if (!intrinsics.valid()) fail(ErrorCode::invalid_argument, not_pinhole(intrinsics));
}

template <typename Payload>
std::vector<std::uint8_t> message(const Payload& payload, const WireOptions& options) {
  const Timestamp time = iso8601(options.timestamp);
  const std::string_view timestamp(time.data(), time.size());
  SizeStream counter;
  write_message(counter, payload, timestamp, options);
  ByteStream bytes(counter.size());
  write_message(bytes, payload, timestamp, options);
  return bytes.take();
}

}  // namespace

std::vector<std::uint8_t> pack(const CloudView& cloud, const WireOptions& options) try {
  validate(options.format);
  check_sizes(cloud);
  check_numbers(cloud.num_views, options);
  if (!axis_order(cloud.axes, Axes::v1).keeps_order()) {
    const Buffer<float> xyz = positions_in_v1(cloud);
    return pack(CloudView{xyz.span(), cloud.colors, Axes::v1, cloud.num_views}, options);
  }
  switch (options.format.encoding) {
    case Encoding::f32:
      return message(FloatPayload{cloud}, options);
    case Encoding::q16:
      return message(BoxPayload(cloud), options);
    case Encoding::depth:
      break;
  }
  fail(ErrorCode::invalid_argument,
       "a cloud has lost the grid that the encoding 'depth' sends: pack a DepthGrid");
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for a packet of {} points", cloud.size()));
}

std::vector<std::uint8_t> pack(const DepthGrid& grid, const WireOptions& options) try {
  validate(options.format);
  validate(grid);
  WireOptions of_grid = options;
  of_grid.camera.reset();
  check_numbers(0, of_grid);
  if (options.format.encoding == Encoding::depth) {
    return message(GridPayload(grid, options.format), of_grid);
  }
  of_grid.camera = {grid.width, grid.height, grid.intrinsics};
  const PointCloud cloud = unproject(grid, Axes::v1);
  return pack(cloud.view(), of_grid);
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory,
       fmt::format("no memory for a packet of {} x {} samples", grid.columns(), grid.rows()));
}

}  // namespace depthcloud
