// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace depthcloud {

class WeightsFile;

/// The built-in network: a residual convolutional encoder (strides 4, 8, 16 and 32) with a global
/// context, and a decoder with skips. Functions over a map of named tensors, so that the trainer
/// (with autograd) and the library run the same lines. docs/notes/builtin-network.md describes it.
using NamedTensors = std::map<std::string, at::Tensor>;

struct BuiltinOutput {
  at::Tensor inverse_depth;  ///< [B, H, W] float32, positive; 1 is the near end of the scene
  at::Tensor confidence;     ///< [B, H, W] float32, between 0 and 1
  at::Tensor sky;            ///< [B, H, W] float32, its probability
};

/// The raw outputs of the network, from which BuiltinOutput is computed; the trainer's loss uses
/// them.
struct BuiltinLogits {
  at::Tensor
      nearness;      ///< [B, H, W], 0 at the far end of the scene (and sky) and 1 at the near end
  at::Tensor range;  ///< [B], logit of the far end's inverse depth over the near end's
  at::Tensor confidence;  ///< [B, H, W], logit
  at::Tensor sky;         ///< [B, H, W], logit
};

/// Name and shape of every tensor of the network.
std::map<std::string, std::vector<std::int64_t>> builtin_shapes();

/// The weights of a file, as float32 and channels-last. Error{bad_model} (stage load) unless it
/// holds every tensor of builtin_shapes() in its shape and no other.
NamedTensors read_builtin_weights(const WeightsFile& file);

/// `images`: [B, 3, H, W] float32 in [0, 1], RGB, of any size, on the weights' device, best
/// channels-last. Computes in the weights' type, on the pixels that are given.
BuiltinLogits builtin_logits(const NamedTensors& weights, const at::Tensor& images);

/// The output for images of any size: the network runs on several versions of each image, reduced
/// to about 128 pixels on the longer side, shifted and mirrored; their mean is enlarged to H x W.
BuiltinOutput builtin_forward(const NamedTensors& weights, const at::Tensor& images);

}  // namespace depthcloud
