// SPDX-License-Identifier: Apache-2.0
#include "torch_doctest.hpp"
// First, or CHECK is LibTorch's.

#include <cstring>
#include <memory>
#include <string>

#include <depthcloud/torch.hpp>

#include "cloud/oracle.hpp"
#include "depth/backend/tensor_depth.hpp"
#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::CloudBuilder;
using depthcloud::CloudOptions;
using depthcloud::CloudTensors;
using depthcloud::DepthMap;
using depthcloud::DepthTensors;
using depthcloud::PixelFormat;
using depthcloud::PointCloud;
using depthcloud::TensorCloudBuilder;
using depthcloud::TensorDepth;

namespace {

at::Tensor plane(std::vector<float>& values, int height, int width) {
  return at::from_blob(values.data(), {height, width}, at::kFloat);
}

DepthTensors tensors_of(oracle::Scene& scene) {
  DepthTensors tensors;
  tensors.depth = plane(scene.depth, scene.height, scene.width);
  if (scene.has_confidence) {
    tensors.confidence = plane(scene.confidence, scene.height, scene.width);
  }
  return tensors;
}

/// Planes that CloudBuilder must treat as those of a GPU.
DepthMap as_on_device(oracle::Scene& scene) {
  DepthTensors tensors = tensors_of(scene);
  if (!tensors.confidence.defined()) tensors.confidence = at::ones_like(tensors.depth);
  return TensorDepth::wrap(scene.width, scene.height, std::make_shared<const TensorDepth>(tensors),
                           {.intrinsics = scene.intrinsics});
}

DepthTensors small() { return {at::full({2, 3}, 2.0f), at::full({2, 3}, 5.0f), {}}; }

constexpr depthcloud::DepthInfo info{.intrinsics = {1, 1, 0, 0}};

}  // namespace

TEST_SUITE("cloud_torch") {
  TEST_CASE("the gather agrees with the plain method, whatever the input") {
    std::mt19937 random(11);
    CloudBuilder through_device;
    PointCloud cloud;
    for (int round = 0; round < 300; ++round) {
      oracle::Scene scene = oracle::random_scene(random);
      const CloudOptions options = oracle::random_options(random);
      const oracle::Cloud expected = oracle::build(scene.view(), scene.image, options);
      CAPTURE(round);
      CAPTURE(scene.width);
      CAPTURE(scene.height);
      CAPTURE(options.stride.value_or(1));

      through_device.set_options(options);
      through_device.build(as_on_device(scene), scene.image, cloud);
      CHECK(cloud.axes == options.axes);
      REQUIRE(oracle::first_difference(cloud.positions, expected.positions, 1e-6) == -1);
      REQUIRE(std::equal(cloud.colors.begin(), cloud.colors.end(), expected.colors.begin(),
                         expected.colors.end()));

      if (scene.image.format != PixelFormat::rgb) continue;
      const at::Tensor rgb =
          at::from_blob(scene.pixels.data(), {scene.image.height, scene.image.width, 3},
                        {scene.image.stride, 3, 1}, at::kByte);
      const DepthMap map =
          depthcloud::to_depth_map(tensors_of(scene), {.intrinsics = scene.intrinsics});
      const CloudTensors tensors = TensorCloudBuilder(options).build(map, rgb);
      const depthcloud::CloudView view = tensors.view();
      REQUIRE(oracle::first_difference(view.positions, expected.positions, 1e-6) == -1);
      REQUIRE(std::equal(view.colors.begin(), view.colors.end(), expected.colors.begin(),
                         expected.colors.end()));
    }
  }

  TEST_CASE("the gather and the fused pass give the same bytes") {
    std::mt19937 random(5);
    for (int round = 0; round < 20; ++round) {
      oracle::Scene scene = oracle::random_scene(random);
      CloudOptions options = oracle::random_options(random);
      if (round % 2 == 1) {
        options.voxel_size = 0.3f;
        options.min_depth = 0;
        options.max_depth = 1000;  // farther points have no voxel of this size
      }
      CloudBuilder builder(options);
      const PointCloud on_host = builder.build(scene.view(), scene.image);
      const PointCloud gathered = builder.build(as_on_device(scene), scene.image);
      REQUIRE(on_host.positions.size() == gathered.positions.size());
      if (on_host.empty()) continue;
      CHECK(std::memcmp(on_host.positions.data(), gathered.positions.data(),
                        on_host.positions.span().size_bytes()) == 0);
      CHECK(std::memcmp(on_host.colors.data(), gathered.colors.data(), on_host.colors.size()) == 0);
    }
  }

  TEST_CASE("a depth map of a part of the image takes its colours from there") {
    depthcloud::DepthInfo right_half = info;
    right_half.region = {0.5, 0, 0.5, 1};
    const DepthMap map = depthcloud::to_depth_map({at::ones({2, 3}), {}, {}}, right_half);
    const at::Tensor rgb = at::arange(36).view({2, 6, 3}).to(at::kByte);
    const CloudTensors tensors = TensorCloudBuilder().build(map, rgb);
    CHECK(tensors.colors.equal(rgb.narrow(1, 3, 3).reshape({6, 3})));
  }

  TEST_CASE("one builder follows a change of shape and of intrinsics") {
    TensorCloudBuilder builder;
    const at::Tensor rgb = at::zeros({2, 3, 3}, at::kByte);
    const DepthMap map = depthcloud::to_depth_map(small(), info);
    CHECK(builder.build(map, rgb).positions.size(0) == 6);
    CHECK(builder.build(map, at::ones({5, 5, 3}, at::kByte)).colors.sum().item<int>() == 18);
    const DepthMap moved = depthcloud::to_depth_map(small(), {.intrinsics = {1, 1, -7, 0}});
    CHECK(builder.build(moved, rgb).positions.flatten().narrow(0, 0, 1).item<float>() == 14);
    const DepthMap wide = depthcloud::to_depth_map({at::ones({1, 9}), {}, {}}, info);
    CHECK(builder.build(wide, rgb).positions.size(0) == 9);
  }

  TEST_CASE("tensors go in and out of a depth map without a copy") {
    DepthTensors tensors = small();
    tensors.sky = at::ones({2, 3}, at::kByte);
    const DepthMap map = depthcloud::to_depth_map(tensors, info);
    CHECK(map.width() == 3);
    CHECK(map.height() == 2);
    CHECK(map.device() == depthcloud::Device{});
    CHECK(map.depth().data() == tensors.depth.data_ptr<float>());
    CHECK(map.confidence()[5] == 5);
    CHECK(map.sky()[5] == 1);

    const DepthTensors back = depthcloud::to_tensors(map);
    CHECK(back.depth.data_ptr() == tensors.depth.data_ptr());
    CHECK(back.sky.sum().item<int>() == 6);
  }

  TEST_CASE("the tensors of a depth map keep its planes alive") {
    DepthTensors tensors;
    {
      const DepthMap map(2, 1, {{1.5f, 2.5f}, {}, {}}, info);
      tensors = depthcloud::to_tensors(map);
    }
    CHECK(tensors.depth.sum().item<float>() == 4);
    CHECK(tensors.confidence.sum().item<float>() == 2);
    CHECK_FALSE(tensors.sky.defined());
  }

  TEST_CASE("planes on a device come to the host as a copy") {
    DepthTensors tensors = small();
    tensors.sky = at::zeros({2, 3}, at::kByte);
    const DepthMap map =
        TensorDepth::wrap(3, 2, std::make_shared<const TensorDepth>(tensors), info);
    CHECK(depthcloud::to_tensors(map).depth.is_same(tensors.depth));
    CHECK(error_of([&] { (void)map.depth(); }).starts_with("unavailable"));
    const DepthMap host = map.host();
    CHECK(host.depth()[5] == 2);
    CHECK(host.confidence()[5] == 5);
    CHECK(host.sky().size() == 6);
  }

  TEST_CASE("a plane that is not contiguous is copied") {
    const at::Tensor wide = at::arange(8, at::kFloat).reshape({2, 4});
    const DepthMap map = depthcloud::to_depth_map({wide.narrow(1, 1, 2), {}, {}}, info);
    CHECK(map.depth()[2] == 5);
    CHECK(map.confidence()[3] == 1);
  }

  TEST_CASE("tensors of a wrong type or shape are refused, and named") {
    const auto refused = [](const char* what, const DepthTensors& tensors) {
      const std::string error = error_of([&] { depthcloud::to_depth_map(tensors, info); });
      CHECK(error.starts_with("invalid_argument cloud: "));
      CHECK(contains(error, what));
    };
    DepthTensors tensors = small();
    refused("no depth tensor", {});
    refused("Double", {at::ones({2, 3}, at::kDouble), {}, {}});
    refused("3 dimensions", {at::ones({1, 2, 3}), {}, {}});
    refused("not positive", {at::ones({0, 3}), {}, {}});
    tensors.confidence = at::ones({3, 2});
    refused("confidence tensor is 3 x 2", tensors);
    tensors = small();
    tensors.sky = at::ones({2, 3});
    refused("sky tensor holds Float", tensors);

    TensorCloudBuilder builder;
    const DepthMap map = depthcloud::to_depth_map(small(), info);
    for (const at::Tensor& rgb : {at::Tensor(), at::ones({2, 3, 3}), at::ones({2, 3}, at::kByte),
                                  at::ones({2, 3, 4}, at::kByte), at::ones({0, 3, 3}, at::kByte)}) {
      CHECK(error_of([&] { builder.build(map, rgb); }).starts_with("invalid_argument cloud"));
    }
    CHECK(error_of([] { TensorCloudBuilder({.stride = 0}); }).starts_with("invalid_argument"));
  }

  TEST_CASE("a cloud's memory is handed to tensors and viewed again without a copy") {
    const oracle::Scene scene = [] {
      std::mt19937 random(1);
      return oracle::random_scene(random);
    }();
    PointCloud cloud = CloudBuilder({.axes = Axes::v1}).build(scene.view(), scene.image);
    const float* const positions = cloud.positions.data();
    const std::size_t size = cloud.size();
    const CloudTensors tensors = depthcloud::to_tensors(std::move(cloud));
    CHECK(tensors.positions.data_ptr<float>() == positions);
    CHECK(tensors.positions.size(0) == static_cast<std::int64_t>(size));
    CHECK(tensors.view().positions.data() == positions);
    CHECK(tensors.view().axes == Axes::v1);
    const CloudTensors copy = tensors.cpu();
    CHECK(copy.view().size() == size);
  }

  TEST_CASE("cloud tensors that are no cloud are refused") {
    CHECK(error_of([] {
            const CloudTensors tensors{at::ones({4, 2}), at::ones({4, 3}, at::kByte)};
            (void)tensors.view();
          }).starts_with("invalid_argument"));
    CHECK(error_of([] {
            const CloudTensors tensors{at::ones({4, 3}), at::ones({5, 3}, at::kByte)};
            (void)tensors.view();
          }).starts_with("invalid_argument"));
    CHECK(error_of([] {
            const CloudTensors tensors{at::empty({4, 3}, at::device(at::kMeta)),
                                       at::ones({4, 3}, at::kByte)};
            (void)tensors.view();
          }).starts_with("unavailable"));
  }

  TEST_CASE("normals: the gather and the fused pass give the same, and tensors come back") {
    std::mt19937 random(12);
    for (int round = 0; round < 60; ++round) {
      oracle::Scene scene = oracle::random_scene(random);
      CloudOptions options = oracle::random_options(random);
      options.normals = true;
      DepthTensors tensors = tensors_of(scene);
      tensors.normals = at::rand({scene.height, scene.width, 3});
      const DepthMap map = depthcloud::to_depth_map(tensors, {.intrinsics = scene.intrinsics});
      REQUIRE((depthcloud::to_tensors(map).normals.equal(tensors.normals)));
      if (!tensors.confidence.defined()) tensors.confidence = at::ones_like(tensors.depth);
      const DepthMap remote =
          TensorDepth::wrap(scene.width, scene.height, std::make_shared<const TensorDepth>(tensors),
                            {.intrinsics = scene.intrinsics});
      CHECK(remote.host().normals().size() == map.normals().size());
      CloudBuilder builder(options);
      const PointCloud here = builder.build(map, scene.image);
      const PointCloud there = builder.build(remote, scene.image);
      REQUIRE(here.normals.size() == here.positions.size());
      CHECK(std::equal(here.normals.begin(), here.normals.end(), there.normals.begin(),
                       there.normals.end()));
    }
    DepthTensors wrong = small();
    wrong.normals = at::zeros({2, 3});
    CHECK(contains(error_of([&] { depthcloud::to_depth_map(wrong, info); }), "normals tensor"));
  }
}
