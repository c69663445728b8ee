// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "depth/depth_anything/config.hpp"

namespace depthcloud {

/// The tensors of a checkpoint under their official names. Borrows the shapes.
class DepthAnythingCheckpoint {
 public:
  /// Finds the layout of the names. Errors: unsupported (no Depth Anything, giant, nested).
  explicit DepthAnythingCheckpoint(const TensorShapes& stored);

  /// The config as far as the tensors determine it: sizes, kind of head, existing parts. Errors:
  /// bad_model.
  DepthAnythingConfig sizes() const;

  /// Every tensor of the network exists in its shape, and no other; else bad_model.
  void check_complete(const DepthAnythingConfig& config) const;

  /// Official names of the transformer's and the head's tensors.
  std::string backbone(std::string_view tail) const;
  std::string head(std::string_view tail) const;

  /// The stored name of an official one; of the first part where it is stored in parts.
  std::string stored_name(std::string_view official) const;

  /// A size from the tensor of this official name: the length of one of its axes.
  int size(const std::string& official, std::size_t rank, std::size_t axis, int most) const;

 private:
  bool has_any_below(std::string_view prefix) const;
  int count_blocks() const;
  int pos_embed_grid() const;

  const TensorShapes& stored_;
  KeyLayout layout_;
  DepthAnythingFamily family_;
};

}  // namespace depthcloud
