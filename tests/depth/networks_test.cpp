// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>
#include <depthcloud/system_info.hpp>

#include "environment_variable.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

namespace {

/// Names the file of the networks for as long as it lives.
struct NetworksAt : EnvironmentVariable {
  explicit NetworksAt(const char* file) : EnvironmentVariable("DEPTHCLOUD_TORCH_LIBRARY", file) {}
};

std::string error_of_loading(const std::string& source) {
  return error_of([&] { depthcloud::DepthEstimator::load(source); });
}

}  // namespace

// This program has no networks linked in, and opens none.
TEST_SUITE("estimator") {
  TEST_CASE("networks that cannot be opened are unavailable, and say what is wrong") {
    const NetworksAt nowhere("/no/such/library.so");
    const TempDir dir;
    const std::string module = (dir / "some.pt").string();
    std::ofstream(module) << "\1\2\3";  // of no known kind
    std::ofstream(dir / "model.safetensors") << "weights";
    for (const std::string& source : {std::string("builtin"), dir.path().string(), module}) {
      const std::string error = error_of_loading(source);
      CHECK(error.starts_with("unavailable load: the networks cannot be opened: "));
      CHECK(contains(error, "/no/such/library.so"));
    }
  }

  TEST_CASE("a library that does not hold the networks is told by its name") {
    const NetworksAt another("libm.so.6");
    CHECK(contains(error_of_loading("builtin"), "'libm.so.6' does not hold the networks"));
  }

  TEST_CASE("without networks there is the CPU, and what needs none") {
    const NetworksAt nowhere("/no/such/library.so");
    CHECK(error_of_loading("constant") == "nothing");
    for (const char* source : {"no such model", "no such.pt", "no such.safetensors"}) {
      CHECK(error_of_loading(source).starts_with("not_found load: "));
    }
    REQUIRE(depthcloud::devices().size() == 1);
    CHECK(depthcloud::devices().front().device == depthcloud::Device{});
    for (const auto& precision : depthcloud::precisions({})) {
      CHECK(contains(precision.obstacle, "/no/such/library.so"));
    }
    const depthcloud::SystemInfo info = depthcloud::query_system_info();
    CHECK(info.torch_version.empty());
    CHECK_FALSE(info.simd.empty());
    CHECK_FALSE(info.depthcloud_version.empty());
  }
}
