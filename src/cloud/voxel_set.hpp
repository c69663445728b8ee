// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace depthcloud {

/// Throws Error{invalid_argument, stage cloud} unless this is a side of a voxel, or 0: off.
void check_voxel_size(float voxel_size);

/// The voxels that points lie in: cubes with a corner at the origin. Open addressing with linear
/// probing, because a set of nodes spends most of its time on their allocation. Thread-safety: one
/// thread at a time.
class VoxelSet {
 public:
  /// `voxel_size` is above 0; `most` points will be inserted at most.
  VoxelSet(float voxel_size, std::size_t most);

  /// Whether no point that was inserted before lies in the same voxel. Throws
  /// Error{invalid_argument, stage cloud} for a coordinate that is not finite, or so large that its
  /// voxel cannot be counted.
  bool insert(float x, float y, float z);

 private:
  using Voxel = std::array<std::int32_t, 3>;

  std::int32_t index(float coordinate) const;

  double side_;
  std::vector<std::uint32_t> slots_;  ///< 1 + place in voxels_; 0: free
  std::size_t mask_;
  std::vector<Voxel> voxels_;
};

}  // namespace depthcloud
