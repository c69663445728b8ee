// SPDX-License-Identifier: Apache-2.0
// Writes messages in every encoding, and what the library itself reads from them, for the readers
// in JavaScript to be held against: wire_messages DIR makes NAME.msgpack and NAME.points (all
// positions as float32, then all colours), and f32.ply and f32.pcd with the points of f32.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/cloud_file.hpp>
#include <depthcloud/depth_grid.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/wire.hpp>

namespace {

using namespace depthcloud;

/// A wavy wall with a step in it. Every 7th pixel has no depth when `holes`.
DepthGrid make_grid(int width, int height, bool holes, const CloudOptions& options) {
  std::vector<float> depth(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  std::vector<std::uint8_t> rgb(3 * depth.size());
  for (int v = 0, i = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u, ++i) {
      const auto at = static_cast<std::size_t>(i);
      depth[at] = (u > width / 2 ? 2.0f : 9.0f) + 0.3f * std::sin(0.1f * static_cast<float>(u + v));
      if (holes && i % 7 == 3) depth[at] = 0;
      rgb[3 * at] = static_cast<std::uint8_t>(255 * u / width);
      rgb[3 * at + 1] = static_cast<std::uint8_t>(255 * v / height);
      rgb[3 * at + 2] = 100;
    }
  }
  return CloudBuilder(options).build_grid(
      DepthView{.width = width,
                .height = height,
                .depth = depth.data(),
                .intrinsics =
                    {.fx = 0.9 * width, .fy = 0.8 * width, .cx = 0.5 * width, .cy = 0.4 * height}},
      {.data = rgb.data(), .width = width, .height = height, .stride = std::ptrdiff_t{3} * width});
}

void write(const std::filesystem::path& folder, const std::string& name, const DepthGrid& grid,
           const WireFormat& format) {
  const auto packet = pack(grid, {.frame_id = 7, .capture_ts = 2.5, .format = format});
  write_file(folder / (name + ".msgpack"), packet);
  const PointCloud cloud = unpack(packet).cloud;
  const auto* positions = reinterpret_cast<const std::uint8_t*>(cloud.positions.data());
  std::vector<std::uint8_t> bytes(positions, positions + sizeof(float) * cloud.positions.size());
  bytes.insert(bytes.end(), cloud.colors.begin(), cloud.colors.end());
  write_file(folder / (name + ".points"), bytes);
  if (name == "f32") {
    write_ply(folder / "f32.ply", cloud.view());
    write_pcd(folder / "f32.pcd", cloud.view());
  }
}

constexpr WireFormat depth_alone{.encoding = Encoding::depth, .colors = GridColors::client};

void write_messages(const std::filesystem::path& folder) {
  const DepthGrid whole = make_grid(101, 67, false, {});
  const DepthGrid holes = make_grid(101, 67, true, {});
  write(folder, "f32", holes, {});
  write(folder, "q16", holes, {.encoding = Encoding::q16});
  write(folder, "depth", whole, depth_alone);
  write(folder, "depth_holes", holes, depth_alone);
  write(folder, "depth_stride", make_grid(101, 67, true, {.stride = 3}), depth_alone);
  write(folder, "depth_pixel", make_grid(1, 1, false, {}), depth_alone);
  write(folder, "depth_empty", make_grid(101, 67, true, {.min_depth = 100}), depth_alone);
  write(folder, "depth_fine", whole,
        {.encoding = Encoding::depth, .relative_error = 0.0001, .colors = GridColors::client});
  write(folder, "depth_jpeg", holes, {.encoding = Encoding::depth, .jpeg_quality = 95});
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  write_messages(argv[1]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
