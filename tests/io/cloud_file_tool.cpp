// SPDX-License-Identifier: Apache-2.0
// Lets open3d_reads.py call the cloud files:
//   cloud_file_tool write OUT   OUT.ply and OUT.pcd of a cloud whose values the script knows
//   cloud_file_tool read FILE   the coordinates as raw float32, then the colours, on stdout; exit
//   code 3 where the build lacks a library
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>

namespace {

int write(const std::string& out) {
  constexpr int count = 1000;
  std::vector<float> positions;
  std::vector<std::uint8_t> colors;
  for (int i = 0; i < 3 * count; ++i) {
    positions.push_back(0.25f * static_cast<float>(i) - 100.0f);
    colors.push_back(static_cast<std::uint8_t>(i * 7 % 256));
  }
  const depthcloud::CloudView cloud{positions, colors, depthcloud::Axes::opengl};
  depthcloud::write_ply(out + ".ply", cloud);
  depthcloud::write_pcd(out + ".pcd", cloud);
  return 0;
}

int read(const std::filesystem::path& path) {
  const depthcloud::PointCloud cloud =
      path.extension() == ".pcd" ? depthcloud::read_pcd(path) : depthcloud::read_ply(path);
  std::fwrite(cloud.positions.data(), sizeof(float), cloud.positions.size(), stdout);
  if (!cloud.colors.empty()) std::fwrite(cloud.colors.data(), 1, cloud.colors.size(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  return argv[1] == std::string("write") ? write(argv[2]) : read(argv[2]);
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.code() == depthcloud::ErrorCode::unavailable ? 3 : 1;
}
