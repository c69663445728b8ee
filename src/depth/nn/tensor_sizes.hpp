// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "depth/nn/checkpoint.hpp"
#include "depth/nn/vit_config.hpp"

namespace depthcloud {

/// The sizes of a network as the tensors of its checkpoint show them. Errors: bad_model (stage
/// load), which name the tensor. `tensors` must outlive it.
class TensorSizes {
 public:
  explicit TensorSizes(const TensorShapes& tensors) : tensors_(tensors) {}

  bool has(std::string_view name) const { return tensors_.contains(name); }

  /// The length of one axis, from 1 to `most`, of a tensor that must have `rank` axes.
  int size(std::string_view name, std::size_t rank, std::size_t axis,
           int most = VitConfig::max_embed_dim) const;

  /// One more than the highest number, below `most`, that tensors have behind this prefix.
  int count(std::string_view prefix, int most) const;

  /// The side of the square of positions that a tensor [1, 1 + side * side, C] has embeddings of.
  int pos_embed_grid(std::string_view name) const;

 private:
  const TensorShapes& tensors_;
};

}  // namespace depthcloud
