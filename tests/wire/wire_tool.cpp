// SPDX-License-Identifier: Apache-2.0
// Lets the Python tests call pack and unpack:
//   wire_tool pack AXES NUM_VIEWS FRAME_ID|- CAPTURE_TS|- STAGES|-   points and colours on stdin
//   wire_tool grid WIDTH HEIGHT STRIDE ENCODING ERROR COLORS         depth and pixels on stdin
//   wire_tool unpack                                                 a message on stdin
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/wire.hpp>

namespace {

using namespace std::string_literals;

std::vector<std::uint8_t> read_stdin() {
  std::vector<std::uint8_t> bytes;
  for (int c = std::getchar(); c != EOF; c = std::getchar()) {
    bytes.push_back(static_cast<std::uint8_t>(c));
  }
  return bytes;
}

/// 15 bytes a point on stdin: all positions, then all colours.
int pack(char** arguments) {
  const auto payload = read_stdin();
  const std::size_t count = payload.size() / 15;
  std::vector<float> positions(3 * count);
  if (count > 0) std::memcpy(positions.data(), payload.data(), 12 * count);
  const std::vector<std::uint8_t> colors(payload.end() - static_cast<std::ptrdiff_t>(3 * count),
                                         payload.end());
  depthcloud::WireOptions options;
  options.timestamp = std::chrono::sys_days(std::chrono::year(2026) / 11 / 5) +
                      std::chrono::hours(3) + std::chrono::microseconds(42);
  if (arguments[2] != "-"s) options.frame_id = std::stoull(arguments[2]);
  if (arguments[3] != "-"s) options.capture_ts = std::stod(arguments[3]);
  if (arguments[4] != "-"s) {
    options.stage_ms.emplace();
    double ms = 0;
    for (const depthcloud::Stage stage : depthcloud::timed_stages) {
      if (stage == depthcloud::Stage::metric) continue;
      (*options.stage_ms)[stage] = ms;
      ms += std::stod(arguments[4]);
    }
  }
  const auto packet = depthcloud::pack(
      {positions, colors, depthcloud::parse_axes(arguments[0]), std::stoi(arguments[1])}, options);
  return std::fwrite(packet.data(), 1, packet.size(), stdout) == packet.size() ? 0 : 1;
}

/// 7 bytes a pixel on stdin: all depths, then all colours.
int pack_grid(char** arguments) {
  const auto payload = read_stdin();
  const int width = std::stoi(arguments[0]);
  const int height = std::stoi(arguments[1]);
  const std::size_t pixels = payload.size() / 7;
  std::vector<float> depth(pixels);
  std::memcpy(depth.data(), payload.data(), sizeof(float) * pixels);
  depthcloud::CloudBuilder builder({.stride = std::stoi(arguments[2])});
  const depthcloud::DepthGrid grid =
      builder.build_grid(depthcloud::DepthView{.width = width,
                                               .height = height,
                                               .depth = depth.data(),
                                               .intrinsics = {.fx = 0.9 * width,
                                                              .fy = width * 1.0,
                                                              .cx = 0.5 * width,
                                                              .cy = 0.4 * height}},
                         {.data = payload.data() + sizeof(float) * pixels,
                          .width = width,
                          .height = height,
                          .stride = std::ptrdiff_t{3} * width});
  depthcloud::WireOptions options{.timestamp = {}, .frame_id = 7};
  options.format = {.encoding = depthcloud::parse_encoding(arguments[3]),
                    .relative_error = std::stod(arguments[4]),
                    .colors = depthcloud::parse_grid_colors(arguments[5])};
  const auto packet = depthcloud::pack(grid, options);
  return std::fwrite(packet.data(), 1, packet.size(), stdout) == packet.size() ? 0 : 1;
}

int unpack() {
  const auto packet = depthcloud::unpack(read_stdin());
  const auto& cloud = packet.cloud;
  if (!cloud.empty()) {
    std::fwrite(cloud.positions.data(), sizeof(float), cloud.positions.size(), stdout);
    std::fwrite(cloud.colors.data(), 1, cloud.colors.size(), stdout);
  }
  std::printf("%s %d %s %.17g %.17g", packet.timestamp.c_str(), cloud.num_views,
              packet.frame_id ? std::to_string(*packet.frame_id).c_str() : "-",
              packet.capture_ts.value_or(-1),
              packet.stage_ms ? (*packet.stage_ms)[depthcloud::Stage::infer] : -1);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 7 && argv[1] == "pack"s) return pack(argv + 2);
  if (argc == 8 && argv[1] == "grid"s) return pack_grid(argv + 2);
  if (argc == 2 && argv[1] == "unpack"s) return unpack();
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
