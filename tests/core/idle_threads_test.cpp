// SPDX-License-Identifier: Apache-2.0
#include "core/idle_threads.hpp"

#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "environment_variable.hpp"

namespace {

constexpr const char* not_loaded = "libno-such-openmp.so";

std::string spin_count() {
  const char* const set = std::getenv("GOMP_SPINCOUNT");
  return set != nullptr ? set : "";
}

}  // namespace

// That OpenMP obeys is a test of the command line with a network.
TEST_SUITE("core") {
  TEST_CASE("idle threads: a setting unless the user made one, and nothing else changes") {
    const EnvironmentVariable other("DEPTHCLOUD_TEST_VARIABLE", "kept");
    const EnvironmentVariable spin("GOMP_SPINCOUNT", nullptr);
    const EnvironmentVariable policy("OMP_WAIT_POLICY", nullptr);
    SUBCASE("none") {
      depthcloud::let_idle_threads_sleep(not_loaded);
      CHECK(spin_count() == "10000");
      depthcloud::let_idle_threads_sleep(not_loaded);
      CHECK(spin_count() == "10000");
    }
    SUBCASE("GOMP_SPINCOUNT") {
      const EnvironmentVariable own("GOMP_SPINCOUNT", "5");
      depthcloud::let_idle_threads_sleep(not_loaded);
      CHECK(spin_count() == "5");
    }
    SUBCASE("OMP_WAIT_POLICY") {
      const EnvironmentVariable own("OMP_WAIT_POLICY", "active");
      depthcloud::let_idle_threads_sleep(not_loaded);
      CHECK(spin_count().empty());
    }
    SUBCASE("OpenMP is loaded") {
      depthcloud::let_idle_threads_sleep("libc.so.6");
      CHECK(spin_count().empty());
    }
    CHECK(std::string(std::getenv("DEPTHCLOUD_TEST_VARIABLE")) == "kept");
  }
}
