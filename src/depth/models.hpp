// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "depth/depth_model.hpp"

namespace depthcloud {

/// The kind of model that a source names: "constant", "builtin", "moge", "depth_anything",
/// "torchscript" or, where there is none, nullptr. A file need not exist or be sound; "moge" alone
/// is told by its tensors.
const char* model_kind(std::string_view source);

/// Loads the model that a source names: `constant` here, all others from the networks. The name of
/// a published model that is no path stands for its folder in model_cache(). Errors as
/// DepthEstimator::load; a source of no kind is an error without opening the networks.
std::unique_ptr<DepthModel> load_model(const std::string& source, const EstimatorOptions& options);

/// A plane at a known distance that takes a known time: what tests and load tests measure against.
std::unique_ptr<DepthModel> load_constant(const std::string& source,
                                          const EstimatorOptions& options);

}  // namespace depthcloud
