// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/network.hpp"

#include "depth/bf16.hpp"
#include "depth/golden.hpp"

#include <string>
#include <utility>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using test::check_golden;
using test::GoldenCase;
using test::GoldenModel;

DepthAnythingOutput run(const std::string& model, const std::string& case_name) {
  return GoldenModel(model).network()(GoldenCase(model, case_name).images());
}

/// CHECKs that depth in another precision than f32 is off by something, and by less than `limit` of
/// its mean.
void check_change(Precision precision, double limit) {
  for (const auto& [name, case_name] : {std::pair{"da3_micro", "n4_42x56"},
                                        {"da3mono_micro", "n1_56x84"},
                                        {"da2metric_micro", "n1_56x84"}}) {
    const GoldenModel model(name);
    const GoldenCase golden(name, case_name);
    const at::Tensor depth = model.network(precision)(golden.images()).depth;
    CHECK((depth.scalar_type() == at::kFloat));
    // On average: a pixel near the threshold of the sky may fall on its other side.
    const at::Tensor reference = golden("depth").view(depth.sizes());
    const double change = ((depth - reference).abs().mean() / reference.mean()).item<double>();
    INFO(name, " in ", depthcloud::to_string(precision), ": ", change);
    CHECK(change > 1e-5);
    CHECK(change < limit);
  }
}

}  // namespace

TEST_SUITE("depth_anything") {
  TEST_CASE("any-view: depth, confidence and cameras of one, two and four views") {
    for (const char* name :
         {"n1_56x84", "n1_84x112", "n1_98x70", "n1_70x70", "n2_70x84", "n4_42x56"}) {
      INFO(name);
      const GoldenCase golden("da3_micro", name);
      const DepthAnythingOutput output = run("da3_micro", name);
      check_golden(output.depth, golden("depth"), "depth");
      check_golden(output.confidence, golden("depth_conf"), "confidence");
      CHECK(output.confidence.min().item<float>() > 1);
      check_golden(output.cameras->extrinsics, golden("extrinsics"), "extrinsics");
      check_golden(output.cameras->intrinsics, golden("intrinsics"), "intrinsics");
      CHECK(!output.sky.defined());
    }
  }

  TEST_CASE("any-view: known cameras steer the network") {
    const GoldenModel model("da3_micro");
    const GoldenCase golden("da3_micro", "posecond_n2_70x84");
    const nn::Cameras known{golden("in_extrinsics"), golden("in_intrinsics")};
    const DepthAnythingOutput output =
        model.network()(GoldenCase("da3_micro", "n2_70x84").images(), known);
    check_golden(output.depth, golden("depth"), "depth");
    check_golden(output.confidence, golden("depth_conf"), "confidence");
    check_golden(output.cameras->extrinsics, golden("extrinsics"), "extrinsics");
    check_golden(output.cameras->intrinsics, golden("intrinsics"), "intrinsics");
  }

  TEST_CASE("a stop ends a pass between two blocks") {
    const GoldenModel model("da3_micro");
    std::stop_source stop;
    DepthAnything network = model.network(stop.get_token());
    const at::Tensor images = GoldenCase("da3_micro", "n2_70x84").images();
    CHECK(network(images).depth.defined());
    stop.request_stop();
    CHECK(error_of([&] { network(images); }) == "cancelled infer: the estimator was stopped");
  }

  TEST_CASE("mono: depth with the sky filled, and the sky") {
    for (const char* name : {"n1_56x84", "n1_84x112", "n1_98x56", "n1_70x70"}) {
      INFO(name);
      const GoldenCase golden("da3mono_micro", name);
      const DepthAnythingOutput output = run("da3mono_micro", name);
      check_golden(output.depth, golden("depth"), "depth");
      check_golden(output.sky, golden("sky"), "sky");
      CHECK(!output.confidence.defined());
      CHECK(!output.cameras.has_value());
    }
  }

  TEST_CASE("mono: scenes of a batch fill their skies alone") {
    const GoldenModel model("da3mono_micro");
    const at::Tensor images = GoldenCase("da3mono_micro", "n1_56x84").images();
    const at::Tensor other = images.flip(-1) * 0.5;
    DepthAnything network = model.network();
    const at::Tensor both = network(at::cat({images, other})).depth;
    check_golden(both[0], network(images).depth, "first");
    check_golden(both[1], network(other).depth, "second");
  }

  TEST_CASE("metric: the known focal length gives metres") {
    const GoldenCase golden("da3mono_micro", "n1_84x112");
    const at::Tensor k = golden("metric_intrinsics").view({3, 3});
    const double focal = (k[0][0].item<double>() + k[1][1].item<double>()) / 2;
    check_golden(to_metres(golden("depth"), focal), golden("metric_depth"), "metres");
  }

  TEST_CASE("V2: inverse depth, metric depth, and the transformers layout") {
    for (const char* name : {"n1_56x84", "n1_84x112", "n1_70x56"}) {
      check_golden(run("da2_micro", name).depth, GoldenCase("da2_micro", name)("depth"), name);
    }
    for (const char* name : {"n1_56x84", "n1_70x56"}) {
      check_golden(run("da2metric_micro", name).depth, GoldenCase("da2metric_micro", name)("depth"),
                   name);
    }
    for (const char* name : {"n1_56x84", "n1_70x56", "n1_84x84"}) {
      check_golden(run("da2_micro_hf", name).depth,
                   GoldenCase("da2_micro_hf", name)("depth_official_interp"), name);
    }
  }

  TEST_CASE("a backbone in int8 changes little, but something") {
    check_change(Precision::int8, 0.06);
  }

  TEST_CASE("sky is put at the 0.99-quantile of the ground") {
    const at::Tensor depth = at::arange(1, 201, at::kFloat).view({1, 10, 20});
    at::Tensor sky = at::zeros({1, 10, 20});
    sky.narrow(1, 0, 5).fill_(0.3F);  // the threshold itself is sky
    const at::Tensor filled = fill_sky(depth, sky);
    // The ground is 101 to 200: position 98.01 of 0..99.
    CHECK(filled[0][0][0].item<float>() == doctest::Approx(199.01));
    CHECK(filled.narrow(1, 5, 5).equal(depth.narrow(1, 5, 5)));

    sky.fill_(1);
    CHECK(fill_sky(depth, sky).equal(depth));
    sky.narrow(1, 0, 1).narrow(2, 0, 10).fill_(0);  // ten pixels of ground are not enough
    CHECK(fill_sky(depth, sky).equal(depth));
  }

  TEST_CASE("input that is not views of scenes is an error") {
    DepthAnything network = GoldenModel("da3_micro").network();
    for (const at::Tensor& images : {at::zeros({1, 1, 3, 56, 85}), at::zeros({1, 3, 56, 84}),
                                     at::zeros({1, 0, 3, 56, 84}), at::zeros({1, 1, 4, 56, 84})}) {
      CHECK(
          contains(error_of([&] { network(images); }), "invalid_argument infer: images of shape"));
    }
  }

  TEST_CASE("cameras for a network that cannot use them are an error") {
    DepthAnything network = GoldenModel("da2_micro").network();
    const nn::Cameras known{at::eye(4).view({1, 1, 4, 4}), at::eye(3).view({1, 1, 3, 3})};
    CHECK(contains(error_of([&] {
                     network(at::zeros({1, 1, 3, 56, 84}), known);
                   }),
                   "unsupported infer"));
  }
}

TEST_SUITE("bf16") {
  TEST_CASE("a backbone in bf16 changes little, but something") {
    if (!test::bf16_works()) return;
    check_change(Precision::bf16, 0.03);
  }
}

}  // namespace depthcloud
