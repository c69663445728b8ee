// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>
#include <thread>

#include <ATen/Parallel.h>

#include "torch_doctest.hpp"

#include <depthcloud/estimator.hpp>

#include "depth/backend/torch_compat.hpp"
#include "depth/estimator_options.hpp"
#include "depth/flat_image.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::DepthEstimator;
using depthcloud::DepthMap;
using depthcloud::DeviceKind;
using depthcloud::EstimatorOptions;
using depthcloud::Image;
using depthcloud::Precision;
using depthcloud::test::in;
using depthcloud::test::on;
using depthcloud::test::with_threads;

namespace {

std::string load_error(const EstimatorOptions& options) {
  return error_of([&] { DepthEstimator::load("builtin", options); });
}

}  // namespace

TEST_SUITE("torch_model") {
  TEST_CASE("a file that is not there") {
    const TempDir dir;
    const std::string no_checkpoint = error_of([&] { DepthEstimator::load(dir.path().string()); });
    CHECK(no_checkpoint.starts_with("not_found load: "));
    CHECK(contains(no_checkpoint, "model.safetensors"));
    for (const char* source : {"no/such.safetensors", "no/such.pt"}) {
      const std::string error = error_of([&] { DepthEstimator::load(source); });
      CHECK(error.starts_with("not_found load: "));
      CHECK(contains(error, source));
    }
  }

  TEST_CASE("a device that is not there") {
    CHECK(load_error(on("cuda:127")).starts_with("unavailable load: "));
    if (depthcloud::torch_compat::cuda_device_count() == 0) {
      CHECK(load_error(on("cuda")).starts_with("unavailable load: no CUDA device"));
    }
    if (!depthcloud::torch_compat::mps_available()) {
      CHECK(load_error(on("mps")).starts_with("unavailable load: no MPS device"));
    }
  }

  TEST_CASE("auto takes the first device that is there") {
    const auto estimator = DepthEstimator::load("builtin");
    const DeviceKind expected = depthcloud::torch_compat::cuda_device_count() > 0 ? DeviceKind::cuda
                                : depthcloud::torch_compat::mps_available()       ? DeviceKind::mps
                                                                                  : DeviceKind::cpu;
    CHECK(estimator.info().device.kind == expected);
    CHECK(DepthEstimator::load("builtin", on("cpu")).info().device.kind == DeviceKind::cpu);
  }

  TEST_CASE("depth lives on the estimator's device") {
    const Image image = flat_image(32, 24);
    for (const char* device : {"cpu", "auto"}) {
      auto estimator = DepthEstimator::load("builtin", on(device));
      const DepthMap depth = estimator.estimate(image.view());
      CHECK(depth.device() == estimator.info().device);
      CHECK(depth.host().depth().size() == 32 * 24);
    }
  }

  TEST_CASE("a precision that does not work on the device is refused") {
    CHECK(load_error(in(Precision::f32)) == "nothing");
    const std::string half = error_of([] { DepthEstimator::load("builtin", in(Precision::f16)); });
    if (TORCH_VERSION_MAJOR < 2) {
      CHECK(half.starts_with("unavailable load: precision f16 does not work on cpu"));
    } else {
      CHECK((half == "nothing" || half.starts_with("unavailable load: precision f16")));
    }
    CHECK(error_of([] { DepthEstimator::load("builtin", in(Precision::int8)); }) ==
          "unavailable load: precision int8 does not work on cpu with LibTorch " +
              depthcloud::torch_compat::version() +
              ": int8 is only for Depth Anything and MoGe; f32 does");
  }

  TEST_CASE("auto is f32 for networks of which no error in other precisions is known") {
    CHECK(DepthEstimator::load("builtin", in(Precision::automatic)).info().precision ==
          Precision::f32);
  }

  TEST_CASE("threads set LibTorch's, and 0 leaves what was set") {
    DepthEstimator::load("builtin", with_threads(2));
    CHECK(at::get_num_threads() == 2);
    DepthEstimator::load("builtin", with_threads(1));
    CHECK(at::get_num_threads() == 1);
    DepthEstimator::load("builtin");
    CHECK(at::get_num_threads() == 1);
    at::set_num_threads(3);
    DepthEstimator::load("builtin");
    CHECK(at::get_num_threads() == 3);
  }
}

// The number of threads is the process's: CMakeLists.txt gives each case one of its own.
TEST_SUITE("threads" * doctest::skip()) {
  TEST_CASE("left alone, LibTorch takes all cores") {
    if (std::getenv("OMP_NUM_THREADS") != nullptr) return;
    DepthEstimator::load("builtin");
    CHECK(at::get_num_threads() == static_cast<int>(std::thread::hardware_concurrency()));
  }

  TEST_CASE("OMP_NUM_THREADS is respected") {
    const char* threads = std::getenv("OMP_NUM_THREADS");
    if (threads == nullptr) return;
    DepthEstimator::load("builtin");
    CHECK(at::get_num_threads() == std::atoi(threads));
  }
}
