// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/golden.hpp"

#include <string>

#include <fmt/format.h>

#include "depth/bf16.hpp"
#include "depth/moge/preprocess.hpp"
#include "depth/moge/token_grid.hpp"
#include "expect_error.hpp"

namespace depthcloud {
namespace {

using test::check_golden;
using test::GoldenCase;
using test::GoldenPhoto;
using test::moge_cases;
using test::MogeModel;
using test::planes_first;

/// What the network sees of the photo of a golden case.
at::Tensor input_of(const GoldenCase& golden) {
  const GoldenPhoto photo(golden);
  const auto tokens = static_cast<int>(golden("num_tokens").item<std::int64_t>());
  return normalised(resize_to_patches(photo.view(), token_grid(tokens, photo.size())));
}

/// CHECKs a tensor that only some of the cases have.
void check_if_there(const GoldenCase& golden, const std::string& name, const at::Tensor& actual) {
  if (golden.has(name)) check_golden(actual, golden(name), name);
}

}  // namespace

TEST_SUITE("moge") {
  TEST_CASE("the input is resized and normalised as the reference's") {
    for (const char* name :
         {"prep_120x160", "prep_97x131", "prep_200x31", "prep_20x30", "land_42x56", "port_67x45"}) {
      CAPTURE(name);
      const GoldenCase golden("moge2_micro", name);
      const at::Tensor input = input_of(golden);
      CHECK((input.sizes() == golden("input").sizes()));
      CHECK((input - golden("input")).abs().max().item<double>() < 1e-5);
    }
  }

  TEST_CASE("any format of a photo gives the same input, in bands of any height") {
    const at::Tensor pixels =
        at::arange(3 * 300 * 40).remainder(251).to(at::kByte).view({300, 40, 3});
    ImageView rgb;
    rgb.data = pixels.data_ptr<std::uint8_t>();
    rgb.width = 40;
    rgb.height = 300;
    rgb.stride = 120;
    rgb.format = PixelFormat::rgb;
    const at::Tensor expected = resize_to_patches(rgb, {2, 5});
    const at::Tensor alpha = at::full({300, 40, 1}, 7, at::kByte);
    const at::Tensor bgra = at::cat({pixels.flip(2), alpha}, 2).contiguous();
    ImageView other = rgb;
    other.data = bgra.data_ptr<std::uint8_t>();
    other.stride = 160;
    other.format = PixelFormat::bgra;
    CHECK(resize_to_patches(other, {2, 5}).equal(expected));
    const at::Tensor unit = pixels.permute({2, 0, 1}).to(at::kFloat).div(255).unsqueeze(0);
    CHECK(at::_upsample_bilinear2d_aa(unit, {70, 28}, false).squeeze(0).equal(expected));
  }

  TEST_CASE("the intermediates are those of the reference") {
    for (const auto& [model, name] : moge_cases) {
      CAPTURE(name);
      const GoldenCase golden(model, name);
      const Grid image = GoldenPhoto(golden).size();
      Moge network = MogeModel(model).network();
      const auto encoded = network.encode(input_of(golden).unsqueeze(0));
      check_golden(encoded.features, golden("encoder"), "encoder");
      check_golden(encoded.class_token, golden("cls_token"), "cls_token");
      const MogeStack::Levels levels = network.neck(encoded.features, image);
      for (std::size_t level = 0; level < levels.size(); ++level) {
        check_if_there(golden, fmt::format("neck.{}", level), levels[level]);
        const std::string uv = fmt::format("uv.{}", level);
        const Grid map{static_cast<int>(levels[level].size(3)),
                       static_cast<int>(levels[level].size(2))};
        check_if_there(golden, uv, view_plane_uv(map, image, at::kCPU));
      }
      check_golden(network.points_head(levels), golden("points_head"), "points_head");
      check_if_there(golden, "mask_head", network.mask_head(levels));
      if (golden.has("normal_head")) {
        check_golden(network.normal_head(levels), golden("normal_head"), "normal_head");
      }
      check_if_there(golden, "scale_head", network.scale_head(encoded.class_token));
    }
  }

  TEST_CASE("the outputs are those of the reference") {
    for (const auto& [model, name] : moge_cases) {
      CAPTURE(name);
      const GoldenCase golden(model, name);
      Moge network = MogeModel(model).network();
      const MogeOutput output = network(input_of(golden).unsqueeze(0), GoldenPhoto(golden).size());
      check_golden(output.points[0], planes_first(golden("points")), "points");
      check_golden(output.mask, golden("mask_prob"), "mask_prob");
      check_golden(output.scale, golden("metric_scale"), "metric_scale");
      if (golden.has("normal")) {
        check_golden(output.normals[0], planes_first(golden("normal")), "normal");
      }
      CHECK(output.normals.defined() == (std::string(model) == "moge2_micro"));
    }
  }

  TEST_CASE("images of a batch do not see each other") {
    const GoldenCase golden("moge2_micro", "land_42x56");
    Moge network = MogeModel("moge2_micro").network();
    const Grid image = GoldenPhoto(golden).size();
    const at::Tensor input = input_of(golden).unsqueeze(0);
    const at::Tensor mirrored = input.flip(-1);
    const MogeOutput both = network(at::cat({input, mirrored}), image);
    check_golden(both.points[0], network(input, image).points[0], "first");
    check_golden(both.points[1], network(mirrored, image).points[0], "second");
    check_golden(both.scale[1], network(mirrored, image).scale[0], "scale");
  }

  TEST_CASE("the four ways to read points") {
    const GoldenCase golden("moge2_micro", "remap");
    const at::Tensor raw = planes_first(golden("in")).unsqueeze(0);
    for (const auto& [remap, name] : {std::pair{MogeRemap::linear, "linear"},
                                      {MogeRemap::sinh, "sinh"},
                                      {MogeRemap::exp, "exp"},
                                      {MogeRemap::sinh_exp, "sinh_exp"}}) {
      check_golden(remap_points(raw, remap)[0], planes_first(golden(name)), name);
    }
  }

  TEST_CASE("resampling of any kind at any level, and residual blocks at the last") {
    // The convolution on the enlarged map as it is written, against that by phases.
    const auto read = [](const std::string& name, at::IntArrayRef shape) {
      at::manual_seed(name.size() + static_cast<std::uint64_t>(shape.size()));
      return at::randn(shape);
    };
    const nn::Parameters weights(read, at::kCPU, Precision::f32);
    const at::Tensor x = at::linspace(-1, 1, 4 * 5 * 7).sin().view({1, 4, 5, 7});
    const at::Tensor enlarged = at::upsample_bilinear2d(x, {10, 14}, false);
    const at::Tensor expected = at::conv2d(at::replication_pad2d(enlarged, {1, 1, 1, 1}),
                                           read("weight", {3, 4, 3, 3}), read("bias", {3}));
    check_golden(BilinearConv(weights, 4, 3)(x), expected, "by phases");
  }

  TEST_CASE("a stop ends a pass") {
    std::stop_source stop;
    Moge network = MogeModel("moge2_micro").network(Precision::f32, stop.get_token());
    const GoldenCase golden("moge2_micro", "land_42x56");
    const at::Tensor input = input_of(golden).unsqueeze(0);
    CHECK(network(input, {56, 42}).points.defined());
    stop.request_stop();
    CHECK(error_of([&] {
            network(input, {56, 42});
          }) == "cancelled infer: the estimator was stopped");
  }

  TEST_CASE("an encoder in int8 changes little, but something") {
    const GoldenCase golden("moge2_micro", "land_42x56");
    const at::Tensor input = input_of(golden).unsqueeze(0);
    const MogeOutput output = MogeModel("moge2_micro").network(Precision::int8)(input, {56, 42});
    const double change = test::difference(output.points[0], planes_first(golden("points")));
    CHECK(change > 1e-5);
    CHECK(change < 0.1);
  }

  TEST_CASE("input that is not images is an error") {
    Moge network = MogeModel("moge2_micro").network();
    for (const at::Tensor& images :
         {at::zeros({1, 3, 56, 85}), at::zeros({3, 56, 84}), at::zeros({0, 3, 56, 84})}) {
      CHECK(contains(error_of([&] {
                       network(images, {84, 56});
                     }),
                     "invalid_argument infer: images of shape"));
    }
  }
}

}  // namespace depthcloud
