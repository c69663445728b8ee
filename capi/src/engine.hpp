// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/pipeline.hpp>
#include <depthcloud/system_info.hpp>

// The seam between the C API and the networks, chosen when the library is linked: engine_torch.cpp
// runs them, engine_none.cpp stands in for it in a build without LibTorch and reports
// `unavailable`, and the tests that run under sanitizers link one of their own.

namespace depthcloud::capi {

/// What the C API uses of a Pipeline.
class Chain : public FrameProcessor {
 public:
  virtual Frame process_image(const ImageView& image, const FrameTag& tag) = 0;
  virtual void set_cloud_options(const CloudOptions& options) = 0;
  virtual void set_wire_format(const WireFormat& format) = 0;
  virtual const LatencyRecorder& latency() const = 0;
};

/// What the C API uses of a DepthEstimator.
class Network {
 public:
  virtual ~Network() = default;
  virtual const ModelInfo& info() const = 0;
  virtual void warm_up(int width, int height) = 0;
  virtual DepthMap estimate(const ImageView& image) = 0;
  virtual std::vector<DepthMap> estimate_batch(std::span<const ImageView> images) = 0;
  virtual std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                               const ViewOptions& options) = 0;
  /// A chain that may outlive this object.
  virtual std::unique_ptr<Chain> chain(const PipelineOptions& options) = 0;
};

std::unique_ptr<Network> load_network(const std::string& source, const EstimatorOptions& options);

std::vector<DeviceInfo> network_devices();

}  // namespace depthcloud::capi
