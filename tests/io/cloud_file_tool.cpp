// SPDX-License-Identifier: Apache-2.0
// Writes OUT.ply and OUT.pcd of a cloud whose values open3d_reads.py knows: cloud_file_tool OUT
#include <cstdint>
#include <string>
#include <vector>

#include <depthcloud/cloud_file.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  constexpr int count = 1000;
  std::vector<float> positions;
  std::vector<std::uint8_t> colors;
  for (int i = 0; i < 3 * count; ++i) {
    positions.push_back(0.25f * static_cast<float>(i) - 100.0f);
    colors.push_back(static_cast<std::uint8_t>(i * 7 % 256));
  }
  const depthcloud::CloudView cloud{positions, colors, depthcloud::Axes::opengl};
  depthcloud::write_ply(argv[1] + std::string(".ply"), cloud);
  depthcloud::write_pcd(argv[1] + std::string(".pcd"), cloud);
  return 0;
}
