// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cloud_input.hpp"
#include "commands.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "inputs.hpp"
#include "progress.hpp"
#include "run_each.hpp"
#include "standard_streams.hpp"

namespace cli {
namespace {

using depthcloud::DepthGrid;
using depthcloud::Packet;
using depthcloud::WireOptions;
using TimePoint = std::chrono::system_clock::time_point;

/// Every n-th row and column of a grid.
DepthGrid strided(const DepthGrid& grid, int n) {
  n = std::min(n, std::max(grid.columns(), grid.rows()));
  DepthGrid result;
  result.width = grid.width;
  result.height = grid.height;
  // Beyond the largest int there is one row and one column, whatever the stride.
  result.stride = static_cast<int>(
      std::min<std::int64_t>(std::int64_t{grid.stride} * n, std::numeric_limits<int>::max()));
  result.intrinsics = grid.intrinsics;
  result.depth.resize(result.size());
  result.colors.resize(grid.colors.empty() ? 0 : 3 * result.size());
  std::size_t to = 0;
  for (int row = 0; row < result.rows(); ++row) {
    for (int column = 0; column < result.columns(); ++column, ++to) {
      const std::size_t from = static_cast<std::size_t>(row) * static_cast<std::size_t>(n) *
                                   static_cast<std::size_t>(grid.columns()) +
                               static_cast<std::size_t>(column) * static_cast<std::size_t>(n);
      result.depth[to] = grid.depth[from];
      if (grid.depth[from] > 0) ++result.num_points;
      if (!grid.colors.empty()) std::copy_n(&grid.colors[3 * from], 3, &result.colors[3 * to]);
    }
  }
  return result;
}

/// The time that a message names, as ISO 8601 in UTC with microseconds; nothing for another text.
std::optional<TimePoint> time_of(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;
  int end = 0;
  const int found = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%6u+00:00%n", &year, &month,
                                &day, &hour, &minute, &second, &microsecond, &end);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (found != 7 || end != static_cast<int>(text.size()) || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::microseconds(microsecond);
}

/// What a message said, for the one that is made of it.
WireOptions options_of(const Packet& packet, const depthcloud::WireFormat& format) {
  WireOptions options;
  if (const auto time = time_of(packet.timestamp)) options.timestamp = *time;
  options.frame_id = packet.frame_id;
  options.capture_ts = packet.capture_ts;
  options.stage_ms = packet.stage_ms;
  options.is_metric = packet.is_metric;
  options.camera = packet.camera;
  options.format = format;
  return options;
}

class Converter {
 public:
  Converter(const ConvertCommand& command, Progress& progress)
      : command_(command), progress_(progress) {}

  /// Writes one cloud; the line of its summary.
  std::string convert(const Job& job) {
    const std::string name = job.pair.name().string();
    CloudInput input = decode_cloud(read_input(job.pair.name()));
    Packet& packet = input.packet;
    take_stride(packet, name);
    const bool as_grid = command_.format == CloudFormat::msgpack &&
                         command_.wire.encoding == depthcloud::Encoding::depth;
    if (as_grid && !packet.grid) {
      throw std::runtime_error(
          "--encoding depth needs the grid of a camera, which only a .msgpack in that encoding "
          "has");
    }
    if (packet.grid && packet.grid->colors.empty()) packet.cloud.colors.resize(0);
    if (!as_grid) depthcloud::thin_evenly(packet.cloud, command_.max_points);
    const std::size_t points = as_grid ? packet.grid->num_points : packet.cloud.size();
    if (points == 0) throw std::runtime_error("there is no point");
    if (packet.cloud.colors.empty() && command_.format == CloudFormat::msgpack && !as_grid) {
      progress_.note(name + ": it has no colours: the points of the message are white");
    }
    with_file(job.output, [&] { write(job.output, packet, as_grid); });
    return fmt::format("{}: {} points of a .{} -> {}", name, points, to_string(input.format),
                       job.output.string());
  }

 private:
  void take_stride(Packet& packet, const std::string& name) {
    if (command_.stride == 1) return;
    if (!packet.grid) {
      progress_.note(
          fmt::format("{}: --stride has no effect: points alone have no rows and columns", name));
      return;
    }
    packet.grid = strided(*packet.grid, command_.stride);
    depthcloud::unproject(*packet.grid, packet.cloud.axes, packet.cloud);
  }

  void write(const std::filesystem::path& output, Packet& packet, bool as_grid) const {
    if (command_.format != CloudFormat::msgpack) {
      depthcloud::convert_axes(packet.cloud, command_.axes);
      return write_cloud(output, command_.format, std::as_const(packet.cloud).view());
    }
    WireOptions options = options_of(packet, command_.wire);
    if (!as_grid) return write_output(output, pack(std::as_const(packet.cloud).view(), options));
    if (packet.grid->colors.empty()) options.format.colors = depthcloud::GridColors::client;
    write_output(output, pack(*packet.grid, options));
  }

  const ConvertCommand& command_;
  Progress& progress_;
};

}  // namespace

int run(const ConvertCommand& command) {
  const auto [jobs, left_over] = plan(command);
  if (command.into_folder) make_folder(command.output);
  Progress progress(jobs.size(), command.quiet, is_stream(command.output));
  for (const std::string& line : inert_flags(command)) progress.note(line);
  for (const std::string& line : left_over) progress.note(line);
  Converter converter(command, progress);
  return run_each(jobs, progress, [&](const Job& job) { return converter.convert(job); });
}

}  // namespace cli
