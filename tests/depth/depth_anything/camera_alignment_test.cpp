// SPDX-License-Identifier: Apache-2.0
#include "torch_doctest.hpp"
// First, or CHECK is LibTorch's.

#include <cmath>

#include "depth/depth_anything/camera_alignment.hpp"

namespace depthcloud {
namespace {

/// A rotation about each axis in turn, by random angles: [count, 3, 3], f64.
at::Tensor random_rotations(std::int64_t count) {
  const auto about = [&](int axis) {
    const at::Tensor angle = at::rand({count}, at::kDouble) * 6;
    const at::Tensor zero = at::zeros_like(angle);
    const at::Tensor one = at::ones_like(angle);
    std::vector<at::Tensor> entries(9, zero);
    const int a = (axis + 1) % 3;
    const int b = (axis + 2) % 3;
    entries[static_cast<std::size_t>(4 * axis)] = one;
    entries[static_cast<std::size_t>(4 * a)] = angle.cos();
    entries[static_cast<std::size_t>(4 * b)] = angle.cos();
    entries[static_cast<std::size_t>(3 * a + b)] = -angle.sin();
    entries[static_cast<std::size_t>(3 * b + a)] = angle.sin();
    return at::stack(entries, -1).view({count, 3, 3});
  };
  return at::matmul(at::matmul(about(0), about(1)), about(2));
}

/// World to camera, of cameras that look any way from these places [S, 3].
at::Tensor cameras_at(const at::Tensor& places) {
  const at::Tensor rotation = random_rotations(places.size(0));
  return at::cat({rotation, -at::matmul(rotation, places.unsqueeze(-1))}, -1);
}

at::Tensor places_of(const at::Tensor& cameras) {
  return -at::matmul(cameras.narrow(2, 0, 3).transpose(1, 2), cameras.narrow(2, 3, 1)).squeeze(-1);
}

/// Cameras that stand where a similarity of this scale takes these places.
at::Tensor moved(const at::Tensor& places, double scale) {
  const at::Tensor shift = at::tensor({5.0, -1.0, 2.0}, at::kDouble);
  return cameras_at(scale * at::matmul(places, random_rotations(1)[0].t()) + shift);
}

at::Tensor random_places(std::int64_t count) { return at::randn({count, 3}, at::kDouble); }

}  // namespace

TEST_SUITE("camera_alignment") {
  TEST_CASE("normalised cameras have the first at the origin and a median distance of 1") {
    at::manual_seed(1);
    const at::Tensor cameras = cameras_at(random_places(5) * 40);
    const at::Tensor normalized = normalized_extrinsics(cameras);
    CHECK(normalized[0].allclose(at::eye(3, 4, at::kDouble), 0, 1e-12));
    const at::Tensor distances = places_of(normalized).norm(2, at::IntArrayRef{-1});
    CHECK(std::get<0>(distances.sort())[2].item<double>() == doctest::Approx(1));
    // Up to that unit the places are the old ones, seen from the first camera.
    const at::Tensor before = places_of(cameras) - places_of(cameras)[0];
    const at::Tensor seen = at::matmul(before, cameras[0].narrow(1, 0, 3).t());
    const double unit = std::get<0>(before.norm(2, at::IntArrayRef{-1}).sort())[2].item<double>();
    CHECK((places_of(normalized) * unit).allclose(seen, 1e-9, 1e-9));
  }

  TEST_CASE("the median of an even number is the lower one, and the unit at least a tenth") {
    const at::Tensor places = at::tensor({0.0, 0.0, 0.0, 3.0, 0.0, 0.0}, at::kDouble).view({2, 3});
    const at::Tensor distances =
        places_of(normalized_extrinsics(cameras_at(places))).norm(2, at::IntArrayRef{-1});
    CHECK(distances[1].item<double>() == doctest::Approx(30));  // the median is 0
  }

  TEST_CASE("the scale of a similarity is found whatever its turn and shift") {
    at::manual_seed(2);
    for (const std::int64_t views : {2, 3, 9, 10, 25}) {
      INFO(views);
      const at::Tensor places = random_places(views);
      CHECK(alignment_scale(cameras_at(places), moved(places, 2.5)) == doctest::Approx(2.5));
    }
  }

  TEST_CASE("places of a line and of a plane tell the scale too") {
    at::manual_seed(3);
    for (const std::int64_t free_axes : {1, 2}) {
      at::Tensor places = random_places(6);
      places.narrow(1, free_axes, 3 - free_axes).zero_();
      CHECK(alignment_scale(cameras_at(places), moved(places, 0.125)) == doctest::Approx(0.125));
    }
  }

  TEST_CASE("the best rotation is taken where a mirror would fit better") {
    const at::Tensor from =
        at::tensor({0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 0.0}, at::kDouble).view({3, 3});
    const at::Tensor to =
        at::tensor({0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 2.0, 0.0}, at::kDouble).view({3, 3});
    // The mirror image of a plane is half a turn away.
    CHECK(alignment_scale(cameras_at(from), cameras_at(to)) == doctest::Approx(1));
    // That of a body is not.
    const at::Tensor above = at::tensor({0.0, 0.0, 3.0}, at::kDouble).view({1, 3});
    const at::Tensor from4 = at::cat({from, above});
    const at::Tensor to4 = at::cat({to, above});
    const auto centred = [](const at::Tensor& x) { return x - x.mean(0); };
    const at::Tensor covariance = at::matmul(centred(to4).t(), centred(from4)) / 4;
    const at::Tensor singular = std::get<1>(at::linalg_svd(covariance));
    const double expected = (singular[0] + singular[1] - singular[2]).item<double>() /
                            centred(from4).square().sum(1).mean().item<double>();
    CHECK(expected < 0.99);
    CHECK(alignment_scale(cameras_at(from4), cameras_at(to4)) == doctest::Approx(expected));
  }

  TEST_CASE("from ten views on, views that the network saw elsewhere are left out") {
    at::manual_seed(4);
    const at::Tensor places = random_places(12);
    const at::Tensor given = cameras_at(places);
    const at::Tensor predicted = moved(places, 3);
    at::Tensor with_outliers = predicted.clone();
    with_outliers.narrow(0, 10, 2).select(2, 3).add_(60.0);
    CHECK(alignment_scale(given, with_outliers) == doctest::Approx(3).epsilon(1e-6));
    // Nine views have no consensus.
    const double all = alignment_scale(given.narrow(0, 3, 9), with_outliers.narrow(0, 3, 9));
    CHECK(std::fabs(all - 3) > 0.1);
    CHECK(alignment_scale(given, with_outliers) == alignment_scale(given, with_outliers));
  }

  TEST_CASE("where the places cannot tell, the unit is the one that the network was told") {
    at::manual_seed(5);
    const at::Tensor one_place = at::ones({3, 3}, at::kDouble);
    const at::Tensor places = at::eye(3, at::kDouble) * 7;
    CHECK(alignment_scale(cameras_at(one_place), cameras_at(places)) == doctest::Approx(10));
    const double unit = 7 * std::sqrt(2.0);
    CHECK(alignment_scale(cameras_at(places), cameras_at(one_place)) == doctest::Approx(1 / unit));
    CHECK(alignment_scale(cameras_at(places.narrow(0, 0, 1)),
                          cameras_at(one_place.narrow(0, 0, 1))) == doctest::Approx(10));
  }
}

}  // namespace depthcloud
