// SPDX-License-Identifier: Apache-2.0
// Networks for tests where LibTorch cannot be: "constant[:METRES[,DELAY_MS]]" makes a plane at that
// distance after that time, as the source of that name does in the library; other sources are
// refused.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "engine.hpp"

namespace depthcloud::capi {
namespace {

constexpr int longest_side = 64;

struct Plane {
  float metres = 1;
  double delay_ms = 0;

  DepthMap map(const ImageView& image) const {
    check(image);
    const double scale =
        std::min(1.0, static_cast<double>(longest_side) / std::max(image.width, image.height));
    const int width = std::max(1, static_cast<int>(image.width * scale));
    const int height = std::max(1, static_cast<int>(image.height * scale));
    DepthPlanes planes;
    planes.depth.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), metres);
    std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(delay_ms));
    return {width,
            height,
            std::move(planes),
            {.intrinsics = Intrinsics::from_fov(60, width, height), .metric = true}};
  }
};

class PlaneChain final : public Chain {
 public:
  PlaneChain(const Plane& plane, PipelineOptions options)
      : plane_(plane), options_(std::move(options)), builder_(options_.cloud) {
    check(options_.wire);
  }

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    return {.image = decode_image(encoded, options_.decode), .decode_ms = 1};
  }
  Frame finish(DecodedFrame decoded, const FrameTag& tag) override {
    return make(std::as_const(decoded.image).view(), decoded.decode_ms, tag);
  }
  Frame process_image(const ImageView& image, const FrameTag& tag) override {
    return make(image, 0, tag);
  }
  void set_cloud_options(const CloudOptions& options) override { builder_.set_options(options); }
  void set_wire_format(const WireFormat& format) override {
    check(format);
    options_.wire = format;
  }
  const LatencyRecorder& latency() const override { return latency_; }

 private:
  Frame make(const ImageView& image, double decode_ms, const FrameTag& tag) {
    Frame frame;
    frame.tag = tag;
    frame.times[Stage::decode] = decode_ms;
    frame.depth = plane_.map(image);
    builder_.build(frame.depth, image, frame.cloud);
    if (options_.pack) pack_into(frame, image);
    latency_.record(frame.times);
    return frame;
  }

  void pack_into(Frame& frame, const ImageView& image) {
    const WireOptions wire{.frame_id = frame.tag.frame_id,
                           .capture_ts = frame.tag.capture_ts,
                           .stage_ms = frame.times,
                           .format = options_.wire};
    if (options_.wire.encoding == Encoding::depth) {
      builder_.build_grid(frame.depth, image, grid_);
      frame.packet = pack(grid_, wire);
    } else {
      frame.packet = pack(frame.cloud.view(), wire);
    }
  }

  Plane plane_;
  PipelineOptions options_;
  PointCloudBuilder builder_;
  DepthGrid grid_;
  LatencyRecorder latency_;
};

class PlaneNetwork final : public Network {
 public:
  explicit PlaneNetwork(const Plane& plane) : plane_(plane) {
    info_.name = info_.backend = "constant";
    info_.metric = true;
    info_.process_res = longest_side;
  }
  const ModelInfo& info() const override { return info_; }
  void warm_up(int width, int height) override { Image(width, height); }
  DepthMap estimate(const ImageView& image) override { return plane_.map(image); }
  std::vector<DepthMap> estimate_batch(std::span<const ImageView> images) override {
    std::vector<DepthMap> maps;
    for (const ImageView& image : images) maps.push_back(plane_.map(image));
    return maps;
  }
  std::vector<DepthMap> estimate_views(std::span<const ImageView>, const ViewOptions&) override {
    throw Error(ErrorCode::unsupported, Stage::infer, "a plane has one view");
  }
  std::unique_ptr<Chain> chain(const PipelineOptions& options) override {
    return std::make_unique<PlaneChain>(plane_, options);
  }

 private:
  Plane plane_;
  ModelInfo info_;
};

}  // namespace

std::unique_ptr<Network> load_network(const std::string& source, const EstimatorOptions& options) {
  Plane plane;
  if (!source.starts_with("constant")) {
    throw Error(ErrorCode::not_found, Stage::load, "only constant:METRES here");
  }
  if (options.device != "auto" && options.device != "cpu") {
    throw Error(ErrorCode::unavailable, Stage::load, "a plane is on the CPU");
  }
  const bool given = source.size() > 8;
  if ((given &&
       std::sscanf(source.c_str(), "constant:%f,%lf", &plane.metres, &plane.delay_ms) < 1) ||
      !(plane.metres > 0)) {
    throw Error(ErrorCode::invalid_argument, Stage::load, "not constant:METRES,DELAY_MS");
  }
  return std::make_unique<PlaneNetwork>(plane);
}

std::vector<DeviceInfo> network_devices() { return {{Device{}, "a plane"}}; }

}  // namespace depthcloud::capi
