// SPDX-License-Identifier: Apache-2.0
#include "video/videos.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <gst/app/gstappsink.h>

#include "video/gstreamer/gstreamer.hpp"

using depthcloud::GstMiniPtr;
using depthcloud::GstPtr;
using depthcloud::VideoCodec;

namespace {

std::string encoder(VideoCodec codec, int key_every) {
  switch (codec) {
    case VideoCodec::h264:
      return fmt::format(
          "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={} ! "
          "video/x-h264,stream-format=byte-stream,alignment=au",
          key_every);
    case VideoCodec::vp8:
      return fmt::format("vp8enc deadline=1 keyframe-max-dist={}", key_every);
    case VideoCodec::vp9:
      return fmt::format("vp9enc deadline=1 cpu-used=8 lag-in-frames=0 keyframe-max-dist={}",
                         key_every);
    case VideoCodec::av1:
      break;
  }
  return fmt::format(
      "av1enc usage-profile=realtime cpu-used=8 lag-in-frames=0 keyframe-max-dist={} ! av1parse ! "
      "video/x-av1,stream-format=obu-stream,alignment=tu",
      key_every);
}

}  // namespace

bool has_element(const char* name) {
  depthcloud::start_gstreamer();
  const GstPtr<GstElementFactory> factory(gst_element_factory_find(name));
  if (factory == nullptr) std::printf("skipped: no %s here\n", name);
  return factory != nullptr;
}

std::vector<CodedUnit> run_to_units(const std::string& description) {
  depthcloud::start_gstreamer();
  GError* error = nullptr;
  GstElement* const made = gst_parse_launch(description.c_str(), &error);
  if (made == nullptr) {
    std::printf("%s\n", error->message);
    std::abort();
  }
  const GstPtr<GstElement> pipeline(GST_ELEMENT_CAST(gst_object_ref_sink(made)));
  const GstPtr<GstElement> out(gst_bin_get_by_name(GST_BIN(made), "out"));
  g_object_set(out.get(), "sync", FALSE, nullptr);
  gst_element_set_state(made, GST_STATE_PLAYING);
  std::vector<CodedUnit> units;
  while (true) {
    const GstMiniPtr<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), 20 * GST_SECOND));
    if (sample == nullptr) break;
    GstBuffer* const buffer = gst_sample_get_buffer(sample.get());
    CodedUnit unit;
    unit.data.resize(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, unit.data.data(), unit.data.size());
    unit.is_key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    unit.time = std::chrono::milliseconds(40 * units.size());
    units.push_back(std::move(unit));
  }
  gst_element_set_state(made, GST_STATE_NULL);
  return units;
}

std::vector<CodedUnit> encode(VideoCodec codec, int count, int width, int height, int key_every) {
  return run_to_units(fmt::format(
      "videotestsrc num-buffers={} pattern=ball ! "
      "video/x-raw,format=I420,width={},height={},framerate=25/1 ! {} ! appsink name=out",
      count, width, height, encoder(codec, key_every)));
}

bool ffmpeg(const std::string& arguments) {
  if (std::system("command -v ffmpeg > /dev/null") != 0) {
    std::printf("skipped: no ffmpeg here\n");
    return false;
  }
  return std::system(("ffmpeg -nostdin -v error -y " + arguments).c_str()) == 0;
}

std::vector<std::uint8_t> pixels_by_ffmpeg(const std::filesystem::path& file, int picture) {
  const std::string command = fmt::format(
      "ffmpeg -nostdin -v error -i '{}' -vf 'select=eq(n\\,{}),scale=sws_flags=bitexact' -frames:v "
      "1 -f rawvideo -pix_fmt "
      "rgb24 -",
      file.string(), picture);
  std::vector<std::uint8_t> pixels;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::uint8_t part[65536];
  for (std::size_t size = 0; (size = std::fread(part, 1, sizeof part, pipe)) > 0;) {
    pixels.insert(pixels.end(), part, part + size);
  }
  ::pclose(pipe);
  return pixels;
}

Color color_at(const depthcloud::Image& image, double x, double y) {
  const std::uint8_t* const pixel =
      image.data() + static_cast<int>(y * image.height()) * image.stride() +
      static_cast<std::ptrdiff_t>(static_cast<int>(x * image.width())) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

bool is_near(const Color& a, const Color& b, int most) {
  return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)}) <= most;
}
