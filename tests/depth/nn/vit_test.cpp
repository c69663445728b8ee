// SPDX-License-Identifier: Apache-2.0
#include "depth/golden.hpp"

#include <cmath>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

#include "depth/bf16.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud {
namespace {

using test::check_golden;
using test::GoldenCase;
using test::GoldenModel;

std::string backbone_of(const GoldenModel& model) {
  return model.config.family == DepthAnythingFamily::v3 ? "model.backbone.pretrained"
                                                        : "pretrained";
}

nn::Vit vit_of(const GoldenModel& model) {
  return {model.parameters().under(backbone_of(model)), model.config.vit};
}

nn::PatchGrid grid_of(const at::Tensor& images) {
  return {images.size(3) / VitConfig::patch, images.size(4) / VitConfig::patch};
}

std::string block_name(std::size_t index) { return fmt::format("block.{:02}", index); }

/// What block `index` of the reference read.
at::Tensor block_input(const nn::Vit& vit, const GoldenModel& model, const GoldenCase& golden,
                       std::size_t index, const at::Tensor& images) {
  const nn::PatchGrid grid = grid_of(images);
  const at::Tensor x = golden(index == 0 ? "tokens" : block_name(index - 1))
                           .view({images.size(0), images.size(1), 1 + grid.count(), -1});
  const bool first_alternating = static_cast<int>(index) == model.config.vit.alt_start;
  return first_alternating ? vit.with_camera_tokens(x, {}) : x;
}

void check_blocks(const std::string& name, const std::string& case_name) {
  const GoldenModel model(name);
  const GoldenCase golden(name, case_name);
  nn::Vit vit = vit_of(model);
  const at::Tensor images = golden.images();
  for (std::size_t i = 0; i < static_cast<std::size_t>(model.config.vit.blocks); ++i) {
    const at::Tensor x = block_input(vit, model, golden, i, images);
    check_golden(vit.run_block(i, x, grid_of(images)), golden(block_name(i)), block_name(i));
  }
}

void check_embedding_and_features(const std::string& name, const std::string& case_name) {
  CAPTURE(name);
  CAPTURE(case_name);
  const GoldenModel model(name);
  const GoldenCase golden(name, case_name);
  nn::Vit vit = vit_of(model);
  const at::Tensor images = golden.images();
  check_golden(vit.position_embedding(grid_of(images)), golden("pos_embed"), "pos_embed");
  check_golden(vit.embed(images), golden("tokens"), "tokens");
  const auto features = vit(images);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::string number = std::to_string(i);
    check_golden(features[i].patches, golden("feat." + number), "feat." + number);
    if (name != "da2_micro" && name != "da2metric_micro") {
      check_golden(features[i].camera, golden("feat_cls." + number), "feat_cls." + number);
    }
  }
}

/// By note_thread().
std::set<std::thread::id>& threads_seen() {
  static std::set<std::thread::id> threads;
  return threads;
}

/// LibTorch calls it at each operation, on the operation's thread.
std::unique_ptr<at::ObserverContext> note_thread(const at::RecordFunction&) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  threads_seen().insert(std::this_thread::get_id());
  return nullptr;
}

/// Attention as its definition says, in f64.
at::Tensor attend_by_definition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor scores = at::matmul(q.to(at::kDouble), k.to(at::kDouble).transpose(2, 3)) /
                            std::sqrt(static_cast<double>(q.size(3)));
  return at::matmul(scores.softmax(-1), v.to(at::kDouble)).transpose(1, 2).flatten(2);
}

}  // namespace

TEST_SUITE("depth_anything_vit") {
  TEST_CASE("each block of each kind of network gives what the reference's gives") {
    check_blocks("da3_micro", "n1_56x84");
    check_blocks("da3_micro", "n2_70x84");
    check_blocks("da3mono_micro", "n1_56x84");
    check_blocks("da2_micro", "n1_56x84");
  }

  TEST_CASE("queries and keys are normalised and rotated as the reference's") {
    const GoldenModel model("da3_micro");
    const GoldenCase golden("da3_micro", "n1_56x84");
    nn::Vit vit = vit_of(model);
    const at::Tensor images = golden.images();
    for (const std::size_t i : {std::size_t{4}, std::size_t{5}}) {
      const at::Tensor x = block_input(vit, model, golden, i, images);
      const auto heads =
          vit.block(i).project(x.flatten(0, 1), vit.rope(i, images.size(1), grid_of(images)));
      check_golden(heads.q, golden(block_name(i) + ".q_rope"), "q_rope");
      check_golden(heads.k, golden(block_name(i) + ".k_rope"), "k_rope");
    }
  }

  TEST_CASE("tokens and features agree on every size and number of views") {
    for (const char* name :
         {"n1_56x84", "n1_84x112", "n1_98x70", "n1_70x70", "n2_70x84", "n4_42x56"}) {
      check_embedding_and_features("da3_micro", name);
    }
    for (const char* name : {"n1_56x84", "n1_84x112", "n1_98x56", "n1_70x70"}) {
      check_embedding_and_features("da3mono_micro", name);
    }
    for (const char* name : {"n1_56x84", "n1_84x112", "n1_70x56"}) {
      check_embedding_and_features("da2_micro", name);
    }
    for (const char* name : {"n1_56x84", "n1_70x56"}) {
      check_embedding_and_features("da2metric_micro", name);
    }
  }

  TEST_CASE("the reference view comes first and the others keep their order") {
    const GoldenModel model("da3_micro");
    const GoldenCase golden("da3_micro", "n4_42x56");
    nn::Vit vit = vit_of(model);
    const at::Tensor images = golden.images();
    at::Tensor x = vit.embed(images);
    for (std::size_t i = 0; static_cast<int>(i) < model.config.vit.alt_start - 1; ++i) {
      x = vit.run_block(i, x, grid_of(images));
    }
    const auto reference = golden("ref_view_index")[0].item<std::int64_t>();
    CHECK(reference == 2);
    CHECK(nn::reference_first(x).equal(at::tensor({2, 0, 1, 3}, at::kLong).view({1, 4})));
  }

  TEST_CASE("each strategy chooses its reference view") {
    // Class tokens in one plane at 10, 0, 30 and 100 degrees, the last one ten times as long.
    const double degree = std::acos(-1.0) / 180;
    const at::Tensor angles = at::tensor({10.0, 0.0, 30.0, 100.0}, at::kFloat) * degree;
    const at::Tensor lengths = at::tensor({1.0, 1.0, 1.0, 10.0}, at::kFloat);
    const at::Tensor x = at::stack({angles.cos() * lengths, angles.sin() * lengths}, -1)
                             .view({1, 4, 1, 2})
                             .expand({1, 4, 3, 2});
    const auto order = [&](ReferenceView reference) {
      const at::Tensor views = nn::reference_first(x, reference);
      return std::vector<std::int64_t>(views.data_ptr<std::int64_t>(),
                                       views.data_ptr<std::int64_t>() + views.numel());
    };
    using Order = std::vector<std::int64_t>;
    CHECK(order(ReferenceView::first) == Order{0, 1, 2, 3});
    CHECK(order(ReferenceView::middle) == Order{2, 0, 1, 3});
    // Likeness to the others, with 0 for itself: that of view 1 is from cos 100 to cos 10 degrees.
    CHECK(order(ReferenceView::saddle_sim_range) == Order{1, 0, 2, 3});
  }

  TEST_CASE("the reference view changes what three views or more give, and nothing for two") {
    const GoldenModel model("da3_micro");
    nn::Vit vit = vit_of(model);
    const auto differs = [&](const char* case_name, ReferenceView a, ReferenceView b) {
      const at::Tensor images = GoldenCase("da3_micro", case_name).images();
      return test::difference(vit(images, {}, a)[3].patches, vit(images, {}, b)[3].patches) > 1e-3;
    };
    CHECK(differs("n4_42x56", ReferenceView::saddle_balanced, ReferenceView::first));
    CHECK_FALSE(differs("n4_42x56", ReferenceView::saddle_balanced, ReferenceView::middle));  // 2
    CHECK_FALSE(differs("n2_70x84", ReferenceView::middle, ReferenceView::first));
  }

  TEST_CASE("a network that ran on one size gives the same on it after another size") {
    const GoldenModel model("da3_micro");
    nn::Vit vit = vit_of(model);
    const at::Tensor small = GoldenCase("da3_micro", "n1_56x84").images();
    const at::Tensor pair = GoldenCase("da3_micro", "n2_70x84").images();
    const at::Tensor before = vit(small)[3].patches;
    vit(pair);
    CHECK(vit(small)[3].patches.equal(before));
  }

  TEST_CASE("scenes of a batch do not see each other") {
    const GoldenModel model("da3_micro");
    nn::Vit vit = vit_of(model);
    const at::Tensor scene = GoldenCase("da3_micro", "n4_42x56").images();
    const at::Tensor other = scene.flip(1).neg();
    const at::Tensor both = vit(at::cat({scene, other}))[3].patches;
    check_golden(both[0], vit(scene)[3].patches, "first scene");
    check_golden(both[1], vit(other)[3].patches, "second scene");
  }

  TEST_CASE("attention in blocks of rows is attention, whatever the number of tokens") {
    at::manual_seed(1);
    for (const std::int64_t tokens : {1, 31, 256, 257, 724, 725, 1025}) {
      const at::Tensor q = at::randn({2, 3, tokens, 16});
      const at::Tensor k = at::randn({2, 3, tokens, 16});
      const at::Tensor v = at::randn({2, 3, tokens, 16});
      check_golden(nn::attend(q, k, v), attend_by_definition(q, k, v), std::to_string(tokens));
    }
  }

  TEST_CASE("attention is computed by every thread") {
    // In f32 LibTorch 2 has threads of its own, which are not what is counted here.
    const auto type = TORCH_VERSION_MAJOR < 2 ? at::kFloat : at::kBFloat16;
    if (type == at::kBFloat16 && !test::bf16_works()) return;
    const int before = at::get_num_threads();
    at::set_num_threads(2);
    const at::Tensor x = at::ones({1, 4, 64, 16}, type);
    threads_seen().clear();
    const auto handle = at::addGlobalCallback(at::RecordFunctionCallback(note_thread));
    nn::attend(x, x, x);
    at::removeCallback(handle);
    at::set_num_threads(before);
    CHECK(threads_seen().size() == 2);
  }
}

}  // namespace depthcloud
