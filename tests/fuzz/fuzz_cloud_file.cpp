// SPDX-License-Identifier: Apache-2.0
// Cloud files, by both readers.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>

namespace {

/// What is read is finite, at most as large as its file allows, and can be written and read again.
void check(const depthcloud::PointCloud& cloud, std::size_t file_size) {
  depthcloud::validate(cloud.view());
  for (const float value : cloud.positions) {
    if (!std::isfinite(value)) std::abort();
  }
  constexpr std::size_t most_points_a_byte = 88 / 3 + 1;  // of compressed records of three bytes
  if (cloud.size() > most_points_a_byte * file_size) std::abort();
  const auto again = depthcloud::decode_ply(depthcloud::encode_ply(cloud.view(), cloud.axes));
  if (again.size() != cloud.size() || again.axes != cloud.axes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  for (const auto decode : {depthcloud::decode_ply, depthcloud::decode_pcd}) {
    try {
      check(decode(bytes), size);
    } catch (const depthcloud::Error&) {
    }
  }
  return 0;
}
