// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/buffer.hpp>
#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/files.hpp>

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "records are written as they lie");

/// The points in other axes one after the other, each with its normal and then its colour behind it
/// if the cloud has such.
template <std::size_t ColorBytes, typename WriteColor>
Buffer<std::uint8_t> interleave(const CloudView& cloud, Axes axes, WriteColor write_color) {
  constexpr std::size_t xyz_bytes = 3 * sizeof(float);
  const bool colored = !cloud.colors.empty();
  const bool has_normals = !cloud.normals.empty();
  const std::size_t color_at = has_normals ? 2 * xyz_bytes : xyz_bytes;
  const std::size_t record_size = color_at + (colored ? ColorBytes : 0);
  Buffer<std::uint8_t> records(cloud.size() * record_size);
  std::uint8_t* record = records.data();
  std::array<float, 3072> block;  // whole points, converted while they pass through the L1 cache
  std::array<float, 3072> normals;
  std::size_t first = 0;
  do {  // once at least: axes that do not exist are an error of an empty cloud too
    const auto part =
        cloud.positions.subspan(first, std::min(block.size(), cloud.positions.size() - first));
    convert_axes(part, cloud.axes, axes, std::span(block).first(part.size()));
    if (has_normals) {
      convert_axes(cloud.normals.subspan(first, part.size()), cloud.axes, axes,
                   std::span(normals).first(part.size()));
    }
    for (std::size_t i = 0; i < part.size(); i += 3, record += record_size) {
      std::memcpy(record, block.data() + i, xyz_bytes);
      if (has_normals) std::memcpy(record + xyz_bytes, normals.data() + i, xyz_bytes);
      if (colored) write_color(record + color_at, cloud.colors.data() + first + i);
    }
    first += part.size();
  } while (first < cloud.positions.size());
  return records;
}

/// Whether a file has fields of colours: also of an empty cloud.
bool has_colors(const CloudView& cloud) { return cloud.size() == 0 || !cloud.colors.empty(); }

/// A file in its two parts.
struct CloudFile {
  std::string header;
  Buffer<std::uint8_t> records;

  std::array<std::span<const std::uint8_t>, 2> parts() const {
    return {std::span(reinterpret_cast<const std::uint8_t*>(header.data()), header.size()),
            records.span()};
  }
  std::vector<std::uint8_t> bytes() const {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(header.size() + records.size());
    for (const auto part : parts()) bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
  }
};

[[noreturn]] void fail_memory(const CloudView& cloud) {
  throw Error(ErrorCode::out_of_memory, Stage::file,
              fmt::format("no memory for a file of {} points", cloud.size()));
}

// The format: G. Turk, "The PLY Polygon File Format", 1994.
CloudFile ply_of(const CloudView& cloud, Axes axes) {
  validate(cloud);
  std::string header = fmt::format(
      "ply\n"
      "format binary_little_endian 1.0\n"
      "comment axes {}\n"
      "element vertex {}\n"
      "property float x\n"
      "property float y\n"
      "property float z\n"
      "{}{}"
      "end_header\n",
      to_string(axes), cloud.size(),
      cloud.normals.empty() ? "" : "property float nx\nproperty float ny\nproperty float nz\n",
      has_colors(cloud) ? "property uchar red\nproperty uchar green\nproperty uchar blue\n" : "");
  return {std::move(header),
          interleave<3>(cloud, axes, [](std::uint8_t* color, const std::uint8_t* rgb) {
            std::memcpy(color, rgb, 3);
          })};
}

/// The lines of a PCD header that describe its fields, all of them of four bytes.
std::string pcd_fields(bool has_normals, bool colored) {
  std::string names = "x y z";
  if (has_normals) names += " normal_x normal_y normal_z";
  if (colored) names += " rgb";
  const auto each = [&](const char* value) {
    std::string line;
    for (std::ptrdiff_t i = 0; i <= std::count(names.begin(), names.end(), ' '); ++i) {
      line.append(" ").append(value);
    }
    return line;
  };
  return fmt::format("FIELDS {}\nSIZE{}\nTYPE{}\nCOUNT{}\n", names, each("4"), each("F"),
                     each("1"));
}

// The format: https://pointclouds.org/documentation/tutorials/pcd_file_format.html. `rgb` is an
// integer 0x00RRGGBB in the place of a float, as PCL's PointXYZRGB has it.
CloudFile pcd_of(const CloudView& cloud, Axes axes) {
  validate(cloud);
  std::string header = fmt::format(
      "# .PCD v0.7 - Point Cloud Data file format\n"
      "# axes {}\n"
      "VERSION 0.7\n"
      "{}"
      "WIDTH {}\n"
      "HEIGHT 1\n"
      "VIEWPOINT 0 0 0 1 0 0 0\n"
      "POINTS {}\n"
      "DATA binary\n",
      to_string(axes), pcd_fields(!cloud.normals.empty(), has_colors(cloud)), cloud.size(),
      cloud.size());
  return {std::move(header),
          interleave<4>(cloud, axes, [](std::uint8_t* color, const std::uint8_t* rgb) {
            const std::array<std::uint8_t, 4> bgr0 = {rgb[2], rgb[1], rgb[0], 0};
            std::memcpy(color, bgr0.data(), bgr0.size());
          })};
}

PointCloud read_cloud(const std::filesystem::path& path, std::uint64_t max_bytes,
                      PointCloud (*decode)(std::span<const std::uint8_t>)) {
  const std::vector<std::uint8_t> bytes = read_file(path, max_bytes);
  try {
    return decode(bytes);
  } catch (const Error& error) {
    throw Error(error.code(), error.stage(), fmt::format("'{}': {}", path.string(), error.what()));
  }
}

}  // namespace

void write_ply(const std::filesystem::path& path, const CloudView& cloud, Axes axes) try {
  const CloudFile file = ply_of(cloud, axes);
  write_file(path, file.parts());
} catch (const std::bad_alloc&) {
  fail_memory(cloud);
}

void write_pcd(const std::filesystem::path& path, const CloudView& cloud, Axes axes) try {
  const CloudFile file = pcd_of(cloud, axes);
  write_file(path, file.parts());
} catch (const std::bad_alloc&) {
  fail_memory(cloud);
}

std::vector<std::uint8_t> encode_ply(const CloudView& cloud, Axes axes) try {
  return ply_of(cloud, axes).bytes();
} catch (const std::bad_alloc&) {
  fail_memory(cloud);
}

std::vector<std::uint8_t> encode_pcd(const CloudView& cloud, Axes axes) try {
  return pcd_of(cloud, axes).bytes();
} catch (const std::bad_alloc&) {
  fail_memory(cloud);
}

PointCloud read_ply(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return read_cloud(path, max_bytes, decode_ply);
}

PointCloud read_pcd(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return read_cloud(path, max_bytes, decode_pcd);
}

}  // namespace depthcloud
