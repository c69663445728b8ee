// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/depth_file.hpp>

#include "expect_error.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

const std::vector<float> six = {1, 2, 3, 4, 5, 6};

/// Rows from below, as PFM has them.
Bytes pfm(const std::string& header, bool big_endian = false, std::size_t size = 24) {
  const float rows[] = {4, 5, 6, 1, 2, 3};
  Bytes bytes(header.begin(), header.end());
  Bytes data(sizeof rows);
  std::memcpy(data.data(), rows, sizeof rows);
  if (big_endian) {
    for (auto at = data.begin(); at != data.end(); at += 4) std::reverse(at, at + 4);
  }
  data.resize(size);
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

std::string read_error(const Bytes& bytes, const depthcloud::DepthFileOptions& options = {}) {
  return error_of([&] { depthcloud::read_depth(bytes, options); });
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("encode_pfm: header, bottom row first; read_depth reads it") {
    const auto bytes = depthcloud::encode_pfm(six, 3, 2);
    CHECK(bytes == pfm("Pf\n3 2\n-1.0\n"));
    const auto plane = depthcloud::read_depth(bytes);
    CHECK(plane.width == 3);
    CHECK(plane.height == 2);
    CHECK(plane.values == six);
  }

  TEST_CASE("pfm: byte order is the sign of the scale, whose size has no effect") {
    for (const char* header : {"Pf\n3 2\n-0.003922\n", "Pf 3 2 -1 ", "Pf\n# made by\n3\n2\n-1e3\n",
                               "Pf\r\n3 2\r\n-1.0\r\n"}) {
      CHECK(depthcloud::read_depth(pfm(header)).values == six);
    }
    for (const char* header : {"Pf\n3 2\n1.0\n", "Pf\n3 2\n+1\n"}) {
      CHECK(depthcloud::read_depth(pfm(header, true)).values == six);
    }
  }

  TEST_CASE("pfm: what is not read") {
    CHECK(
        contains(read_error(pfm("PF\n1 2\n-1.0\n")), "unsupported file: PFM: a picture of three"));
    for (const char* header :
         {"Pf\n3 2\n0\n", "Pf\n3 2\nnan\n", "Pf\n3 2\nx\n", "Pf\n3 -2\n-1\n", "Pf\n3 2.0\n-1\n",
          "Pf\n0 2\n-1\n", "Pf\n3 3\n-1\n", "Pf\n99999999999999999999 2\n-1\n"}) {
      CAPTURE(header);
      CHECK(read_error(pfm(header)).starts_with("corrupt_data file"));
    }
    CHECK(read_error(pfm("Pf\n3 2\n-1.0\n", false, 25)).starts_with("corrupt_data file"));
    CHECK(read_error(pfm("Pf\n99999 99999\n-1.0\n")).starts_with("limit_exceeded file"));
    CHECK(read_error(pfm("Pf\n3 2\n-1.0\n"), {.max_pixels = 5}).starts_with("limit_exceeded file"));
    const auto whole = pfm("Pf\n3 2\n-1.0\n");
    for (std::size_t size = 3; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(read_error({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                .starts_with("corrupt_data file"));
    }
  }
}
