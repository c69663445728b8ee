// SPDX-License-Identifier: Apache-2.0
#include "video/source_address.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::parse_source_address;
using Kind = depthcloud::SourceAddress::Kind;

TEST_SUITE("video") {
  TEST_CASE("a file is named by its path or by a URI") {
    const TempDir dir;
    const std::filesystem::path path = dir / "a clip.mp4";
    std::ofstream(path, std::ios::binary) << std::string(
        "\0\0\0\x10"
        "ftypisom\0\0\0\0",
        16);
    CHECK(parse_source_address(path.string()).kind == Kind::file);
    CHECK(parse_source_address("file://" + dir.path().string() + "/a%20clip.mp4").file == path);
    CHECK(parse_source_address("file://localhost" + path.string()).file == path);
    CHECK(
        error_of([&] { parse_source_address("file://localhost"); }).starts_with("not_found file"));
  }

  TEST_CASE("addresses of the network are passed on as they are") {
    for (const char* uri :
         {"http://host/a.mp4", "https://host/a.mp4", "rtsp://u:p@host/live", "RTSPS://host/live"}) {
      CAPTURE(std::string(uri));
      CHECK(parse_source_address(uri).kind == Kind::network);
      CHECK(parse_source_address(uri).uri == uri);
    }
    CHECK(error_of([] { parse_source_address("udp://host:1"); }).starts_with("unsupported file: "));
  }

  TEST_CASE("a test pattern has a size and a rate") {
    const auto all = parse_source_address("test:64x48@12.5");
    CHECK(all.kind == Kind::test);
    CHECK(all.width == 64);
    CHECK(all.height == 48);
    CHECK(all.fps == 12.5);
    CHECK(parse_source_address("test:").width == 640);
    CHECK(parse_source_address("test:64x48").fps == 30);
    CHECK(parse_source_address("test:@5").fps == 5);
    for (const char* bad : {"test:64", "test:0x48", "test:64x48@", "test:64x48@0", "test:64x48@nan",
                            "test:64x48x2", "test:99999x1", "test:-1x1"}) {
      CAPTURE(std::string(bad));
      CHECK(error_of([&] {
              parse_source_address(bad);
            }).starts_with("invalid_argument file: no such test pattern: "));
    }
  }

  TEST_CASE("a camera has a number") {
    CHECK(error_of([] { parse_source_address("camera:987"); }) ==
          "not_found file: no such camera: there is no /dev/video987");
    for (const char* bad : {"camera:", "camera:x", "camera:-1", "camera:1/../../null"}) {
      CAPTURE(std::string(bad));
      CHECK(error_of([&] {
              parse_source_address(bad);
            }).starts_with("invalid_argument file: no such camera: "));
    }
    CHECK(parse_source_address("/dev/null").kind == Kind::camera);
  }
}
