// SPDX-License-Identifier: Apache-2.0
// One cloud in every encoding, against Draco on its points and against coders of depth images on
// the same 16-bit levels, for which quantising is not counted. Each row tells bytes a point and the
// mean and greatest distance of a point from where it was, in percent of its distance. Draco gets
// the fewest bits with which its mean is no greater than ours.
#include "compare_encodings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>
#include <png.h>
#include <zstd.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/decode.hpp>
#include <depthcloud/depth_file.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/wire.hpp>

#include "rivals/rvl.hpp"
#include "wire/depth_codec.hpp"
#include "wire/log_depth.hpp"
#ifdef DEPTHCLOUD_BENCH_LZ4
#include <lz4.h>
#endif
#ifdef DEPTHCLOUD_BENCH_DRACO
#include "rivals/draco_points.hpp"
#endif

namespace {

using depthcloud::Axes;
using depthcloud::CloudView;
using depthcloud::DepthGrid;
using depthcloud::Encoding;
using depthcloud::GridColors;
using depthcloud::PointCloud;
using depthcloud::WireFormat;
using Bytes = std::vector<std::uint8_t>;

/// Distances between points and where they were, as shares of the distance from the camera.
struct Deviation {
  double mean = 0;
  double most = 0;
};

Deviation deviation(std::span<const float> restored, std::span<const float> exact) {
  Deviation result;
  for (std::size_t i = 0; i < exact.size(); i += 3) {
    double square = 0, distance = 0;
    for (std::size_t k = i; k < i + 3; ++k) {
      square += std::pow(double{restored[k]} - exact[k], 2);
      distance += std::pow(double{exact[k]}, 2);
    }
    const double share = std::sqrt(square / distance);
    result.mean += share * 3 / static_cast<double>(exact.size());
    result.most = std::max(result.most, share);
  }
  return result;
}

/// One scene, and what each contender makes of it.
struct Scene {
  std::shared_ptr<const DepthGrid> grid;
  PointCloud cloud;                   ///< axes v1
  std::vector<std::uint16_t> levels;  ///< 1 and up; 0 where there is no point
  Deviation of_levels;

  explicit Scene(std::shared_ptr<const DepthGrid> depth_grid) : grid(std::move(depth_grid)) {
    cloud = unproject(*grid, Axes::v1);
    const auto packet = depthcloud::unpack(packed({Encoding::depth, 0.001, GridColors::client}));
    of_levels = deviation(packet.cloud.positions.span(), cloud.positions.span());
    const auto coded = depthcloud::encode_grid(*grid, 0.001);
    levels.resize(grid->size());
    to_levels(grid->depth.span(), coded.scale, levels.data());
    for (std::uint16_t& level : levels) ++level;  // no_level becomes 0
  }

  Bytes packed(const WireFormat& format) const {
    return depthcloud::pack(*grid, {.format = format});
  }
  Bytes packed_points(const WireFormat& format) const {
    return depthcloud::pack(cloud.view(), {.format = format});
  }
};

struct Contender {
  std::string name;
  std::function<Bytes()> encode;
  std::function<void(const Bytes&)> decode;
  Deviation deviation;
};

void add(const std::string& name, std::function<void()> work, std::size_t points, std::size_t bytes,
         const Deviation& off) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) {
                                 for (auto _ : state) work();
                                 state.counters["bytes_per_point"] =
                                     static_cast<double>(bytes) / static_cast<double>(points);
                                 state.counters["mean_error_percent"] = 100 * off.mean;
                                 state.counters["max_error_percent"] = 100 * off.most;
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

template <typename T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

Bytes zstd(std::span<const std::uint8_t> bytes) {
  Bytes out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

#ifdef DEPTHCLOUD_BENCH_LZ4
Bytes lz4(std::span<const std::uint8_t> bytes) {
  Bytes out(static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(bytes.size()))));
  out.resize(static_cast<std::size_t>(LZ4_compress_default(
      reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<char*>(out.data()),
      static_cast<int>(bytes.size()), static_cast<int>(out.size()))));
  return out;
}
#endif

/// A 16-bit gray PNG at zlib's fastest level, libpng choosing each row's filter.
Bytes png16(const std::vector<std::uint16_t>& levels, int columns, int rows) {
  Bytes out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp writer, png_bytep data, png_size_t size) {
        auto* to = static_cast<Bytes*>(png_get_io_ptr(writer));
        to->insert(to->end(), data, data + size);
      },
      nullptr);
  png_set_compression_level(png, 1);
  png_set_IHDR(png, info, static_cast<png_uint_32>(columns), static_cast<png_uint_32>(rows), 16,
               PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  png_set_swap(png);
  for (int row = 0; row < rows; ++row) {
    png_write_row(png,
                  reinterpret_cast<png_const_bytep>(levels.data() + row * std::ptrdiff_t{columns}));
  }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

void read_png16(const Bytes& bytes, std::vector<std::uint16_t>& levels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  png_image_begin_read_from_memory(&image, bytes.data(), bytes.size());
  image.format = PNG_FORMAT_LINEAR_Y;
  png_image_finish_read(&image, nullptr, levels.data(), 0, nullptr);
}

void add_encoding(std::vector<Contender>& contenders, const std::string& name,
                  const std::shared_ptr<const Scene>& scene, const WireFormat& format) {
  // A server has the grid for `depth` and the points for the others: neither is counted.
  const auto encode = [=] {
    return format.encoding == Encoding::depth ? scene->packed(format)
                                              : scene->packed_points(format);
  };
  const auto packet = depthcloud::unpack(encode());
  contenders.push_back({name, encode,
                        [](const Bytes& bytes) {
                          const auto read = depthcloud::unpack(bytes);
                          benchmark::DoNotOptimize(read.cloud.positions.data());
                        },
                        deviation(packet.cloud.positions.span(), scene->cloud.positions.span())});
}

void add_level_coders(std::vector<Contender>& contenders,
                      const std::shared_ptr<const Scene>& scene) {
  const auto levels = std::make_shared<std::vector<std::uint16_t>>(scene->levels.size());
  const auto output = [=] { return reinterpret_cast<char*>(levels->data()); };
  const std::size_t size = 2 * levels->size();
  contenders.push_back(
      {"zstd_1_of_u16", [=] { return zstd(bytes_of(scene->levels)); },
       [=](const Bytes& bytes) { ZSTD_decompress(output(), size, bytes.data(), bytes.size()); },
       scene->of_levels});
#ifdef DEPTHCLOUD_BENCH_LZ4
  contenders.push_back({"lz4_of_u16", [=] { return lz4(bytes_of(scene->levels)); },
                        [=](const Bytes& bytes) {
                          LZ4_decompress_safe(reinterpret_cast<const char*>(bytes.data()), output(),
                                              static_cast<int>(bytes.size()),
                                              static_cast<int>(size));
                        },
                        scene->of_levels});
#endif
  contenders.push_back({"rvl_of_u16",
                        [=] {
                          const auto words = rivals::rvl_encode(scene->levels);
                          const auto bytes = bytes_of(words);
                          return Bytes(bytes.begin(), bytes.end());
                        },
                        [=](const Bytes& bytes) {
                          std::vector<std::uint32_t> words(bytes.size() / 4);
                          std::memcpy(words.data(), bytes.data(), bytes.size());
                          rivals::rvl_decode(words, *levels);
                        },
                        scene->of_levels});
  contenders.push_back(
      {"png16_of_u16",
       [=] { return png16(scene->levels, scene->grid->columns(), scene->grid->rows()); },
       [=](const Bytes& bytes) { read_png16(bytes, *levels); }, scene->of_levels});
}

#ifdef DEPTHCLOUD_BENCH_DRACO
void add_draco(std::vector<Contender>& contenders, const std::shared_ptr<const Scene>& scene) {
  // Speed 10 keeps the order of points and quantises like the others: the error of both.
  const CloudView cloud = scene->cloud.view();
  Deviation off;
  int bits = 7;
  do {
    off = deviation(rivals::draco_decode(rivals::draco_encode(cloud, ++bits, 10, false)),
                    cloud.positions);
  } while (off.mean > scene->of_levels.mean && bits < 20);
  for (const int speed : {7, 10}) {
    for (const bool with_colors : {false, true}) {
      contenders.push_back(
          {"draco_" + std::to_string(bits) + "_bits_speed_" + std::to_string(speed) +
               (with_colors ? "_colors" : ""),
           [=] { return rivals::draco_encode(scene->cloud.view(), bits, speed, with_colors); },
           [](const Bytes& bytes) { benchmark::DoNotOptimize(rivals::draco_decode(bytes).data()); },
           off});
    }
  }
}
#endif

/// 504 x 378: a rolling floor with a ball above it, and noise of 0.2 % of the depth.
std::shared_ptr<const DepthGrid> noisy_grid() {
  auto grid = std::make_shared<DepthGrid>();
  grid->width = 504;
  grid->height = 378;
  grid->intrinsics = depthcloud::Intrinsics::from_fov(60, grid->width, grid->height);
  grid->depth.resize(grid->size());
  grid->colors.resize(3 * grid->size());
  grid->num_points = grid->size();
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 0.002f);
  for (std::size_t i = 0; i < grid->size(); ++i) {
    const auto u = static_cast<float>(i % 504), v = static_cast<float>(i / 504);
    const bool ball = std::hypot(u - 250, v - 190) < 90;
    const float z = 4 + 1.5f * std::sin(u / 90) * std::cos(v / 70) - (ball ? 0.8f : 0.0f);
    grid->depth[i] = z * (1 + noise(random));
    for (std::size_t k = 0; k < 3; ++k) {
      grid->colors[3 * i + k] = static_cast<std::uint8_t>(128 + 60 * std::sin(u / 40 + v / 60));
    }
  }
  return grid;
}

/// The Middlebury motorcycle, whose depth was measured; see motorcycle.py.
std::shared_ptr<const DepthGrid> motorcycle_grid(const std::filesystem::path& folder) {
  const auto depth = depthcloud::read_depth(depthcloud::read_file(folder / "motorcycle.npy"));
  const auto image = depthcloud::decode_image(depthcloud::read_file(folder / "motorcycle.png"));
  depthcloud::CloudBuilder builder;
  return std::make_shared<DepthGrid>(
      builder.build_grid(depthcloud::DepthView{.width = depth.width,
                                               .height = depth.height,
                                               .depth = depth.values.data(),
                                               .intrinsics = {994.978, 994.978, 311.193, 254.877}},
                         image.view()));
}

const bool registered = [] {
  add_wire_scene("noisy_synthetic", noisy_grid());
  if (const char* folder = std::getenv("DEPTHCLOUD_BENCH_MOTORCYCLE")) {
    add_wire_scene("motorcycle_measured", motorcycle_grid(folder));
  }
  return true;
}();

}  // namespace

void add_wire_scene(const std::string& name, std::shared_ptr<const DepthGrid> grid) {
  const auto scene = std::make_shared<const Scene>(std::move(grid));
  std::vector<Contender> contenders;
  add_encoding(contenders, "depthcloud", scene, {Encoding::depth, 0.001, GridColors::client});
  add_encoding(contenders, "depthcloud_colors", scene, {.encoding = Encoding::depth});
  add_encoding(contenders, "depthcloud_f32_colors", scene, {.encoding = Encoding::f32});
  add_encoding(contenders, "depthcloud_q16_colors", scene, {.encoding = Encoding::q16});
  add_level_coders(contenders, scene);
#ifdef DEPTHCLOUD_BENCH_DRACO
  add_draco(contenders, scene);
#endif
  for (const Contender& contender : contenders) {
    const Bytes bytes = contender.encode();
    const std::size_t points = scene->cloud.size();
    add(
        "wire/encode_" + name + "/" + contender.name,
        [encode = contender.encode] { benchmark::DoNotOptimize(encode().data()); }, points,
        bytes.size(), contender.deviation);
    add(
        "wire/decode_" + name + "/" + contender.name,
        [decode = contender.decode, bytes] {
          decode(bytes);
          benchmark::ClobberMemory();
        },
        points, bytes.size(), contender.deviation);
  }
}
