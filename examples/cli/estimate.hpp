// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

#include "options.hpp"

namespace cli {

/// Where depth comes from when no depth map is given. A build without LibTorch has
/// estimate_none.cpp in the place of estimate_torch.cpp.
class Estimator {
 public:
  virtual ~Estimator() = default;
  /// How to decode a photo for the network: at full size, or reduced where that was asked for or
  /// the network is trained for it.
  virtual depthcloud::DecodeOptions decode_options(const depthcloud::PhotoInfo& photo) const = 0;
  virtual depthcloud::DepthMap estimate(const depthcloud::ImageView& image,
                                        depthcloud::StageTimes& times) = 0;
  /// Depth of photos of one scene, see DepthEstimator::estimate_views; known cameras of all or
  /// none.
  virtual std::vector<depthcloud::DepthMap> estimate_views(
      std::span<const depthcloud::ImageView> views, const std::string& reference_view,
      std::vector<depthcloud::KnownCamera> cameras, depthcloud::StageTimes& times) = 0;
};

/// Throws Error{unavailable} in a build without LibTorch.
std::unique_ptr<Estimator> load_estimator(const NetworkOptions& options);

/// What `depthcloud info` tells; a model that was not asked for is left out where there is none.
nlohmann::ordered_json system_report(const InfoCommand& command);

}  // namespace cli
