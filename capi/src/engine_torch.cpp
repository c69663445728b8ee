// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engine.hpp"

namespace depthcloud::capi {
namespace {

class TorchChain final : public Chain {
 public:
  TorchChain(std::shared_ptr<DepthEstimator> network, const PipelineOptions& options)
      : pipeline_(std::move(network), options) {}
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override {
    return pipeline_.decode(encoded);
  }
  Frame finish(DecodedFrame decoded, const FrameTag& tag) override {
    return pipeline_.finish(std::move(decoded), tag);
  }
  Frame process_image(const ImageView& image, const FrameTag& tag) override {
    return pipeline_.process_image(image, tag);
  }
  void set_cloud_options(const CloudOptions& options) override {
    pipeline_.set_cloud_options(options);
  }
  void set_wire_format(const WireFormat& format) override { pipeline_.set_wire_format(format); }
  const LatencyRecorder& latency() const override { return pipeline_.latency(); }

 private:
  Pipeline pipeline_;
};

class TorchNetwork final : public Network {
 public:
  explicit TorchNetwork(DepthEstimator estimator)
      : estimator_(std::make_shared<DepthEstimator>(std::move(estimator))) {}
  const ModelInfo& info() const override { return estimator_->info(); }
  void warm_up(int width, int height) override { estimator_->warm_up(width, height); }
  DepthMap estimate(const ImageView& image) override { return estimator_->estimate(image); }
  std::vector<DepthMap> estimate_batch(std::span<const ImageView> images) override {
    return estimator_->estimate_batch(images);
  }
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       const ViewOptions& options) override {
    return estimator_->estimate_views(views, options);
  }
  std::unique_ptr<Chain> chain(const PipelineOptions& options) override {
    return std::make_unique<TorchChain>(estimator_, options);
  }

 private:
  std::shared_ptr<DepthEstimator> estimator_;
};

}  // namespace

std::unique_ptr<Network> load_network(const std::string& source, const EstimatorOptions& options) {
  return std::make_unique<TorchNetwork>(DepthEstimator::load(source, options));
}

std::vector<DeviceInfo> network_devices() { return devices(); }

}  // namespace depthcloud::capi
