// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/error.hpp>

#include "model.hpp"

namespace server {

Model load_model(const ModelOptions& options) {
  if (!depthcloud::ConstantPlane::named_by(options.source)) {
    throw depthcloud::Error(
        depthcloud::ErrorCode::unavailable, depthcloud::Stage::load,
        "this build has no LibTorch and only knows the model 'constant[:METRES[,DELAY_MS]]'");
  }
  return {std::make_unique<depthcloud::ConstantDepth>(
              depthcloud::ConstantPlane::parse(options.source),
              depthcloud::DecodeOptions{.max_pixels = options.max_pixels}),
          "constant", "cpu", "f32"};
}

}  // namespace server
