// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <doctest/doctest.h>

#include <depthcloud/system_info.hpp>
#include <depthcloud/version.hpp>

TEST_SUITE("torch_model") {
  TEST_CASE("the CPU is always a device, the last one") {
    const auto devices = depthcloud::devices();
    REQUIRE_FALSE(devices.empty());
    CHECK(devices.back().device == depthcloud::Device{});
    for (const auto& device : devices) CHECK_FALSE(device.description.empty());
  }

  TEST_CASE("system info is complete and consistent") {
    const depthcloud::SystemInfo info = depthcloud::query_system_info();
    CHECK(info.depthcloud_version == depthcloud::version());
    CHECK_FALSE(info.torch_version.empty());
    CHECK(info.devices.size() == depthcloud::devices().size());
    CHECK(info.threads >= 1);
    CHECK(info.blas_gflops > 0);
    CHECK(info.onednn_gflops >= 0);
    CHECK_FALSE(info.simd.empty());
    if (info.blas.starts_with('/')) CHECK(std::filesystem::exists(info.blas));
    if (info.onednn_gflops > 0) {
      CHECK(info.blas_is_slow == (info.blas_gflops < info.onednn_gflops / 4));
    }
  }
}
