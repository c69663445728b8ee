// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/weights.hpp"

#include <vector>

#include <ATen/ATen.h>

#include "depth/depth_anything/tensors.hpp"
#include "depth/nn/stored_tensor.hpp"

namespace depthcloud {

nn::Parameters::Reader checkpoint_reader(const WeightsFile& file, KeyLayout layout) {
  return [file, layout](const std::string& name, at::IntArrayRef shape) {
    const std::vector<std::string> stored = stored_names(layout, name);
    std::vector<std::int64_t> part_shape = shape.vec();
    part_shape.front() /= static_cast<std::int64_t>(stored.size());
    std::vector<at::Tensor> parts;
    for (const std::string& part : stored) {
      parts.push_back(nn::stored_tensor(file, part, part_shape));
    }
    return parts.size() == 1 ? parts.front() : at::cat(parts);
  };
}

}  // namespace depthcloud
