// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/error.hpp>

#include <string>

#include <doctest/doctest.h>

#include <depthcloud/version.hpp>

using depthcloud::ErrorCode;
using depthcloud::Stage;
using depthcloud::StageTimes;

TEST_SUITE("core") {
  TEST_CASE("every code and stage has a name") {
    for (int code = 1; code <= 11; ++code) {
      CHECK(std::string(to_string(static_cast<ErrorCode>(code))) != "unknown");
    }
    CHECK(std::string(to_string(static_cast<ErrorCode>(12))) == "unknown");
    for (int stage = 0; stage <= static_cast<int>(Stage::control); ++stage) {
      CHECK(std::string(to_string(static_cast<Stage>(stage))) != "unknown");
    }
  }

  TEST_CASE("code values are frozen") {
    CHECK(static_cast<int>(ErrorCode::invalid_argument) == 1);
    CHECK(static_cast<int>(ErrorCode::internal) == 10);
    CHECK(static_cast<int>(ErrorCode::cancelled) == 11);
  }

  TEST_CASE("stage times add up") {
    StageTimes times;
    times[Stage::decode] = 1;
    times[Stage::pack] = 2;
    CHECK(times.total() == 3);
    times[Stage::metric] = 4;
    CHECK(times.total() == 7);
    for (const Stage stage : depthcloud::timed_stages) {
      CHECK(depthcloud::timed_stages[depthcloud::timed_stage_index(stage)] == stage);
    }
    CHECK(depthcloud::timed_stage_index(Stage::load) == depthcloud::timed_stage_count);
  }

  TEST_CASE("the linked version is that of the headers") {
    CHECK(std::string(depthcloud::version()) == DEPTHCLOUD_VERSION);
  }
}
