// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/camera_alignment.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <ATen/ATen.h>

namespace depthcloud {
namespace {

/// Products of small matrices over the last two dimensions, without BLAS.
at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  return (a.unsqueeze(-1) * b.unsqueeze(-3)).sum(-2);
}

at::Tensor rotations(const at::Tensor& extrinsics) { return extrinsics.narrow(-1, 0, 3); }
at::Tensor translations(const at::Tensor& extrinsics) { return extrinsics.narrow(-1, 3, 1); }

/// [S, 3]: -R^T t.
at::Tensor centres(const at::Tensor& extrinsics) {
  return -product(rotations(extrinsics).transpose(-1, -2), translations(extrinsics)).squeeze(-1);
}

/// The same cameras with the first one's frame as the world.
at::Tensor seen_from_first(const at::Tensor& extrinsics) {
  const at::Tensor to_world = rotations(extrinsics)[0].t();
  const at::Tensor centre = -product(to_world, translations(extrinsics)[0]);
  const at::Tensor rotation = product(rotations(extrinsics), to_world.unsqueeze(0));
  const at::Tensor translation =
      product(rotations(extrinsics), centre.unsqueeze(0)) + translations(extrinsics);
  return at::cat({rotation, translation}, -1);
}

/// The unit of normalized_extrinsics(); the lower middle of an even number.
double median_distance(const at::Tensor& from_first) {
  constexpr double at_least = 0.1;
  const at::Tensor distances = centres(from_first).norm(2, at::IntArrayRef{-1});
  return std::max(distances.median().item<double>(), at_least);
}

struct Similarity {
  at::Tensor rotation;     ///< [3, 3]
  at::Tensor translation;  ///< [3]
  double scale = 1;

  at::Tensor operator()(const at::Tensor& points) const {
    return scale * product(points, rotation.t()) + translation;
  }
};

/// The similarity from points [N, 3] to others with the least squared error; none where either all
/// coincide.
std::optional<Similarity> fit(const at::Tensor& from, const at::Tensor& to) {
  const at::Tensor from_mean = from.mean(0);
  const at::Tensor to_mean = to.mean(0);
  const at::Tensor from_offsets = from - from_mean;
  const at::Tensor to_offsets = to - to_mean;
  constexpr double coincide = 1e-12;  // squared, relative to where the points lie
  const auto spread = [](const at::Tensor& offsets) {
    return offsets.square().sum(1).mean().item<double>();
  };
  const double from_spread = spread(from_offsets);
  if (from_spread <= coincide * spread(from) || spread(to_offsets) <= coincide * spread(to)) {
    return std::nullopt;
  }
  const at::Tensor covariance =
      product(to_offsets.t(), from_offsets) / static_cast<double>(from.size(0));
  const auto [u, singular, vt] = at::linalg_svd(covariance);
  const at::Tensor signs = at::ones({3}, at::kDouble);
  // A mirror fits some points better than any rotation does.
  if ((at::linalg_det(u) * at::linalg_det(vt)).item<double>() < 0) signs[2] = -1;
  Similarity result;
  result.rotation = product(u * signs, vt);
  result.scale = (singular * signs).sum().item<double>() / from_spread;
  result.translation =
      to_mean - result.scale * product(result.rotation, from_mean.unsqueeze(1)).squeeze(1);
  return result;
}

at::Tensor distances(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).norm(2, at::IntArrayRef{-1});
}

/// RANSAC: of a few fits to half of the points, takes the one with which most points agree, and
/// fits again to those points. A point agrees within the median distance of a point to its nearest
/// neighbour.
std::optional<Similarity> fit_to_consensus(const at::Tensor& from, const at::Tensor& to) {
  constexpr int rounds = 10;
  constexpr unsigned seed = 42;
  const std::optional<Similarity> to_all = fit(from, to);
  if (!to_all) return to_all;
  const at::Tensor nearest = distances((*to_all)(from).unsqueeze(1), to.unsqueeze(0)).amin(1);
  const double tolerance = nearest.median().item<double>();

  std::vector<std::int64_t> order(static_cast<std::size_t>(from.size(0)));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::mt19937 random(seed);
  at::Tensor best;
  std::pair<std::int64_t, double> best_score{0, 0};  // points that agree, minus their mean error
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    const at::Tensor half = at::tensor(order).narrow(0, 0, (from.size(0) + 1) / 2);
    const auto candidate = fit(from.index_select(0, half), to.index_select(0, half));
    if (!candidate) continue;
    const at::Tensor errors = distances((*candidate)(from), to);
    const at::Tensor agree = (errors <= tolerance).nonzero().flatten();
    if (agree.numel() == 0) continue;
    const std::pair score{agree.numel(), -errors.index_select(0, agree).mean().item<double>()};
    if (!best.defined() || score > best_score) {
      best = agree;
      best_score = score;
    }
  }
  constexpr std::int64_t enough = 3;
  if (!best.defined() || best.numel() < enough) return to_all;
  const auto refined = fit(from.index_select(0, best), to.index_select(0, best));
  return refined ? refined : to_all;
}

}  // namespace

at::Tensor normalized_extrinsics(const at::Tensor& extrinsics) {
  const at::Tensor from_first = seen_from_first(extrinsics);
  return at::cat({rotations(from_first), translations(from_first) / median_distance(from_first)},
                 -1);
}

double alignment_scale(const at::Tensor& given, const at::Tensor& predicted) {
  constexpr std::int64_t views_for_consensus = 10;
  const at::Tensor from = centres(given);
  const at::Tensor to = centres(predicted);
  const std::optional<Similarity> similarity =
      given.size(0) < views_for_consensus ? fit(from, to) : fit_to_consensus(from, to);
  return similarity && similarity->scale > 0 ? similarity->scale
                                             : 1 / median_distance(seen_from_first(given));
}

}  // namespace depthcloud
