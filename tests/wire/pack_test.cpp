// SPDX-License-Identifier: Apache-2.0
// What the bytes are is compared with Python's msgpack in python_parity.py; here stand the parts
// that need no Python.
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <depthcloud/wire.hpp>

#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::CloudView;
using depthcloud::WireOptions;

namespace {

/// Two points, one message that was written by Python:
/// packb({"type": "pointcloud", "timestamp": "2026-01-31T12:00:00.000250+00:00", "num_points": 2,
///        "points": struct.pack("<6f", 1, 2, 3, 4, 5, 6), "colors": bytes([1, 2, 3, 4, 5, 6]),
///        "num_views": 3, "frame_id": 300, "capture_ts": 2.0}, use_bin_type=True)
constexpr char golden[] =
    "\x88\xa4type\xaapointcloud\xa9timestamp\xd9 2026-01-31T12:00:00.000250+00:00"
    "\xaanum_points\x02\xa6points\xc4\x18"
    "\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40\0\0\xc0\x40"
    "\xa6"
    "colors\xc4\x06\x01\x02\x03\x04\x05\x06\xa9num_views\x03\xa8"
    "frame_id\xcd\x01\x2c"
    "\xaa"
    "capture_ts\xcb\x40\0\0\0\0\0\0\0";

const std::vector<float> positions = {1, 2, 3, 4, 5, 6};
const std::vector<std::uint8_t> colors = {1, 2, 3, 4, 5, 6};

WireOptions at_noon() {
  WireOptions options;
  options.timestamp = std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) +
                      std::chrono::hours(12) + std::chrono::microseconds(250);
  return options;
}

std::vector<float> packed_positions(const std::vector<float>& xyz, Axes axes) {
  const std::vector<std::uint8_t> rgb(xyz.size());
  const auto packet = depthcloud::unpack(depthcloud::pack({xyz, rgb, axes}));
  return {packet.cloud.positions.begin(), packet.cloud.positions.end()};
}

}  // namespace

TEST_SUITE("wire") {
  TEST_CASE("pack: a message equals the one of Python, in one exact allocation") {
    WireOptions options = at_noon();
    options.frame_id = 300;
    options.capture_ts = 2.0;
    const auto bytes = depthcloud::pack({positions, colors, Axes::v1, 3}, options);
    CHECK(std::string(bytes.begin(), bytes.end()) == std::string(golden, sizeof golden - 1));
    CHECK(bytes.capacity() == bytes.size());
  }

  TEST_CASE("pack: each option is a key, and a key that is not set is not written") {
    const CloudView cloud{positions, colors, Axes::v1};
    const auto text_of = [&](const WireOptions& options) {
      const auto bytes = depthcloud::pack(cloud, options);
      return std::string(bytes.begin(), bytes.end());
    };
    WireOptions options = at_noon();
    const std::string bare = text_of(options);
    for (const char* key : {"num_views", "frame_id", "capture_ts", "stage_ms"}) {
      CHECK_FALSE(contains(bare, key));
    }
    options.timestamp += std::chrono::hours(24);
    CHECK(contains(text_of(options), "2026-02-01T12:00:00.000250+00:00"));
    options.frame_id = 7;
    CHECK(contains(text_of(options), "frame_id\x07"));
    options.capture_ts = -0.5;
    CHECK(contains(text_of(options), "capture_ts\xcb\xbf\xe0"));
    options.stage_ms.emplace();
    CHECK(contains(text_of(options),
                   "stage_ms\x85\xa6"
                   "decode\xcb"));
  }

  TEST_CASE("pack: a time before 1970 rounds down") {
    WireOptions options;
    options.timestamp = std::chrono::system_clock::time_point(-std::chrono::nanoseconds(1));
    const auto bytes = depthcloud::pack({positions, colors, Axes::v1}, options);
    CHECK(contains(std::string(bytes.begin(), bytes.end()), "1969-12-31T23:59:59.999999+00:00"));
  }

  TEST_CASE("pack: points leave in axes v1 whatever their axes are") {
    CHECK(packed_positions({1, 2, 3, 4, 5, 6}, Axes::v1) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(packed_positions({1, 2, 3, 4, 5, 6}, Axes::opencv) ==
          std::vector<float>{1, -2, 3, 4, -5, 6});
    CHECK(packed_positions({1, 2, 3, 4, 5, 6}, Axes::opengl) ==
          std::vector<float>{1, 2, -3, 4, 5, -6});
    CHECK(packed_positions({1, 2, 3, 4, 5, 6}, Axes::ros) ==
          std::vector<float>{-2, 3, 1, -5, 6, 4});

    std::vector<float> many(3 * 2000);  // several blocks and a part of one
    std::vector<float> expected(many.size());
    for (std::size_t i = 0; i < many.size(); ++i) {
      many[i] = static_cast<float>(i) - 1000.0f;
      expected[i] = i % 3 == 1 ? -many[i] : many[i];
    }
    CHECK(packed_positions(many, Axes::opencv) == expected);
    CHECK(packed_positions({}, Axes::opencv).empty());
  }

  TEST_CASE("pack: a cloud without colours is white, in both encodings of points") {
    const std::vector<std::uint8_t> white(positions.size(), 255);
    for (const auto encoding : {depthcloud::Encoding::f32, depthcloud::Encoding::q16}) {
      const WireOptions options{.timestamp = {}, .format = {.encoding = encoding}};
      CHECK(depthcloud::pack({positions, {}, Axes::v1}, options) ==
            depthcloud::pack({positions, white, Axes::v1}, options));
    }
  }

  TEST_CASE("pack: clouds and options that make no message") {
    const auto pack_error = [](const CloudView& cloud, const WireOptions& options = {}) {
      return error_of([&] { depthcloud::pack(cloud, options); });
    };
    const std::vector<float> four = {1, 2, 3, 4};
    CHECK(pack_error({four, colors}).starts_with("invalid_argument"));
    CHECK(pack_error({positions, std::span(colors).first(3)}).starts_with("invalid_argument"));
    CHECK(pack_error({positions, colors, static_cast<Axes>(9)})
              .starts_with("invalid_argument cloud: unknown axes"));
    CHECK(pack_error({positions, colors, Axes::v1, -1}).starts_with("invalid_argument pack"));
    WireOptions options;
    options.capture_ts = std::numeric_limits<double>::quiet_NaN();
    CHECK(pack_error({positions, colors}, options).starts_with("invalid_argument pack"));
    options = {};
    options.stage_ms.emplace();
    (*options.stage_ms)[depthcloud::Stage::infer] = std::numeric_limits<double>::infinity();
    CHECK(pack_error({positions, colors}, options).starts_with("invalid_argument pack"));
  }

  TEST_CASE("pack: more than a msgpack bin holds") {
    // Addresses without memory behind them: the size is refused before anything is read.
    constexpr std::size_t floats = 3 * 357'913'942ull;  // 12 bytes above 2^32 - 1
    void* nothing = ::mmap(nullptr, floats * sizeof(float), PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(nothing != MAP_FAILED);
    const CloudView cloud{{static_cast<const float*>(nothing), floats},
                          {static_cast<const std::uint8_t*>(nothing), floats}};
    CHECK(error_of([&] { depthcloud::pack(cloud); }).starts_with("limit_exceeded pack"));
    ::munmap(nothing, floats * sizeof(float));
  }
}
