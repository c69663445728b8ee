// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <depthcloud/image.hpp>
#include <depthcloud/video_decoder.hpp>

/// An access unit that owns its bytes.
struct CodedUnit {
  std::vector<std::uint8_t> data;
  bool is_key = false;
  std::chrono::microseconds time{};

  depthcloud::AccessUnit unit() const { return {.data = data, .is_key = is_key, .time = time}; }
};

/// Whether GStreamer has an element of this name; a test without it prints that it is skipped.
bool has_element(const char* name);

/// Runs a pipeline in the words of gst-launch-1.0, whose last element is an appsink named "out",
/// and returns what came out.
std::vector<CodedUnit> run_to_units(const std::string& pipeline);

/// Units of a test pattern at 25 pictures a second, a key frame every `key_every`.
std::vector<CodedUnit> encode(depthcloud::VideoCodec codec, int count, int width = 320,
                              int height = 240, int key_every = 10);

/// Runs ffmpeg and returns whether it succeeded; false and a line where there is none.
bool ffmpeg(const std::string& arguments);

/// The pixels of a picture of a video as ffmpeg decodes it, RGB without gaps.
std::vector<std::uint8_t> pixels_by_ffmpeg(const std::filesystem::path& file, int picture);

/// The colour at a place, given as fractions of the width and height.
struct Color {
  int r = 0;
  int g = 0;
  int b = 0;
};
Color color_at(const depthcloud::Image& image, double x, double y);

/// Whether no sample differs by more than this.
bool is_near(const Color& a, const Color& b, int most);
