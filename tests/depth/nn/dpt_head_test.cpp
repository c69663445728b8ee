// SPDX-License-Identifier: Apache-2.0
#include "depth/golden.hpp"

#include <array>
#include <string>

#include "depth/nn/camera.hpp"
#include "depth/nn/dpt_head.hpp"
#include "depth/nn/uv_embedding.hpp"

namespace depthcloud {
namespace {

using test::check_golden;
using test::GoldenCase;
using test::GoldenModel;

nn::DptHead head_of(const GoldenModel& model) {
  const bool v3 = model.config.family == DepthAnythingFamily::v3;
  return {model.parameters().under(v3 ? "model.head" : "depth_head"), model.config.head,
          model.config.vit.feature_dim()};
}

at::Tensor one_batch(const at::Tensor& tensor) {
  return tensor.dim() == 4 ? tensor.flatten(0, 1) : tensor;
}

/// Every step on what the reference's step before gave.
void check_steps(const std::string& name) {
  CAPTURE(name);
  const GoldenModel model(name);
  const GoldenCase golden(name, "n1_56x84");
  nn::DptHead head = head_of(model);
  const nn::ImageSize image{56, 84};
  const nn::PatchGrid grid{4, 6};
  const auto size_of = [](const at::Tensor& map) {
    return nn::ImageSize{map.size(-2), map.size(-1)};
  };
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string number = std::to_string(i);
    const at::Tensor feature = head.normalize(one_batch(golden("feat." + number)));
    if (model.config.head.kind == DepthHead::dual_dpt) {
      check_golden(feature, golden("head.norm." + number), "head.norm." + number);
    }
    const at::Tensor projected = golden("head.projects." + number);
    check_golden(head.project(i, feature, grid), projected, "head.projects." + number);
    const at::Tensor resized = golden("head.resize_layers." + number);
    check_golden(head.resize(i, head.with_positions(projected, image)), resized,
                 "head.resize_layers." + number);
    const std::string lateral = "head.layer" + std::to_string(i + 1) + "_rn";
    check_golden(head.to_lateral(i, resized), golden(lateral), lateral);
  }
  const auto check_fusion = [&](std::size_t i, const at::Tensor& x) {
    const std::string number = std::to_string(i + 1);
    const at::Tensor expected = golden("head.refinenet" + number);
    const at::Tensor lateral = golden("head.layer" + number + "_rn");
    const at::Tensor& in = i == 3 ? lateral : x;
    check_golden(head.fuse(i, in, lateral, size_of(expected)), expected, "refinenet" + number);
    return expected;
  };
  at::Tensor fused;
  for (const std::size_t i : {3, 2, 1, 0}) fused = check_fusion(i, fused);
  check_golden(head.reduce(fused), golden("head.output_conv1"), "output_conv1");
}

}  // namespace

TEST_SUITE("depth_anything_head") {
  TEST_CASE("each step of each kind of head gives what the reference's gives") {
    check_steps("da3_micro");
    check_steps("da3mono_micro");
    check_steps("da2_micro");
  }

  TEST_CASE("the last steps give what the reference's give") {
    for (const char* name : {"da3_micro", "da3mono_micro"}) {
      const GoldenModel model(name);
      const GoldenCase golden(name, "n1_56x84");
      nn::DptHead head = head_of(model);
      const at::Tensor enlarged = golden("head.output_conv2.in");
      check_golden(head.enlarge(golden("head.output_conv1"), {56, 84}), enlarged, "enlarged");
      const nn::DptHead::Maps maps = head.predict(enlarged);
      check_golden(maps.values, golden("head.output_conv2.logits"), "logits");
      CHECK(maps.sky.defined() == (model.config.head.kind == DepthHead::dpt_sky));
      if (maps.sky.defined()) {
        check_golden(maps.sky, golden("head.sky_output_conv2.logits"), "sky logits");
      }
    }
  }

  TEST_CASE("the head as a whole gives the reference's logits") {
    for (const char* name : {"da3_micro", "da3mono_micro"}) {
      const GoldenModel model(name);
      const GoldenCase golden(name, "n1_56x84");
      std::array<at::Tensor, 4> features;
      for (std::size_t i = 0; i < 4; ++i) {
        features[i] = golden("feat." + std::to_string(i)).flatten(0, 1);
      }
      const nn::DptHead::Maps maps = head_of(model)(features, {56, 84});
      check_golden(maps.values, golden("head.output_conv2.logits"), name);
    }
  }

  TEST_CASE("positions of pixels are the reference's") {
    const auto check_positions = [](const std::string& name, std::int64_t channels,
                                    const nn::ImageSize& map, const nn::ImageSize& image) {
      const nn::UvEmbedding embedding(channels, map, image, at::kCPU);
      const at::Tensor added = embedding.add_to(at::zeros({1, channels, map.height, map.width}));
      check_golden(added, GoldenCase("da3_micro", "uvpe")(name), name);
    };
    check_positions("c24_5x6_img70x84", 24, {5, 6}, {70, 84});
    check_positions("c8_10x7_img98x70", 8, {10, 7}, {98, 70});
    check_positions("c8_6x8_img84x112", 8, {6, 8}, {84, 112});
  }
}

TEST_SUITE("depth_anything_camera") {
  TEST_CASE("the decoder predicts the reference's cameras") {
    const GoldenModel model("da3_micro");
    const nn::CameraDecoder decoder(model.parameters().under("model.cam_dec"),
                                    model.config.vit.feature_dim());
    for (const char* name : {"n1_56x84", "n2_70x84", "n4_42x56"}) {
      const GoldenCase golden("da3_micro", name);
      const at::Tensor code = golden("pose_enc");
      check_golden(decoder(golden("feat_cls.3")), code, "pose_enc");
      const at::Tensor input = golden("input");
      const nn::Cameras cameras = nn::decode_cameras(code, {input.size(-2), input.size(-1)});
      check_golden(cameras.extrinsics, golden("extrinsics"), "extrinsics");
      check_golden(cameras.intrinsics, golden("intrinsics"), "intrinsics");
    }
  }

  TEST_CASE("known cameras are encoded as the reference encodes them") {
    const GoldenModel model("da3_micro");
    const GoldenCase golden("da3_micro", "posecond_n2_70x84");
    const nn::Cameras cameras{golden("in_extrinsics"), golden("in_intrinsics")};
    const at::Tensor code = golden("in_pose_enc");
    check_golden(nn::encode_cameras(cameras, {70, 84}), code, "in_pose_enc");
    const nn::CameraEncoder encoder(model.parameters().under("model.cam_enc"),
                                    model.config.vit.embed_dim);
    check_golden(encoder(code), golden("cam_token"), "cam_token");
  }

  TEST_CASE("cameras survive their code, whichever part of the quaternion is the largest") {
    at::manual_seed(2);
    at::Tensor code = at::randn({1, 64, 9});
    const at::Tensor quaternion = code.narrow(-1, 3, 4);
    quaternion.div_(quaternion.norm(2, -1, true));
    quaternion.mul_(quaternion.narrow(-1, 3, 1).sign());
    code.narrow(-1, 7, 2).uniform_(0.2, 2.5);
    const nn::ImageSize image{378, 504};
    check_golden(nn::encode_cameras(nn::decode_cameras(code, image), image), code, "code");
  }
}

}  // namespace depthcloud
