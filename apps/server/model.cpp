// SPDX-License-Identifier: Apache-2.0
#include "model.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <spdlog/spdlog.h>

#include <depthcloud/image.hpp>

namespace server {
namespace {

constexpr int warm_up_width = 640;
constexpr int warm_up_height = 480;

void warn_inert(const char* flag, const std::string& reason) {
  spdlog::warn("event=no_effect flag={} reason=\"{}\"", flag, reason);
}

void warn_of_inert_flags(const depthcloud::EstimatorOptions& options,
                         const depthcloud::ModelInfo& model) {
  const depthcloud::EstimatorOptions defaults;
  if (model.backend == "constant") {
    const char* const reason = "constant depth runs no network";
    if (options.precision != defaults.precision) warn_inert("--precision", reason);
    if (options.device != defaults.device) warn_inert("--device", reason);
    if (options.threads != defaults.threads) warn_inert("--threads", reason);
    if (options.tokens != defaults.tokens) warn_inert("--tokens", reason);
    if (options.resolution_level) warn_inert("--resolution-level", reason);
    return;
  }
  if (model.backend != "moge") {
    const std::string reason = model.name + " is not MoGe";
    if (options.tokens != defaults.tokens) warn_inert("--tokens", reason);
    if (options.resolution_level) warn_inert("--resolution-level", reason);
  }
  if (options.precision != depthcloud::Precision::automatic &&
      options.precision != model.precision) {
    warn_inert("--precision",
               fmt::format("{} computes in {}", model.name, to_string(model.precision)));
  }
}

/// Where the model does not say: seen in the depth of a gray picture.
bool gives_confidence(depthcloud::DepthEstimator& estimator) {
  if (const auto range = estimator.info().confidence) return range->low < range->high;
  depthcloud::Image gray(warm_up_width, warm_up_height);
  std::fill_n(gray.data(), gray.stride() * gray.height(), std::uint8_t{128});
  const depthcloud::DepthMap depth = estimator.estimate(std::as_const(gray).view()).host();
  return std::ranges::any_of(depth.confidence(), [](float value) { return value != 1; });
}

}  // namespace

LoadedModel load_model(const ModelOptions& options) {
  auto estimator = std::make_shared<depthcloud::DepthEstimator>(
      depthcloud::DepthEstimator::load(options.source, options.estimator));
  warn_of_inert_flags(options.estimator, estimator->info());
  estimator->warm_up(warm_up_width, warm_up_height);
  LoadedModel model;
  model.gives_confidence = gives_confidence(*estimator);
  model.source = std::make_shared<depthcloud::EstimatorSource>(
      std::move(estimator),
      depthcloud::DecodeOptions{.max_pixels = options.max_pixels, .formats = options.formats},
      options.fast_decode);
  return model;
}

}  // namespace server
