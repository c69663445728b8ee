// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pass_watch.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <depthcloud/log.hpp>

using depthcloud::PassWatch;
using namespace std::chrono_literals;

TEST_SUITE("pipeline") {
  TEST_CASE("a pass that takes too long is counted and reported once, while it runs") {
    std::string lines;
    PassWatch watch(20ms);
    depthcloud::set_log_callback([&](depthcloud::LogLevel, std::string_view line) {
      lines += std::string(line) + " " + std::to_string(watch.slow_passes()) + ";";
    });
    watch.start();
    CHECK(watch.watch([] { return 5; }) == 5);
    for (int pass = 0; pass < 2; ++pass) {
      watch.watch([&] {
        while (watch.slow_passes() == static_cast<std::uint64_t>(pass)) {
          std::this_thread::sleep_for(1ms);
        }
        std::this_thread::sleep_for(60ms);
        return 0;
      });
    }
    depthcloud::set_log_callback(nullptr);
    CHECK(watch.slow_passes() == 2);
    CHECK(lines ==
          "a pass of the network takes longer than 0.02 s 1;"
          "a pass of the network takes longer than 0.02 s 2;");
  }

  TEST_CASE("a pass that throws is over, and no limit watches nothing") {
    PassWatch watch(20ms);
    watch.start();
    CHECK_THROWS_AS(watch.watch([]() -> int { throw std::runtime_error("no"); }),
                    std::runtime_error);
    std::this_thread::sleep_for(60ms);
    CHECK(watch.slow_passes() == 0);

    PassWatch off(0ms);
    off.start();
    off.watch([] {
      std::this_thread::sleep_for(30ms);
      return 0;
    });
    CHECK(off.slow_passes() == 0);
  }
}
