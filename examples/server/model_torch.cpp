// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/pipeline.hpp>

#include "model.hpp"

namespace server {
namespace {

constexpr int warm_up_width = 640;
constexpr int warm_up_height = 480;

/// The first half of a pipeline, for many streams.
class Network final : public depthcloud::DepthSource {
 public:
  explicit Network(const ModelOptions& options)
      : pipeline_({.model = options.source,
                   .estimator = {.device = options.device,
                                 .precision = depthcloud::parse_precision(options.precision),
                                 .process_res = options.process_res,
                                 .threads = options.threads,
                                 .fov_degrees = options.fov_degrees},
                   .decode = {.max_pixels = options.max_pixels},
                   .fast_decode = options.fast_decode,
                   .pack = false}) {
    pipeline_.warm_up(warm_up_width, warm_up_height);
  }

  const depthcloud::ModelInfo& info() { return pipeline_.estimator().info(); }

  depthcloud::DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    return pipeline_.decode(encoded);
  }

  std::vector<depthcloud::DepthMap> estimate(std::span<const depthcloud::ImageView> images,
                                             depthcloud::StageTimes& times) override {
    if (images.size() > 1) return pipeline_.estimator().estimate_batch(images, &times);
    std::vector<depthcloud::DepthMap> maps;
    maps.push_back(pipeline_.estimator().estimate(images.front(), &times));
    return maps;
  }

  std::vector<depthcloud::DepthMap> estimate_scene(std::span<const depthcloud::ImageView> views,
                                                   depthcloud::StageTimes& times) override {
    if (!info().multi_view) return estimate(views, times);
    return pipeline_.estimator().estimate_views(views, {}, &times);
  }

 private:
  depthcloud::Pipeline pipeline_;
};

}  // namespace

Model load_model(const ModelOptions& options) {
  auto network = std::make_unique<Network>(options);
  const depthcloud::ModelInfo info = network->info();
  return {std::move(network), info.name, name(info.device), name(info.precision)};
}

}  // namespace server
