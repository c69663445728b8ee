// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/frame_stream.hpp>
#include <depthcloud/pipeline.hpp>
#include <depthcloud/wire.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

PipelineOptions constant_depth(const std::string& metres = "2") {
  PipelineOptions options;
  options.model = "constant:" + metres;
  options.estimator.device = "cpu";
  return options;
}

std::vector<std::uint8_t> photo(int width = 64, int height = 48) {
  Image image(width, height);
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      image.row(v)[3 * u] = static_cast<std::uint8_t>(u);
      image.row(v)[3 * u + 1] = static_cast<std::uint8_t>(v);
      image.row(v)[3 * u + 2] = 7;
    }
  }
  return encode_png(image.view());
}

std::vector<std::uint8_t> sample_jpeg() { return read_file(DEPTHCLOUD_SAMPLE_PHOTO); }

}  // namespace

TEST_SUITE_BEGIN("pipeline");

TEST_CASE("pipeline: YUV pixels are converted, which is the stage decode") {
  Pipeline pipeline(constant_depth());
  const std::vector<std::uint8_t> luma(64 * 48, 81);
  std::vector<std::uint8_t> chroma;
  for (int i = 0; i < 32 * 24; ++i) chroma.insert(chroma.end(), {90, 240});
  const YuvView nv12{.format = YuvFormat::nv12,
                     .width = 64,
                     .height = 48,
                     .planes = {luma.data(), chroma.data()},
                     .strides = {64, 64}};
  const Image rgb = to_rgb(nv12);
  const Frame frame = pipeline.process_image(nv12, {.frame_id = 4});
  CHECK(frame.tag.frame_id == 4);
  CHECK(frame.times[Stage::decode] > 0);
  CHECK(frame.image.format() == PixelFormat::rgb);
  REQUIRE(frame.cloud.size() > 0);
  CHECK(frame.cloud.colors[0] >= 254);
  CHECK(frame.cloud.colors[1] <= 1);
  CHECK(std::ranges::equal(frame.cloud.colors, pipeline.process_image(rgb.view()).cloud.colors));
  CHECK(
      error_of([&] { pipeline.process_image(YuvView{}); }).starts_with("invalid_argument decode"));
}

TEST_CASE("pipeline: pixels give what the photo that holds them gives") {
  Pipeline pipeline(constant_depth());
  const std::vector<std::uint8_t> png = photo();
  const Image image = decode_image(png);
  const Frame of_pixels = pipeline.process_image(image.view(), {.frame_id = 3});
  const Frame of_photo = pipeline.process(png, {.frame_id = 3});

  CHECK(of_pixels.tag.frame_id == 3);
  CHECK(of_pixels.times[Stage::decode] == 0);
  CHECK(std::ranges::equal(of_pixels.cloud.positions, of_photo.cloud.positions));
  CHECK(std::ranges::equal(of_pixels.cloud.colors, of_photo.cloud.colors));
  CHECK(pipeline.latency().total().count == 2);
  CHECK(error_of([&] {
          pipeline.process_image(ImageView{});
        }).starts_with("invalid_argument preprocess:"));
}

TEST_CASE("pipeline: several share one network, each with its own options") {
  const auto network =
      std::make_shared<DepthEstimator>(DepthEstimator::load("constant:2", {.device = "cpu"}));
  Pipeline dense(network, {.cloud = {.stride = 1}});
  Pipeline sparse(network, {.cloud = {.stride = 4}, .pack = false});
  const std::size_t all = dense.process(photo()).cloud.size();
  const Frame few = sparse.process(photo());
  CHECK(&dense.estimator() == network.get());
  CHECK(few.cloud.size() < all);
  CHECK(few.packet.empty());
  CHECK(error_of([] {
          Pipeline(std::shared_ptr<DepthEstimator>{});
        }).starts_with("invalid_argument load:"));
}

TEST_CASE("pipeline: a photo becomes depth, a cloud and a packet") {
  Pipeline pipeline(constant_depth());
  const Frame frame = pipeline.process(photo(), {.frame_id = 5, .capture_ts = 1.25});

  const DepthMap depth = frame.depth.host();
  REQUIRE(depth.width() > 0);
  CHECK(depth.depth()[0] == 2);
  CHECK(frame.tag.frame_id == 5);
  const std::size_t rows = (depth.height() + 1) / 2;
  const std::size_t columns = (depth.width() + 1) / 2;
  CHECK(frame.cloud.size() == rows * columns);  // stride 2 is a stream's default

  const Packet packet = unpack(frame.packet);
  CHECK(packet.cloud.size() == frame.cloud.size());
  CHECK(packet.camera == PacketCamera{depth.width(), depth.height(), depth.intrinsics()});
  CHECK(packet.is_metric == depth.is_metric());
  CHECK(packet.frame_id == 5);
  CHECK(packet.capture_ts == 1.25);
  REQUIRE(packet.stage_ms);
  CHECK((*packet.stage_ms)[Stage::decode] == doctest::Approx(frame.times[Stage::decode]));
  CHECK((*packet.stage_ms)[Stage::cloud] == doctest::Approx(frame.times[Stage::cloud]));
}

TEST_CASE("pipeline: each stage is timed and recorded") {
  Pipeline pipeline(constant_depth("2,20"));  // the network takes 20 ms
  const Frame first = pipeline.process(sample_jpeg());
  pipeline.process(sample_jpeg());
  CHECK(first.times[Stage::decode] > 0);
  CHECK(first.times[Stage::infer] >= 20);
  CHECK(first.times[Stage::cloud] > 0);
  CHECK(first.times[Stage::pack] > 0);
  CHECK(pipeline.latency().total().count == 2);
  CHECK(pipeline.latency().summary(Stage::infer).p50 >= 20);
}

TEST_CASE("pipeline: warming up records nothing") {
  Pipeline pipeline(constant_depth());
  pipeline.warm_up(64, 48);
  CHECK(pipeline.latency().total().count == 0);
  CHECK(contains(error_of([&] { pipeline.warm_up(0, 48); }), "invalid_argument"));
}

TEST_CASE("pipeline: a bad frame names its stage and leaves the pipeline good") {
  Pipeline pipeline(constant_depth());
  auto truncated = sample_jpeg();
  truncated.resize(truncated.size() / 2);
  CHECK(contains(error_of([&] { pipeline.process(truncated); }), "corrupt_data decode: "));
  CHECK(contains(error_of([&] { pipeline.process({}); }), " decode: "));
  CHECK(pipeline.latency().total().count == 0);
  CHECK(pipeline.process(photo()).cloud.size() > 0);
}

TEST_CASE("pipeline: pack = false leaves the packet empty") {
  PipelineOptions options = constant_depth();
  options.pack = false;
  Pipeline pipeline(options);
  const Frame frame = pipeline.process(photo());
  CHECK(frame.packet.empty());
  CHECK_FALSE(frame.cloud.empty());
  CHECK(frame.times[Stage::pack] == 0);
}

TEST_CASE("pipeline: decode options hold") {
  PipelineOptions options = constant_depth();
  options.decode.max_pixels = 64 * 48 - 1;
  Pipeline pipeline(options);
  CHECK(contains(error_of([&] { pipeline.process(photo()); }), "limit_exceeded decode: "));
}

TEST_CASE("pipeline: fast_decode reduces a photo that is much larger than the grid") {
  for (const bool fast : {false, true}) {
    PipelineOptions options = constant_depth();
    options.fast_decode = fast;
    options.estimator.process_res = 140;
    const Pipeline pipeline(options);
    const Image image = pipeline.decode(sample_jpeg()).image;
    CHECK(image.width() == (fast ? 150 : 600));
    if (fast) CHECK(image.photo().width == 600);
  }
}

TEST_CASE("pipeline: cloud options change between frames, wrong ones change nothing") {
  Pipeline pipeline(constant_depth());
  const std::size_t at_stride_2 = pipeline.process(photo()).cloud.size();
  pipeline.set_cloud_options({.stride = 4, .axes = Axes::v1});
  const Frame frame = pipeline.process(photo());
  CHECK(frame.cloud.size() < at_stride_2);
  CHECK(frame.cloud.axes == Axes::v1);
  CHECK(contains(error_of([&] { pipeline.set_cloud_options({.stride = 0}); }),
                 "invalid_argument cloud: "));
  CHECK(pipeline.process(photo()).cloud.size() == frame.cloud.size());
}

TEST_CASE("pipeline: packets come in the encoding in force, of the points of the cloud") {
  PipelineOptions options = constant_depth();
  options.wire.encoding = Encoding::depth;
  Pipeline pipeline(options);
  const Frame frame = pipeline.process(photo(), {.frame_id = 5});
  const Packet grid = unpack(frame.packet);
  CHECK(grid.encoding == Encoding::depth);
  CHECK(grid.frame_id == 5);
  CHECK(grid.cloud.size() == frame.cloud.size());
  CHECK(grid.grid->stride == options.cloud.stride.value_or(2));
  REQUIRE(grid.stage_ms);
  CHECK((*grid.stage_ms)[Stage::cloud] == doctest::Approx(frame.times[Stage::cloud]));

  // What a server does for a client that wants the frame in another way.
  CloudBuilder builder({.stride = 4});
  const Packet other =
      unpack(pack(builder.build_grid(frame.depth, frame.image.view()),
                  {.format = {.encoding = Encoding::depth, .colors = GridColors::client}}));
  CHECK(other.grid->stride == 4);
  CHECK(other.cloud.size() < frame.cloud.size());

  pipeline.set_wire_format({.encoding = Encoding::q16});
  CHECK(unpack(pipeline.process(photo()).packet).encoding == Encoding::q16);
  CHECK(error_of([&] {
          pipeline.set_wire_format({.jpeg_quality = 0});
        }).starts_with("invalid_argument pack"));
  const Image image = decode_image(photo());
  const Frame of_pixels = pipeline.process_image(image.view());
  CHECK(unpack(of_pixels.packet).encoding == Encoding::q16);
  CHECK(of_pixels.image.empty());
}

TEST_CASE("pipeline: a wrong option is an error when it is made") {
  const auto error = [](auto change) {
    PipelineOptions options = constant_depth();
    change(options);
    return error_of([&] { Pipeline pipeline(options); });
  };
  CHECK(contains(error([](PipelineOptions& o) { o.cloud.stride = 0; }), "invalid_argument cloud"));
  CHECK(contains(error([](PipelineOptions& o) { o.decode.max_pixels = -1; }), "max_pixels -1"));
  CHECK(contains(error([](PipelineOptions& o) { o.decode.max_scans = 0; }), "max_scans 0 is"));
  CHECK(contains(error([](PipelineOptions& o) { o.wire.jpeg_quality = 0; }), "jpeg_quality 0"));
  CHECK(contains(error([](PipelineOptions& o) { o.model = "no_such_model"; }), "not_found"));
}

TEST_CASE("pipeline: behind a stream") {
  Pipeline pipeline(constant_depth());
  std::mutex mutex;
  std::vector<std::string> results;
  const auto add = [&](std::string line) {
    const std::lock_guard lock(mutex);
    results.push_back(std::move(line));
  };
  {
    FrameStream stream(
        pipeline,
        [&](Frame&& frame) {
          add(std::to_string(*frame.tag.frame_id) + (frame.cloud.empty() ? " empty" : ""));
        },
        [&](const FrameTag& tag, const Error& error) {
          add(std::to_string(*tag.frame_id) + " " + to_string(error.stage()));
        });
    const std::vector<std::vector<std::uint8_t>> frames = {sample_jpeg(), {1, 2, 3}, photo()};
    for (std::size_t i = 0; i < frames.size(); ++i) {
      stream.offer(frames[i], {.frame_id = i});
      while (stream.counters().waiting + stream.counters().in_flight > 0) std::this_thread::yield();
    }
  }
  CHECK(results == std::vector<std::string>{"0", "1 decode", "2"});
}

TEST_SUITE_END();

}  // namespace depthcloud
