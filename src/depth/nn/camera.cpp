// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/camera.hpp"

#include <string>

#include <ATen/ATen.h>

namespace depthcloud::nn {
namespace {

constexpr std::int64_t code_size = 9;
constexpr double min_tangent = 1e-6;

/// [.., n n] to [.., n, n].
at::Tensor matrix_of(std::vector<at::Tensor> entries, std::int64_t size) {
  return at::stack(entries, -1).unflatten(-1, {size, size});
}

/// Rotation matrices of quaternions (x, y, z, w) of any length: [.., 4] to [.., 3, 3].
at::Tensor rotation_of(const at::Tensor& quaternion) {
  const std::vector<at::Tensor> q = quaternion.unbind(-1);
  const at::Tensor &x = q[0], &y = q[1], &z = q[2], &w = q[3];
  const at::Tensor s = 2.0 / quaternion.square().sum(-1);
  return matrix_of({1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w),
                    s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w),
                    s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)},
                   3);
}

/// The inverse, for proper rotations: of the four ways to solve for the quaternion the one with the
/// largest divisor.
at::Tensor quaternion_of(const at::Tensor& rotation) {
  const std::vector<at::Tensor> m = rotation.flatten(-2).unbind(-1);
  const at::Tensor norms = at::stack({1 + m[0] + m[4] + m[8], 1 + m[0] - m[4] - m[8],
                                      1 - m[0] + m[4] - m[8], 1 - m[0] - m[4] + m[8]},
                                     -1)
                               .clamp_min(0)
                               .sqrt();
  const std::vector<at::Tensor> n = norms.square().unbind(-1);
  const at::Tensor wxyz = matrix_of(
      {
          n[0],
          m[7] - m[5],
          m[2] - m[6],
          m[3] - m[1],  //
          m[7] - m[5],
          n[1],
          m[3] + m[1],
          m[2] + m[6],  //
          m[2] - m[6],
          m[3] + m[1],
          n[2],
          m[5] + m[7],  //
          m[3] - m[1],
          m[6] + m[2],
          m[7] + m[5],
          n[3],
      },
      4);
  constexpr double min_norm = 0.1;
  const at::Tensor candidates = wxyz / (2 * norms.unsqueeze(-1).clamp_min(min_norm));
  const at::Tensor best = norms.argmax(-1, /*keepdim=*/true).unsqueeze(-1);
  const at::Tensor chosen =
      candidates.gather(-2, best.expand_as(candidates.narrow(-2, 0, 1))).squeeze(-2);
  const at::Tensor xyzw = chosen.roll(-1, -1);
  return at::where(xyzw.narrow(-1, 3, 1) < 0, -xyzw, xyzw);
}

/// [R | t] to the inverse [R^T | -R^T t].
at::Tensor inverse(const at::Tensor& rotation, const at::Tensor& translation) {
  const at::Tensor transposed = rotation.transpose(-1, -2);
  // A sum in place of a matrix product, which would go through BLAS for nine numbers.
  const at::Tensor moved = -(transposed * translation.unsqueeze(-2)).sum(-1, /*keepdim=*/true);
  return at::cat({transposed, moved}, -1);
}

}  // namespace

Cameras decode_cameras(const at::Tensor& code, const ImageSize& image) {
  const at::Tensor translation = code.narrow(-1, 0, 3);
  const at::Tensor rotation = rotation_of(code.narrow(-1, 3, 4));
  const at::Tensor tangents = (code.narrow(-1, 7, 2) / 2).tan().clamp_min(min_tangent);
  const double half_height = static_cast<double>(image.height) / 2;
  const double half_width = static_cast<double>(image.width) / 2;
  const at::Tensor fy = half_height / tangents.select(-1, 0);
  const at::Tensor fx = half_width / tangents.select(-1, 1);
  const at::Tensor zero = at::zeros_like(fx);
  const at::Tensor one = at::ones_like(fx);
  return {inverse(rotation, translation),
          matrix_of({fx, zero, one * half_width, zero, fy, one * half_height, zero, zero, one}, 3)};
}

at::Tensor encode_cameras(const Cameras& cameras, const ImageSize& image) {
  const at::Tensor pose = cameras.extrinsics.narrow(-2, 0, 3);
  const at::Tensor to_world = inverse(pose.narrow(-1, 0, 3), pose.narrow(-1, 3, 1).squeeze(-1));
  const at::Tensor fy = cameras.intrinsics.select(-2, 1).narrow(-1, 1, 1);
  const at::Tensor fx = cameras.intrinsics.select(-2, 0).narrow(-1, 0, 1);
  const auto fov = [](std::int64_t side, const at::Tensor& focal) {
    return 2 * at::atan(static_cast<double>(side) / 2 / focal);
  };
  return at::cat({to_world.narrow(-1, 3, 1).squeeze(-1), quaternion_of(to_world.narrow(-1, 0, 3)),
                  fov(image.height, fy), fov(image.width, fx)},
                 -1);
}

CameraDecoder::CameraDecoder(const Parameters& parameters, std::int64_t feature_dim)
    : hidden1_(parameters.under("backbone.0"), feature_dim, feature_dim),
      hidden2_(parameters.under("backbone.2"), feature_dim, feature_dim),
      translation_(parameters.under("fc_t"), feature_dim, 3),
      quaternion_(parameters.under("fc_qvec"), feature_dim, 4),
      fov_(parameters.under("fc_fov.0"), feature_dim, 2) {}

at::Tensor CameraDecoder::operator()(const at::Tensor& feature) const {
  const at::Tensor hidden = hidden2_(hidden1_(feature).relu()).relu();
  return at::cat({translation_(hidden), quaternion_(hidden), fov_(hidden).relu()}, -1);
}

CameraEncoder::CameraEncoder(const Parameters& parameters, std::int64_t dim)
    : fc1_(parameters.under("pose_branch.fc1"), code_size, dim / 2),
      fc2_(parameters.under("pose_branch.fc2"), dim / 2, dim),
      token_norm_(parameters.under("token_norm"), dim, CameraConfig::norm_epsilon),
      trunk_norm_(parameters.under("trunk_norm"), dim, CameraConfig::norm_epsilon) {
  TransformerBlock::Options options;
  options.attention.dim = dim;
  options.attention.heads = CameraConfig::encoder_heads;
  options.norm_epsilon = CameraConfig::norm_epsilon;
  for (int i = 0; i < CameraConfig::encoder_blocks; ++i) {
    trunk_.emplace_back(parameters.under("trunk").under(std::to_string(i)), options);
  }
}

at::Tensor CameraEncoder::operator()(const at::Tensor& code) const {
  at::Tensor x = token_norm_(fc2_(at::gelu(fc1_(code))));
  for (const TransformerBlock& block : trunk_) x = block(x, nullptr);
  return trunk_norm_(x);
}

}  // namespace depthcloud::nn
