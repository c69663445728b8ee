// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

namespace {

/// The program's strings are UTF-8, whatever the locale.
std::filesystem::path to_path(const char* path) {
  const std::string text = &object(path, "path");
  return std::u8string(text.begin(), text.end());
}

/// How a file begins tells its format; what is neither is no PLY file.
PointCloud decode_cloud(std::span<const std::uint8_t> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const char* start : {"# .PCD", "VERSION", "FIELDS"}) {
    if (text.starts_with(start)) return decode_pcd(bytes);
  }
  return decode_ply(bytes);
}

PointCloud read_cloud(const std::filesystem::path& path, std::uint64_t max_bytes) {
  const std::vector<std::uint8_t> bytes = read_file(path, max_bytes);
  try {
    return decode_cloud(bytes);
  } catch (const Error& error) {
    throw Error(error.code(), error.stage(), "'" + path.string() + "': " + error.what());
  }
}

void build(dcl_cloud_builder& builder, const dcl_depth_view& depth, const dcl_image_view* image,
           PointCloud& out) {
  const auto any_depth = to_cpp(depth);
  if (image == nullptr) {
    return std::visit([&](const auto& view) { builder.builder.build(view, out); }, any_depth);
  }
  const Pixels pixels(*image);
  std::visit([&](const auto& view) { builder.builder.build(view, pixels.view(), out); }, any_depth);
}

}  // namespace

dcl_status dcl_cloud_builder_create(const dcl_cloud_options* options, dcl_cloud_builder** builder,
                                    dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud_builder*& out = object(builder, "builder");
    out = new dcl_cloud_builder{CloudBuilder(to_cpp(options))};
  });
}

dcl_status dcl_cloud_builder_build(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                   const dcl_image_view* image, dcl_cloud** cloud, dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud*& out = object(cloud, "cloud");
    auto built = std::make_unique<dcl_cloud>();
    build(object(builder, "builder"), object(depth, "depth"), image, built->cloud);
    out = built.release();
  });
}

dcl_status dcl_cloud_builder_rebuild(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                     const dcl_image_view* image, dcl_cloud* cloud,
                                     dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud_builder& with = object(builder, "builder");
    build(with, object(depth, "depth"), image, object(cloud, "cloud").cloud);
  });
}

void dcl_cloud_builder_free(dcl_cloud_builder* builder) { delete builder; }

dcl_status dcl_cloud_get_view(const dcl_cloud* cloud, dcl_cloud_view* view, dcl_error* err) {
  return guard(err, [&] {
    const PointCloud& points = object(cloud, "cloud").cloud;
    write(writable(view, "dcl_cloud_view"), to_c(points.view()));
  });
}

void dcl_cloud_free(dcl_cloud* cloud) { delete cloud; }

dcl_status dcl_cloud_merge(const dcl_cloud_view* const* views, const double* extrinsics,
                           size_t count, const dcl_merge_options* options, dcl_cloud** cloud,
                           dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud*& out = object(cloud, "cloud");
    std::vector<RegisteredCloud> registered;
    for (const dcl_cloud_view* view : pointers(views, count, "views")) {
      const double* numbers = &object(extrinsics, "extrinsics") + 12 * registered.size();
      registered.push_back({to_cpp(object(view, "view")), to_extrinsics(numbers)});
    }
    out = new dcl_cloud{merge(registered, to_cpp(options))};
  });
}

dcl_status dcl_cloud_write_file(const char* path, const dcl_cloud_view* cloud,
                                const dcl_cloud_file_options* options, dcl_error* err) {
  return guard(err, [&] {
    const CloudFileOptions file = to_cpp(options);
    const auto write = file.is_pcd ? write_pcd : write_ply;
    write(to_path(path), to_cpp(object(cloud, "cloud")), file.axes);
  });
}

dcl_status dcl_cloud_write_ply(const char* path, const dcl_cloud_view* cloud, dcl_error* err) {
  return guard(err, [&] { write_ply(to_path(path), to_cpp(object(cloud, "cloud"))); });
}

dcl_status dcl_cloud_write_pcd(const char* path, const dcl_cloud_view* cloud, dcl_error* err) {
  return guard(err, [&] { write_pcd(to_path(path), to_cpp(object(cloud, "cloud"))); });
}

dcl_status dcl_cloud_read_file(const char* path, uint64_t max_bytes, dcl_cloud** cloud,
                               dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud*& out = object(cloud, "cloud");
    constexpr std::uint64_t largest = std::uint64_t{4} << 30;
    out = new dcl_cloud{read_cloud(to_path(path), max_bytes != 0 ? max_bytes : largest)};
  });
}
