// SPDX-License-Identifier: Apache-2.0
// One frame's cloud (378 x 504 at stride 2) to a wire message and back, against a bare copy of its
// 15 bytes a point into memory that is already there, and against msgpack-cxx as its tutorial has
// it. Python's msgpack is in rivals/wire_python.py; other encodings are in compare_encodings.cpp.
#include <benchmark/benchmark.h>
#include <msgpack.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <depthcloud/wire.hpp>

namespace {

using depthcloud::Axes;

constexpr std::size_t points = 47'628;
constexpr std::size_t xyz_bytes = points * 3 * sizeof(float);
constexpr std::size_t rgb_bytes = points * 3;

struct Cloud {
  std::vector<float> positions;
  std::vector<std::uint8_t> colors;
  depthcloud::CloudView view(Axes axes) const { return {positions, colors, axes}; }
};

Cloud random_cloud() {
  Cloud cloud;
  std::mt19937 random(1);
  std::normal_distribution<float> position;
  for (std::size_t i = 0; i < 3 * points; ++i) {
    cloud.positions.push_back(position(random));
    cloud.colors.push_back(static_cast<std::uint8_t>(random()));
  }
  return cloud;
}

template <typename Work>
void add(const std::string& name, Work work) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [work](benchmark::State& state) mutable {
                                 for (auto _ : state) work();
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

msgpack::sbuffer pack_with_msgpack_cxx(const Cloud& cloud) {
  msgpack::sbuffer buffer;
  msgpack::packer packer(buffer);
  packer.pack_map(5);
  packer.pack("type");
  packer.pack("pointcloud");
  packer.pack("timestamp");
  packer.pack("2026-01-31T12:00:00.000000+00:00");
  packer.pack("num_points");
  packer.pack(points);
  packer.pack("points");
  packer.pack_bin(xyz_bytes);
  packer.pack_bin_body(reinterpret_cast<const char*>(cloud.positions.data()), xyz_bytes);
  packer.pack("colors");
  packer.pack_bin(rgb_bytes);
  packer.pack_bin_body(reinterpret_cast<const char*>(cloud.colors.data()), rgb_bytes);
  return buffer;
}

/// Finds the two bins by their size: less than a reader of the format must do.
void unpack_with_msgpack_cxx(const std::vector<std::uint8_t>& message, std::uint8_t* out) {
  const auto handle =
      msgpack::unpack(reinterpret_cast<const char*>(message.data()), message.size());
  for (const auto& [key, value] : handle->as<std::map<std::string, msgpack::object>>()) {
    if (value.type != msgpack::type::BIN) continue;
    std::memcpy(out, value.via.bin.ptr, value.via.bin.size);
    out += value.via.bin.size;
  }
}

void add_pack(const std::shared_ptr<const Cloud>& cloud) {
  const std::string workload = "wire/pack_47628/";
  add(workload + "depthcloud",
      [=] { benchmark::DoNotOptimize(depthcloud::pack(cloud->view(Axes::v1)).data()); });
  add(workload + "depthcloud_opencv_axes",
      [=] { benchmark::DoNotOptimize(depthcloud::pack(cloud->view(Axes::opencv)).data()); });
  add(workload + "depthcloud_q16", [=] {
    const depthcloud::WireOptions options{.format = {.encoding = depthcloud::Encoding::q16}};
    benchmark::DoNotOptimize(depthcloud::pack(cloud->view(Axes::opencv), options).data());
  });
  add(workload + "msgpack_cxx_sbuffer",
      [=] { benchmark::DoNotOptimize(pack_with_msgpack_cxx(*cloud).data()); });
  add(workload + "memcpy", [=, copy = std::vector<std::uint8_t>(xyz_bytes + rgb_bytes)]() mutable {
    std::memcpy(copy.data(), cloud->positions.data(), xyz_bytes);
    std::memcpy(copy.data() + xyz_bytes, cloud->colors.data(), rgb_bytes);
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  });
}

void add_unpack(const Cloud& cloud) {
  const std::string workload = "wire/unpack_47628/";
  const auto message =
      std::make_shared<const std::vector<std::uint8_t>>(depthcloud::pack(cloud.view(Axes::v1)));
  add(workload + "depthcloud",
      [=] { benchmark::DoNotOptimize(depthcloud::unpack(*message).cloud.positions.data()); });
  add(workload + "msgpack_cxx",
      [=, copy = std::vector<std::uint8_t>(xyz_bytes + rgb_bytes)]() mutable {
        unpack_with_msgpack_cxx(*message, copy.data());
        benchmark::DoNotOptimize(copy.data());
        benchmark::ClobberMemory();
      });
  add(workload + "memcpy", [=, copy = std::vector<std::uint8_t>(xyz_bytes + rgb_bytes)]() mutable {
    std::memcpy(copy.data(), message->data(), copy.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  });
}

const bool registered = [] {
  const auto cloud = std::make_shared<const Cloud>(random_cloud());
  add_pack(cloud);
  add_unpack(*cloud);
  return true;
}();

}  // namespace
