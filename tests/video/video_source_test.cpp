// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/video_source.hpp>

#include "expect_error.hpp"
#include "temp_dir.hpp"
#include "video/videos.hpp"

using namespace std::chrono_literals;
using depthcloud::VideoFrame;
using depthcloud::VideoSource;
using depthcloud::VideoSourceCounters;
using depthcloud::VideoSourceOptions;

namespace {

bool is_balanced(const VideoSourceCounters& c) {
  return c.decoded == c.read + c.skipped + c.dropped + c.waiting;
}

/// The times in milliseconds of all pictures that a source gives, at most so many.
std::vector<int> times_of(VideoSource& source, std::size_t most = 1000) {
  std::vector<int> times;
  while (times.size() < most) {
    const auto frame = source.read();
    if (!frame) break;
    times.push_back(static_cast<int>((frame->time.count() + 500) / 1000));
  }
  return times;
}

std::vector<int> times_of(const std::string& uri, const VideoSourceOptions& options = {}) {
  VideoSource source(uri, options);
  return times_of(source);
}

std::string error_of_opening(const std::string& uri, const VideoSourceOptions& options = {}) {
  return error_of([&] { VideoSource source(uri, options); });
}

/// One H.264 file with sound, 25 pictures a second for two seconds, in a folder of its own.
struct Clip {
  Clip() {
    is_there = ffmpeg(
        "-f lavfi -i testsrc2=size=160x120:rate=25 -f lavfi -i sine -t 2 -c:v libx264 "
        "-pix_fmt yuv420p -c:a aac " +
        path());
  }
  std::string path() const { return (dir / "clip.mp4").string(); }
  TempDir dir;
  bool is_there = false;
};

/// Writes the part of the display matrix that turns (ISO/IEC 14496-12, 8.3.2) as phones do.
void set_display_matrix(const std::string& mp4, const std::int8_t (&matrix)[4]) {
  std::fstream file(mp4, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t header = bytes.find("tkhd");
  REQUIRE(header != std::string::npos);
  constexpr std::size_t matrix_at = 44;
  constexpr std::size_t places[] = {0, 4, 12, 16};  // of a, b, c and d among nine numbers
  for (std::size_t i = 0; i < 4; ++i) {
    const char fixed[4] = {static_cast<char>(matrix[i] < 0 ? -1 : 0), static_cast<char>(matrix[i]),
                           0, 0};
    file.seekp(static_cast<std::streamoff>(header + matrix_at + places[i]));
    file.write(fixed, sizeof fixed);
  }
}

}  // namespace

TEST_SUITE("video_source") {
  TEST_CASE("a file gives all its pictures, with times, then nothing") {
    const Clip clip;
    if (!clip.is_there) return;
    VideoSource source(clip.path());
    CHECK(source.info().width == 160);
    CHECK(source.info().height == 120);
    CHECK(source.info().fps == doctest::Approx(25));
    REQUIRE(source.info().duration);
    CHECK(std::chrono::duration<double>(*source.info().duration).count() ==
          doctest::Approx(2).epsilon(0.05));
    CHECK_FALSE(source.info().is_live);
    CHECK(contains(source.info().codec, "H.264"));
    const std::vector<int> times = times_of(source);
    REQUIRE(times.size() == 50);
    for (int i = 0; i < 50; ++i) CHECK(times[i] == 40 * i);
    CHECK_FALSE(source.read());
    const VideoSourceCounters counters = source.counters();
    CHECK(counters.decoded == 50);
    CHECK(counters.read == 50);
    CHECK(counters.corrupt == 0);
    CHECK(is_balanced(counters));
  }

  TEST_CASE("start and end choose a part, to the picture") {
    const Clip clip;
    if (!clip.is_there) return;
    const std::vector<int> part = times_of(clip.path(), {.start = 1s, .end = 1200ms});
    CHECK(part == std::vector<int>{1000, 1040, 1080, 1120, 1160, 1200});
  }

  TEST_CASE("max_fps skips the pictures between") {
    const Clip clip;
    if (!clip.is_there) return;
    VideoSource source(clip.path(), {.max_fps = 5, .end = 1s});
    CHECK(times_of(source) == std::vector<int>{0, 200, 400, 600, 800, 1000});
    CHECK(source.counters().skipped > 0);
    CHECK(is_balanced(source.counters()));
  }

  TEST_CASE("a loop begins anew at its end") {
    const Clip clip;
    if (!clip.is_there) return;
    VideoSource source(clip.path(), {.max_fps = 5, .start = 1s, .end = 1400ms, .loop = true});
    CHECK(times_of(source, 7) == std::vector<int>{1000, 1200, 1400, 1000, 1200, 1400, 1000});
  }

  TEST_CASE("a test pattern needs no file") {
    VideoSource source("test:64x48@20");
    CHECK(source.info().width == 64);
    CHECK(source.info().height == 48);
    CHECK(source.info().fps == doctest::Approx(20));
    CHECK_FALSE(source.info().duration);
    CHECK(times_of(source, 3) == std::vector<int>{0, 50, 100});
  }

  TEST_CASE("what is no video says what it is") {
    const TempDir dir;
    const auto file = [&](const std::string& bytes) {
      const std::filesystem::path path = dir / "file.mp4";
      std::ofstream(path, std::ios::binary) << bytes;
      return error_of_opening(path.string());
    };
    CHECK(error_of_opening((dir / "none.mp4").string()) == "not_found file: no such file");
    CHECK(error_of_opening(dir.path().string()) == "unsupported file: not a video but a folder");
    CHECK(file("") == "corrupt_data file: not a video but an empty file");
    CHECK(contains(file("<!DOCTYPE html><html>"), "not a video but a web page (HTML)"));
    CHECK(contains(file("\xFF\xD8\xFF\xE0 a photo"), "not a video but a JPEG photo"));
    CHECK(file(std::string(5000, '\1')).starts_with("unsupported decode: "));
    CHECK(error_of_opening("/dev/null").starts_with("io decode: "));
    CHECK(error_of_opening("ftp://host/clip.mp4").starts_with("unsupported file: no video comes"));
  }

  TEST_CASE("a sound file holds no video") {
    const TempDir dir;
    const std::string path = (dir / "sound.ogg").string();
    if (!ffmpeg("-f lavfi -i sine -t 1 " + path)) return;
    CHECK(error_of_opening(path) == "unsupported decode: it holds no video");
  }

  TEST_CASE("a file that breaks off gives what is there, then the error") {
    const Clip clip;
    if (!clip.is_there) return;
    const std::string path = (clip.dir / "short.mp4").string();
    REQUIRE(ffmpeg("-i " + clip.path() + " -an -c copy -movflags +faststart " + path));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
    VideoSource source(path);
    std::size_t count = 0;
    const std::string error = error_of([&] {
      while (source.read()) ++count;
    });
    CHECK(count > 10);
    CHECK(count < 50);
    CHECK(error.starts_with("corrupt_data decode: the video breaks off: "));
    CHECK(error_of([&] { source.read(); }) == error);
    // Of this one the index at the end is missing.
    std::filesystem::resize_file(clip.path(), std::filesystem::file_size(clip.path()) * 2 / 3);
    const std::string missing_index = error_of_opening(clip.path());
    INFO(missing_index);
    CHECK(missing_index.starts_with("corrupt_data decode: "));
  }

  TEST_CASE("pictures above the limit are refused before they are decoded") {
    const Clip clip;
    if (!clip.is_there) return;
    CHECK(error_of_opening(clip.path(), {.max_pixels = 160 * 120 - 1}) ==
          "limit_exceeded decode: a picture of the video has 160 x 120 pixels, more than 19199");
    CHECK(error_of_opening(clip.path(), {.max_pixels = 160 * 120}) == "nothing");
    CHECK(error_of_opening("test:64x64", {.max_pixels = 4095}).starts_with("limit_exceeded "));
  }

  TEST_CASE("stop ends a read that waits") {
    VideoSource source("test:64x48@0.05", {.real_time = true});
    CHECK(source.read());
    std::thread stopper([&] {
      std::this_thread::sleep_for(50ms);
      source.stop();
    });
    const auto before = depthcloud::Clock::now();
    CHECK_FALSE(source.read());
    CHECK(depthcloud::Clock::now() - before < 5s);
    stopper.join();
    CHECK_FALSE(source.read());
  }

  TEST_CASE("real time gives each picture when it is due, and drops those that come too soon") {
    const Clip clip;
    if (!clip.is_there) return;
    VideoSource source(clip.path(), {.end = 1s, .real_time = true});
    const auto before = depthcloud::Clock::now();
    REQUIRE(source.read());
    std::this_thread::sleep_for(300ms);
    const auto late = source.read();
    REQUIRE(late);
    CHECK(late->time >= 200ms);
    while (source.read()) {
    }
    CHECK(depthcloud::Clock::now() - before > 900ms);
    CHECK(source.counters().dropped >= 4);
    CHECK(is_balanced(source.counters()));
  }

  TEST_CASE("colours are those of ffmpeg, by matrix and range") {
    const TempDir dir;
    struct Case {
      const char* name;
      const char* encoder;
      const char* matrix;  // of ffmpeg
      const char* range;
    };
    const Case cases[] = {
        {"h264_601.mp4", "libx264 -crf 10 -pix_fmt yuv420p", "smpte170m", "tv"},
        {"h264_709.mp4", "libx264 -crf 10 -pix_fmt yuv420p", "bt709", "tv"},
        {"h264_full.mp4", "libx264 -crf 10 -pix_fmt yuv420p", "bt709", "pc"},
        {"h264_444.mp4", "libx264 -crf 10 -pix_fmt yuv444p", "bt709", "tv"},
        {"vp9.webm", "libvpx-vp9 -crf 10 -b:v 0 -cpu-used 8 -deadline realtime -pix_fmt yuv420p",
         "bt709", "tv"},
        {"av1.mkv", "libaom-av1 -crf 10 -b:v 0 -cpu-used 8 -usage realtime -pix_fmt yuv420p",
         "bt709", "tv"},
    };
    for (const Case& c : cases) {
      CAPTURE(std::string(c.name));
      const std::string path = (dir / c.name).string();
      REQUIRE(
          ffmpeg("-f lavfi -i smptehdbars=size=320x240:rate=5 -t 0.4 -vf scale=out_color_matrix=" +
                 std::string(c.matrix) + ":out_range=" + c.range + " -colorspace " + c.matrix +
                 " -color_primaries bt709 -color_trc bt709 -color_range " + c.range + " -c:v " +
                 c.encoder + " " + path));
      VideoSource source(path);
      const auto frame = source.read();
      REQUIRE(frame);
      const std::vector<std::uint8_t> wanted = pixels_by_ffmpeg(path, 0);
      const depthcloud::Image& image = frame->image;
      REQUIRE(wanted.size() == static_cast<std::size_t>(320 * 240 * 3));
      double sum = 0;
      for (std::size_t k = 0; k < wanted.size(); ++k) sum += std::abs(image.data()[k] - wanted[k]);
      CHECK(sum / static_cast<double>(wanted.size()) < 1);
      // In the middle of each bar.
      for (int x = 20; x < 300; x += 7) {
        const std::uint8_t* const pixel = image.row(60) + 3 * x;
        const std::uint8_t* const other = wanted.data() + (60 * 320 + x) * 3;
        const bool is_flat =
            std::equal(other, other + 3, other - 9) && std::equal(other, other + 3, other + 9);
        for (int k = 0; is_flat && k < 3; ++k) CHECK(std::abs(pixel[k] - other[k]) <= 2);
      }
    }
  }

  TEST_CASE("a video of a phone stands upright") {
    const TempDir dir;
    const std::string plain = (dir / "plain.mp4").string();
    // Red above, green below, blue at the left of the red.
    if (!ffmpeg("-f lavfi -i color=red:size=160x96:rate=5 -t 0.4 -vf "
                "drawbox=x=0:y=48:w=160:h=48:c=lime:t=fill,drawbox=x=0:y=0:w=80:h=48:c=blue:t=fill "
                "-c:v libx264 -pix_fmt yuv420p " +
                plain)) {
      return;
    }
    const auto first = [](const std::string& path) {
      VideoSource source(path);
      auto frame = source.read();
      CHECK(frame->image.width() == source.info().width);
      CHECK(frame->image.height() == source.info().height);
      return std::move(frame->image);
    };
    const auto is_red = [](const Color& c) { return c.r > 200 && c.g < 60 && c.b < 60; };
    const auto is_blue = [](const Color& c) { return c.b > 200 && c.r < 60 && c.g < 60; };
    const depthcloud::Image as_stored = first(plain);
    CHECK(is_blue(color_at(as_stored, 0.25, 0.25)));
    CHECK(is_red(color_at(as_stored, 0.75, 0.25)));
    struct Turn {
      int degrees;            // clockwise
      std::int8_t matrix[4];  // as in the header of the track
      double blue_x, blue_y, red_x, red_y;
    };
    for (const Turn& turn : {Turn{90, {0, 1, -1, 0}, 0.75, 0.25, 0.75, 0.75},
                             Turn{180, {-1, 0, 0, -1}, 0.75, 0.75, 0.25, 0.75},
                             Turn{270, {0, -1, 1, 0}, 0.25, 0.75, 0.25, 0.25}}) {
      CAPTURE(turn.degrees);
      const std::string turned = (dir / "turned.mp4").string();
      std::filesystem::copy_file(plain, turned, std::filesystem::copy_options::overwrite_existing);
      set_display_matrix(turned, turn.matrix);
      const depthcloud::Image image = first(turned);
      CHECK(image.width() == (turn.degrees == 180 ? 160 : 96));
      CHECK(image.height() == (turn.degrees == 180 ? 96 : 160));
      CHECK(is_blue(color_at(image, turn.blue_x, turn.blue_y)));
      CHECK(is_red(color_at(image, turn.red_x, turn.red_y)));
      // As ffmpeg turns it.
      const std::vector<std::uint8_t> wanted = pixels_by_ffmpeg(turned, 0);
      REQUIRE(wanted.size() == static_cast<std::size_t>(160 * 96 * 3));
      double sum = 0;
      for (std::size_t k = 0; k < wanted.size(); ++k) sum += std::abs(image.data()[k] - wanted[k]);
      CHECK(sum / static_cast<double>(wanted.size()) < 1.5);
    }
  }

  TEST_CASE("pixels that are not square become so") {
    const TempDir dir;
    const std::string wide = (dir / "wide.mp4").string();
    const std::string high = (dir / "high.mp4").string();
    const std::string input = "-f lavfi -i testsrc2=size=160x120:rate=5 -t 0.4 -pix_fmt yuv420p ";
    if (!ffmpeg(input + "-vf setsar=4/3 -c:v libx264 " + wide)) return;
    REQUIRE(ffmpeg(input + "-vf setsar=8/9 -c:v libx264 " + high));
    const VideoSource of_wide(wide);
    CHECK(of_wide.info().width == 213);
    CHECK(of_wide.info().height == 120);
    VideoSource of_high(high);
    CHECK(of_high.info().width == 160);
    CHECK(of_high.info().height == 135);
    CHECK(of_high.read()->image.height() == 135);
    CHECK(error_of_opening(wide, {.max_pixels = 160 * 120}).starts_with("limit_exceeded "));
  }
}
