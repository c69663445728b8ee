// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/device.hpp>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::Device;
using depthcloud::DeviceKind;
using depthcloud::parse_device;

TEST_SUITE("core") {
  TEST_CASE("device names round-trip") {
    for (const char* text : {"cpu", "mps", "cuda:0", "cuda:3"}) {
      CHECK(to_string(parse_device(text)) == text);
    }
    CHECK(parse_device("cuda") == Device{DeviceKind::cuda, 0});
  }

  TEST_CASE("anything else is not a device") {
    for (const char* text : {"", "auto", "CPU", "cuda:", "cuda:-1", "cuda:1x", "cuda:128",
                             "cuda:999", "cuda :1", "gpu"}) {
      CAPTURE(text);
      CHECK(error_of([&] { parse_device(text); }).starts_with("invalid_argument load"));
    }
  }
}
