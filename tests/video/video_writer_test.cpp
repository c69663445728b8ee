// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/video_source.hpp>
#include <depthcloud/video_writer.hpp>

#include "expect_error.hpp"
#include "temp_dir.hpp"
#include "video/videos.hpp"

using namespace std::chrono_literals;
using depthcloud::VideoContent;
using depthcloud::VideoWriter;

TEST_SUITE("video_writer") {
  TEST_CASE("a colour video is read back with its times") {
    const TempDir dir;
    const std::string path = (dir / "out.mkv").string();
    VideoWriter writer(path, VideoContent::color, 65, 49);
    depthcloud::Image image(65, 49);
    for (int i = 0; i < 5; ++i) {
      std::fill_n(image.data(), 65 * 49 * 3, static_cast<std::uint8_t>(40 * i));
      writer.write(image.view(), i * 100ms);
    }
    CHECK_FALSE(std::filesystem::exists(path));
    writer.finish();
    depthcloud::VideoSource source(path);
    for (int i = 0; i < 5; ++i) {
      const auto frame = source.read();
      REQUIRE(frame);
      CHECK(frame->time == i * 100ms);
      CHECK(is_near(color_at(frame->image, 0.5, 0.5), {40 * i, 40 * i, 40 * i}, 4));
    }
    CHECK_FALSE(source.read());
  }

  TEST_CASE("16 bits of gray are kept without loss") {
    const TempDir dir;
    const std::string path = (dir / "out.mkv").string();
    if (!has_element("avenc_ffv1")) return;
    std::vector<std::uint16_t> pixels(33 * 21);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint16_t>(i * 97);
    VideoWriter writer(path, VideoContent::gray16, 33, 21);
    writer.write(pixels, 0s);
    writer.write(pixels, 40ms);
    writer.finish();
    const std::string raw = (dir / "out.raw").string();
    if (!ffmpeg("-i " + path + " -fps_mode passthrough -f rawvideo -pix_fmt gray16le " + raw))
      return;
    std::vector<std::uint16_t> read(2 * pixels.size());
    REQUIRE(std::filesystem::file_size(raw) == read.size() * 2);
    std::ifstream(raw, std::ios::binary)
        .read(reinterpret_cast<char*>(read.data()), static_cast<std::streamsize>(2 * read.size()));
    CHECK(std::equal(pixels.begin(), pixels.end(), read.begin()));
    CHECK(std::equal(pixels.begin(), pixels.end(), read.begin() + 33 * 21));
  }

  TEST_CASE("a video that is not finished leaves no file") {
    const TempDir dir;
    {
      VideoWriter writer(dir / "out.mkv", VideoContent::color, 65, 49);
      const depthcloud::Image image(65, 49);
      writer.write(image.view(), 0s);
    }
    CHECK(std::filesystem::is_empty(dir.path()));
    CHECK(error_of([&] {
            VideoWriter(dir.path() / "no" / "out.mkv", VideoContent::color, 8, 8);
          }).starts_with("io file: "));
    CHECK(error_of([&] {
            VideoWriter(dir / "out.mkv", VideoContent::color, 0, 8);
          }).starts_with("invalid_argument file: "));
  }
}
