// SPDX-License-Identifier: Apache-2.0
#include "cloud/voxel_set.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <new>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/point_cloud.hpp>

#include "cloud/sampling.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

/// splitmix64's finaliser over the three indices.
std::size_t hash(const std::array<std::int32_t, 3>& voxel) {
  std::uint64_t bits = 0;
  for (const std::int32_t index : voxel) {
    bits = (bits ^ static_cast<std::uint32_t>(index)) * 0x9e37'79b9'7f4a'7c15;
    bits ^= bits >> 32;
  }
  return static_cast<std::size_t>(bits);
}

}  // namespace

void check_voxel_size(float voxel_size) {
  if (std::isfinite(voxel_size) && voxel_size >= 0) return;
  fail(fmt::format("voxel_size {} is not a number from 0 up", voxel_size));
}

VoxelSet::VoxelSet(float voxel_size, std::size_t most)
    : side_(voxel_size), slots_(std::bit_ceil(2 * most + 1)), mask_(slots_.size() - 1) {
  if (most >= std::numeric_limits<std::uint32_t>::max()) {
    fail(fmt::format("{} points are too many for voxels: at most {}", most,
                     std::numeric_limits<std::uint32_t>::max() - 1));
  }
}

std::int32_t VoxelSet::index(float coordinate) const {
  const double place = std::floor(coordinate / side_);
  if (place >= std::numeric_limits<std::int32_t>::min() &&
      place <= std::numeric_limits<std::int32_t>::max()) {
    return static_cast<std::int32_t>(place);
  }
  if (!std::isfinite(coordinate)) {
    fail(fmt::format("a point with the coordinate {} lies in no voxel", coordinate));
  }
  fail(fmt::format(
      "voxel_size {} is too small for a point with the coordinate {}: take at least {:.3g}",
      static_cast<float>(side_), coordinate, std::abs(coordinate) / 2e9));
}

bool VoxelSet::insert(float x, float y, float z) {
  const Voxel voxel = {index(x), index(y), index(z)};
  for (std::size_t at = hash(voxel) & mask_;; at = (at + 1) & mask_) {
    if (slots_[at] == 0) {
      voxels_.push_back(voxel);
      slots_[at] = static_cast<std::uint32_t>(voxels_.size());
      return true;
    }
    if (voxels_[slots_[at] - 1] == voxel) return false;
  }
}

void thin_voxels(PointCloud& cloud, float voxel_size) try {
  validate(cloud.view());
  check_voxel_size(voxel_size);
  if (voxel_size == 0) fail("voxel_size is 0: a voxel has a side above 0");
  const std::size_t count = cloud.size();
  VoxelSet voxels(voxel_size, count);
  std::vector<std::uint32_t> kept;
  const float* xyz = cloud.positions.data();
  for (std::size_t i = 0; i < count; ++i, xyz += 3) {
    if (voxels.insert(xyz[0], xyz[1], xyz[2])) kept.push_back(static_cast<std::uint32_t>(i));
  }
  for (std::size_t j = 0; j < kept.size(); ++j) move_point(cloud, kept[j], j);
  truncate(cloud, kept.size());
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud,
              fmt::format("no memory for the voxels of {} points", cloud.size()));
}

}  // namespace depthcloud
