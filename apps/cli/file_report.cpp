// SPDX-License-Identifier: Apache-2.0
#include "file_report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/photo_reader.hpp>
#include <depthcloud/recording.hpp>

#include "cloud_input.hpp"
#include "known_depth.hpp"
#include "standard_streams.hpp"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;
using Bytes = std::span<const std::uint8_t>;

/// The lowest and the highest corner of the points that are finite; null without one.
Json bounds_of(const depthcloud::PointCloud& cloud) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::array<float, 3> low{infinity, infinity, infinity};
  std::array<float, 3> high{-infinity, -infinity, -infinity};
  for (std::size_t i = 0; i < cloud.positions.size(); ++i) {
    const float value = cloud.positions[i];
    if (!std::isfinite(value)) continue;
    low[i % 3] = std::min(low[i % 3], value);
    high[i % 3] = std::max(high[i % 3], value);
  }
  if (low[0] > high[0]) return nullptr;
  return {{"min", low}, {"max", high}};
}

Json points_of(const depthcloud::PointCloud& cloud) {
  return {{"points", cloud.size()}, {"bounds", bounds_of(cloud)}, {"axes", to_string(cloud.axes)}};
}

Json camera_of(const depthcloud::PacketCamera& camera) {
  const depthcloud::Intrinsics& k = camera.intrinsics;
  return {{"width", camera.width},
          {"height", camera.height},
          {"fx", k.fx},
          {"fy", k.fy},
          {"cx", k.cx},
          {"cy", k.cy}};
}

Json stage_ms_of(const depthcloud::StageTimes& times) {
  Json report = Json::object();
  for (const depthcloud::Stage stage : depthcloud::timed_stages) {
    if (stage == depthcloud::Stage::metric && times[stage] == 0) continue;
    report[to_string(stage)] = times[stage];
  }
  return report;
}

/// What a message says beside its points.
Json message_report(const depthcloud::Packet& packet) {
  Json report = {{"encoding", to_string(packet.encoding)}};
  report.update(points_of(packet.cloud));
  report["timestamp"] = packet.timestamp;
  if (packet.cloud.num_views > 0) report["num_views"] = packet.cloud.num_views;
  if (packet.grid) {
    report["grid"] = {{"columns", packet.grid->columns()},
                      {"rows", packet.grid->rows()},
                      {"stride", packet.grid->stride},
                      {"colors", packet.grid->colors.empty() ? "client" : "jpeg"}};
  }
  if (packet.camera) report["camera"] = camera_of(*packet.camera);
  if (packet.is_metric) report["is_metric"] = *packet.is_metric;
  if (packet.frame_id) report["frame_id"] = *packet.frame_id;
  if (packet.capture_ts) report["capture_ts"] = *packet.capture_ts;
  if (packet.stage_ms) report["stage_ms"] = stage_ms_of(*packet.stage_ms);
  return report;
}

Json cloud_report(Bytes bytes) {
  const CloudInput input = decode_cloud(bytes);
  Json report = {{"format", to_string(input.format)}, {"bytes", bytes.size()}};
  report.update(input.format == CloudFormat::msgpack ? message_report(input.packet)
                                                     : points_of(input.packet.cloud));
  if (input.format != CloudFormat::msgpack) report["colors"] = !input.packet.cloud.colors.empty();
  return report;
}

/// Of the first message of a recording; what is wrong with it does not concern the others.
Json first_report(Bytes message) {
  try {
    return message_report(unpack_own(message));
  } catch (const depthcloud::Error& error) {
    return {{"problem", error.what()}};
  }
}

Json recording_report(depthcloud::RecordingReader& reader) {
  Json report = {{"format", "recording"}};
  std::map<std::uint64_t, std::uint64_t> streams;
  std::uint64_t bytes = 0;
  std::chrono::microseconds last{};
  Json first;
  for (depthcloud::RecordedMessage message; reader.next(message);) {
    if (reader.num_messages() == 1) first = first_report(message.bytes);
    ++streams[message.stream];
    bytes += message.bytes.size();
    last = std::max(last, message.time);
  }
  const auto started = std::chrono::time_point_cast<std::chrono::seconds>(reader.started());
  report["started"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}Z",
                                  fmt::gmtime(std::chrono::system_clock::to_time_t(started)));
  report["seconds"] = std::chrono::duration<double>(last).count();
  report["messages"] = reader.num_messages();
  report["message_bytes"] = bytes;
  report["streams"] = Json::array();
  for (const auto& [stream, messages] : streams) {
    report["streams"].push_back({{"stream", stream}, {"messages", messages}});
  }
  report["end"] = to_string(reader.end());
  if (!reader.problem().empty()) report["problem"] = reader.problem();
  if (!first.is_null()) report["first"] = first;
  return report;
}

Json depth_report(Bytes bytes) {
  depthcloud::DepthFileOptions options = KnownDepth{}.file;
  options.kind = depthcloud::DepthKind::z;
  const depthcloud::Plane plane = depthcloud::read_depth(bytes, options);
  std::size_t count = 0;
  float nearest = std::numeric_limits<float>::max();
  float farthest = 0;
  for (const float value : plane.values) {
    if (!(value > 0) || std::isinf(value)) continue;
    ++count;
    nearest = std::min(nearest, value);
    farthest = std::max(farthest, value);
  }
  Json report = {{"format", "depth"},
                 {"bytes", bytes.size()},
                 {"width", plane.width},
                 {"height", plane.height},
                 {"pixels_with_depth", count}};
  if (count > 0) report["range"] = {nearest, farthest};
  return report;
}

Json photo_report(Bytes bytes) {
  const depthcloud::PhotoInfo info = depthcloud::PhotoReader(bytes).info();
  Json report = {{"format", "photo"},
                 {"bytes", bytes.size()},
                 {"width", info.width},
                 {"height", info.height},
                 {"orientation", info.orientation}};
  if (info.focal_px > 0) report["focal_px"] = info.focal_px;
  return report;
}

/// Depth of 16 bits in a PNG; of other formats the photo is tried first.
bool is_depth_png(Bytes bytes) {
  constexpr std::string_view mark = "\x89PNG";
  constexpr std::size_t bits = 24, color_type = 25;  // of IHDR
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with(mark) && bytes.size() > color_type && bytes[bits] == 16 &&
         bytes[color_type] == 0;
}

Json picture_report(Bytes bytes) {
  if (is_depth_png(bytes)) return depth_report(bytes);
  try {
    return photo_report(bytes);
  } catch (const depthcloud::Error& of_photo) {
    try {
      return depth_report(bytes);
    } catch (const depthcloud::Error& of_depth) {
      // Which of the two it should be, is known where only one of them does not read its kind.
      if (of_depth.code() != depthcloud::ErrorCode::unsupported) throw;
    }
    throw;
  }
}

/// Reads as many bytes as tell what a file is.
std::vector<std::uint8_t> start_of(const std::filesystem::path& file) {
  std::array<char, 16> start{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(start.data(), start.size());
  return {start.begin(), start.begin() + stream.gcount()};
}

Json report_of(const std::filesystem::path& file) {
  // A recording may be larger than memory.
  if (!is_stream(file) && contents_of(start_of(file)) == Contents::recording) {
    depthcloud::RecordingReader reader(file);
    return recording_report(reader);
  }
  const std::vector<std::uint8_t> bytes = read_input(file);
  switch (contents_of(bytes)) {
    case Contents::recording: {
      depthcloud::RecordingReader reader{Bytes(bytes)};
      return recording_report(reader);
    }
    case Contents::other:
      return picture_report(bytes);
    default:
      return cloud_report(bytes);
  }
}

}  // namespace

Json file_report(const std::filesystem::path& file) {
  Json report = {{"file", file.string()}};
  report.update(report_of(file));
  return report;
}

}  // namespace cli
