// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/config.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <depthcloud/files.hpp>

#include "depth/depth_anything/json.hpp"
#include "depth/depth_anything/tensors.hpp"
#include "expect_error.hpp"

using namespace depthcloud;
using nlohmann::json;

namespace {

std::string read_text(const std::string& file) {
  const auto bytes = read_file(DEPTHCLOUD_TEST_GOLDEN "/keys/" + file);
  return {bytes.begin(), bytes.end()};
}

TensorShapes read_shapes(const std::string& model) {
  return json::parse(read_text(model + ".keys.json")).at("tensors").get<TensorShapes>();
}

DepthAnythingConfig recognise_with_config(const std::string& model) {
  return recognise_depth_anything(read_shapes(model),
                                  {.config_json = read_text(model + ".config.json")});
}

std::string refusal(const TensorShapes& tensors, const CheckpointNotes& notes = {}) {
  return error_of([&] { recognise_depth_anything(tensors, notes); });
}

/// config.json of DA3-SMALL with the value at this JSON pointer replaced.
std::string small_json(const std::string& pointer, const json& value) {
  json document = json::parse(read_text("da3-small.config.json"));
  document[json::json_pointer(pointer)] = value;
  return document.dump();
}

std::string refusal_of_small(const std::string& pointer, const json& value) {
  return refusal(read_shapes("da3-small"), {.config_json = small_json(pointer, value)});
}

struct Published {
  const char* file;
  const char* name;
  const char* license;
  DepthMeaning meaning;
  int embed_dim;
  int heads;
  std::array<int, 4> out_layers;
};

constexpr Published published[] = {
    {"da3-small", "da3-small", "Apache-2.0", DepthMeaning::relative, 384, 6, {5, 7, 9, 11}},
    {"da3-base", "da3-base", "Apache-2.0", DepthMeaning::relative, 768, 12, {5, 7, 9, 11}},
    {"da3-large", "da3-large", "CC-BY-NC-4.0", DepthMeaning::relative, 1024, 16, {11, 15, 19, 23}},
    {"da3mono-large",
     "da3mono-large",
     "Apache-2.0",
     DepthMeaning::relative,
     1024,
     16,
     {4, 11, 17, 23}},
    {"da3metric-large",
     "da3metric-large",
     "Apache-2.0",
     DepthMeaning::focal_metric,
     1024,
     16,
     {4, 11, 17, 23}},
    {"da2-vits.official",
     "depth-anything-v2-small",
     "Apache-2.0",
     DepthMeaning::inverse,
     384,
     6,
     {2, 5, 8, 11}},
    {"da2-vits.hf",
     "depth-anything-v2-small",
     "Apache-2.0",
     DepthMeaning::inverse,
     384,
     6,
     {2, 5, 8, 11}},
    {"da2-vitb.official",
     "depth-anything-v2-base",
     "CC-BY-NC-4.0",
     DepthMeaning::inverse,
     768,
     12,
     {2, 5, 8, 11}},
    {"da2-vitb.hf",
     "depth-anything-v2-base",
     "CC-BY-NC-4.0",
     DepthMeaning::inverse,
     768,
     12,
     {2, 5, 8, 11}},
    {"da2-vitl.official",
     "depth-anything-v2-large",
     "CC-BY-NC-4.0",
     DepthMeaning::inverse,
     1024,
     16,
     {4, 11, 17, 23}},
    {"da2-vitl.hf",
     "depth-anything-v2-large",
     "CC-BY-NC-4.0",
     DepthMeaning::inverse,
     1024,
     16,
     {4, 11, 17, 23}},
};

/// As a V2 `-hf` repository states itself (with the values of Metric-Indoor-Small).
constexpr const char* transformers_json = R"({
  "model_type": "depth_anything",
  "backbone_config": {"model_type": "dinov2", "hidden_size": 384, "num_attention_heads": 6,
                      "out_indices": [3, 6, 9, 12], "image_size": 518, "patch_size": 14},
  "depth_estimation_type": "metric", "max_depth": 20,
  "fusion_hidden_size": 64, "head_hidden_size": 32, "neck_hidden_sizes": [48, 96, 192, 384]})";

std::string nested_text(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']');
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("every published checkpoint is recognised by its tensors alone") {
    for (const Published& expected : published) {
      CAPTURE(expected.file);
      // Mono and metric have the same tensors: the file's name tells them apart.
      const auto config =
          recognise_depth_anything(read_shapes(expected.file), {.file_name = expected.file});
      CHECK(config.name == expected.name);
      CHECK(config.license == expected.license);
      CHECK(config.meaning == expected.meaning);
      CHECK(config.vit.embed_dim == expected.embed_dim);
      CHECK(config.vit.heads == expected.heads);
      CHECK(config.vit.head_dim() == 64);
      CHECK(config.vit.out_layers == expected.out_layers);
      CHECK(config.vit.pos_embed_grid == 37);
      const bool v3 = std::string_view(expected.file).starts_with("da3");
      CHECK(config.process_res == (v3 ? 504 : 518));
      CHECK(config.vit.final_norm_epsilon == (v3 ? 1e-5 : 1e-6));
    }
  }

  TEST_CASE("the published config.json files agree with their tensors") {
    for (const char* model :
         {"da3-small", "da3-base", "da3-large", "da3mono-large", "da3metric-large"}) {
      CAPTURE(model);
      const DepthAnythingConfig config = recognise_with_config(model);
      CHECK(config.name == model);
      CHECK(config == recognise_depth_anything(read_shapes(model), {.file_name = model}));
    }
  }

  TEST_CASE("the any-view models have cameras, rays and alternating attention") {
    const auto config = recognise_depth_anything(read_shapes("da3-large"));
    CHECK(config.head.kind == DepthHead::dual_dpt);
    CHECK(config.vit.alt_start == 8);
    CHECK(config.vit.qknorm_start == 8);
    CHECK(config.vit.rope_start == 8);
    CHECK(config.vit.feature_dim() == 2048);
    CHECK(config.camera_decoder);
    CHECK(config.camera_encoder);
    CHECK(config.ray_branch);
    const auto mono = recognise_depth_anything(read_shapes("da3mono-large"));
    CHECK(mono.head.kind == DepthHead::dpt_sky);
    CHECK(mono.vit.feature_dim() == 1024);
    CHECK(mono.vit.alt_start == -1);
    CHECK_FALSE(mono.camera_decoder);
  }

  TEST_CASE("a model of other sizes is built as its config.json states") {
    const auto da3 = recognise_with_config("da3_micro");
    CHECK(da3.name == "da3-custom");
    CHECK(da3.license.empty());
    CHECK(da3.vit.embed_dim == 32);
    CHECK(da3.vit.heads == 4);
    CHECK(da3.vit.alt_start == 4);
    CHECK(da3.vit.pos_embed_grid == 5);
    CHECK(da3.head.out_channels == std::array{8, 12, 16, 24});
    const auto mono = recognise_with_config("da3mono_micro");
    CHECK(mono.vit.out_layers == std::array{1, 3, 4, 6});
    CHECK(mono.meaning == DepthMeaning::focal_metric);
    const auto v2 = recognise_with_config("da2_micro");
    CHECK(v2.meaning == DepthMeaning::inverse);
    CHECK(v2.vit.heads == 3);
    const auto metric = recognise_with_config("da2metric_micro");
    CHECK(metric.meaning == DepthMeaning::metric);
    CHECK(metric.max_depth == 20);
    const auto hf = recognise_with_config("da2_micro_hf");
    CHECK(hf.layout == KeyLayout::transformers);
    CHECK(hf.vit.out_layers == std::array{0, 1, 2, 3});
    CHECK(hf.vit.heads == 4);
    CHECK(refusal(read_shapes("da3_micro"))
              .starts_with("bad_model load: 12 blocks of 32 channels with 16 features are no "
                           "published Depth Anything model"));
  }

  TEST_CASE("Distill-Any-Depth has V2's networks and is known by its name") {
    for (const auto& [keys, size] : {std::pair{"da2-vits.official", "small"},
                                     {"da2-vitb.official", "base"},
                                     {"da2-vitl.official", "large"}}) {
      const TensorShapes tensors = read_shapes(keys);
      auto distilled = recognise_depth_anything(
          tensors, {.file_name = std::string("Distill-Any-Depth-") + size});
      CHECK(distilled.name == std::string("distill-any-depth-") + size);
      CHECK(distilled.license == "Apache-2.0");
      CHECK_FALSE(distilled.assumed_v2);
      auto v2 = recognise_depth_anything(tensors, {.file_name = "depth_anything_v2"});
      distilled.name = v2.name;
      distilled.license = v2.license;
      CHECK(distilled == v2);
    }
    const auto hf = recognise_depth_anything(read_shapes("da2-vits.hf"),
                                             {.file_name = "Distill-Any-Depth-Small-hf"});
    CHECK(hf.name == "distill-any-depth-small");
    CHECK(hf.license == "MIT");
    const auto metric = recognise_depth_anything(read_shapes("da2-vits.official"),
                                                 {.file_name = "distill_metric_vkitti"});
    CHECK(metric.name == "depth-anything-v2-metric-small");
  }

  TEST_CASE("Distill-Any-Depth Large keeps its blocks in a chunk") {
    TensorShapes chunked;
    for (const auto& [name, shape] : read_shapes("da2-vitl.official")) {
      chunked.emplace(stored_names(KeyLayout::chunked, name).front(), shape);
    }
    CHECK(chunked.contains("backbone.blocks.0.23.mlp.fc2.bias"));
    CHECK(chunked.contains("backbone.cls_token"));
    CHECK(chunked.contains("depth_head.scratch.output_conv2.2.bias"));
    const auto config = recognise_depth_anything(chunked, {.file_name = "model"});
    CHECK(config.layout == KeyLayout::chunked);
    CHECK(config.name == "distill-any-depth-large");
    CHECK(config.license == "Apache-2.0");
    CHECK(config.vit.out_layers == std::array{4, 11, 17, 23});
    CHECK(config.meaning == DepthMeaning::inverse);
    CHECK_FALSE(config.assumed_v2);
    chunked.erase("backbone.blocks.0.7.ls1.gamma");
    CHECK(contains(refusal(chunked), "tensor 'backbone.blocks.0.7.ls1.gamma' is missing"));
  }

  TEST_CASE("what a metric V2 model measures is told by config.json or by the file's name") {
    const TensorShapes official = read_shapes("da2-vits.official");
    const auto named = [&](const char* name) {
      return recognise_depth_anything(official, {.file_name = name});
    };
    CHECK(named("depth_anything_v2_vits.safetensors").meaning == DepthMeaning::inverse);
    const auto indoor = named("depth_anything_v2_metric_hypersim_vits.safetensors");
    CHECK(indoor.meaning == DepthMeaning::metric);
    CHECK(indoor.max_depth == 20);
    CHECK(indoor.name == "depth-anything-v2-metric-small");
    CHECK(indoor.license == "Apache-2.0");
    CHECK(named("depth_anything_v2_metric_vkitti_vits.safetensors").max_depth == 80);
    CHECK(named("Depth-Anything-V2-Metric-Outdoor-Small").max_depth == 80);
    CHECK(contains(refusal(official, {.file_name = "v2_metric_vits"}), "needs its max_depth"));

    const TensorShapes hf = read_shapes("da2-vits.hf");
    const auto stated = recognise_depth_anything(hf, {.config_json = transformers_json});
    CHECK(stated.meaning == DepthMeaning::metric);
    CHECK(stated.max_depth == 20);
    CHECK(stated.is_metric());
    // config.json precedes the name.
    const auto other = recognise_depth_anything(
        official, {.config_json = R"({"depth_estimation_type": "metric", "max_depth": 35})",
                   .file_name = "metric_vkitti"});
    CHECK(other.max_depth == 35);
    CHECK(recognise_depth_anything(official, {.config_json = R"({"depth_estimation_type":
          "relative"})",
                                              .file_name = "metric_vkitti"})
              .meaning == DepthMeaning::inverse);
  }

  TEST_CASE("a missing, unknown or wrongly shaped tensor is named") {
    TensorShapes tensors = read_shapes("da3-small");
    const std::string bias = "model.backbone.pretrained.blocks.5.attn.k_norm.bias";
    tensors.erase(bias);
    CHECK(refusal(tensors) == "bad_model load: da3-small: tensor '" + bias + "' is missing");
    tensors[bias] = {63};
    CHECK(refusal(tensors) ==
          "bad_model load: da3-small: tensor '" + bias + "' has the shape [63], it must be [64]");
    tensors[bias] = {64};
    tensors["model.head.extra"] = {1};
    CHECK(refusal(tensors) ==
          "bad_model load: da3-small: tensor 'model.head.extra' does not belong to it");

    TensorShapes hf = read_shapes("da2-vitb.hf");
    hf["backbone.encoder.layer.3.attention.attention.key.weight"] = {768, 767};
    CHECK(refusal(hf) ==
          "bad_model load: depth-anything-v2-base: tensor "
          "'backbone.encoder.layer.3.attention.attention.key.weight' has the shape "
          "[768, 767], it must be [768, 768]");
  }

  TEST_CASE("the parts that a network can do without are complete or not there") {
    TensorShapes tensors = read_shapes("da3-small");
    std::erase_if(tensors,
                  [](const auto& tensor) { return tensor.first.starts_with("model.cam_enc."); });
    CHECK_FALSE(recognise_depth_anything(tensors).camera_encoder);
    CHECK(contains(refusal(tensors, {.config_json = read_text("da3-small.config.json")}),
                   "config.json has a cam_enc, but tensor 'model.cam_enc.token_norm.weight' is "
                   "missing"));
    std::erase_if(tensors, [](const auto& tensor) { return contains(tensor.first, "_aux"); });
    CHECK_FALSE(recognise_depth_anything(tensors).ray_branch);
    tensors.erase("model.cam_dec.fc_t.bias");
    CHECK(contains(refusal(tensors), "tensor 'model.cam_dec.fc_t.bias' is missing"));

    TensorShapes v2 = read_shapes("da2-vits.official");
    v2.erase("pretrained.mask_token");
    CHECK(recognise_depth_anything(v2).name == "depth-anything-v2-small");
  }

  TEST_CASE("tensors that tell no sizes are refused") {
    const auto with = [](const std::string& name, std::vector<std::int64_t> shape) {
      TensorShapes tensors = read_shapes("da3-small");
      tensors[name] = std::move(shape);
      return refusal(tensors);
    };
    const std::string pos_embed = "model.backbone.pretrained.pos_embed";
    CHECK(contains(with(pos_embed, {1, 1371, 384}), "1371 rows, not one more than a square"));
    CHECK(contains(with(pos_embed, {1, 1, 384}), "not one more than a square"));
    CHECK(contains(with(pos_embed, {1370, 384}), "has 2 axes, it must have 3"));
    CHECK(contains(with(pos_embed, {1, 1370, 1LL << 40}), "must lie between 1 and 4096"));
    CHECK(contains(with(pos_embed, {1, 0, 384}), "has the size 0 on axis 1"));
    CHECK(contains(with("model.backbone.pretrained.blocks.99999999999.x", {1}),
                   "does not belong to it"));
    CHECK(refusal({}).starts_with("unsupported load: the checkpoint has no tensors"));
    CHECK(refusal({{"encoder.w", {1}}}).starts_with("unsupported load: not a Depth Anything"));
    CHECK(contains(refusal({{"pretrained.cls_token", {1, 1, 384}}}),
                   "tensor 'pretrained.pos_embed' is missing"));
  }

  TEST_CASE("giant and nested models are refused by name") {
    TensorShapes tensors = read_shapes("da3-small");
    tensors["model.backbone.pretrained.blocks.0.mlp.w12.weight"] = {8192, 1536};
    CHECK(refusal(tensors).starts_with("unsupported load: giant"));
    CHECK(refusal({{"model.da3.backbone.pretrained.cls_token", {1, 1, 1536}}})
              .starts_with("unsupported load: nested"));
    CHECK(refusal_of_small("/config/net/name", "vitg")
              .starts_with("unsupported load: config.json: giant"));
    CHECK(refusal_of_small("/config/anyview", json::object())
              .starts_with("unsupported load: config.json: nested"));
  }

  TEST_CASE("a config.json that disagrees with the tensors names both") {
    const auto disagreement = [](const char* pointer, const json& value) {
      const std::string error = refusal_of_small(pointer, value);
      CHECK(error.starts_with("bad_model load: config.json "));
      return error;
    };
    CHECK(contains(disagreement("/config/net/name", "vitb"),
                   "config.json says embed_dim 768, but tensor "
                   "'model.backbone.pretrained.pos_embed' says 384"));
    CHECK(contains(disagreement("/config/net/depth", 24), "blocks.11.norm1.weight' says 12"));
    CHECK(contains(disagreement("/config/head/features", 128), "layer1_rn.weight' says 64"));
    CHECK(contains(disagreement("/config/head/dim_in", 384), "projects.0.weight' says 768"));
    CHECK(contains(disagreement("/config/head/out_channels/2", 191),
                   "out_channels 191, but tensor 'model.head.projects.2.weight' says 192"));
    CHECK(contains(disagreement("/config/head/__object__/name", "DPT"),
                   "says head DPT, but tensor 'model.head.norm.weight' is there"));
    CHECK(contains(disagreement("/config/net/cat_token", false), "says true"));
    CHECK(contains(disagreement("/config/cam_dec", nullptr), "has no cam_dec"));
    CHECK(contains(disagreement("/hparams/pos_embed_grid", 36), "says 37"));
    CHECK(
        contains(refusal(read_shapes("da2-vits.official"),
                         {.config_json = read_text("da3-small.config.json")}),
                 "config.json is of Depth Anything 3, but tensor 'pretrained.pos_embed' is of V2"));
    CHECK(contains(refusal_of_small("/config/net/qknorm_start", 5),
                   "blocks.4.attn.k_norm.bias' does not belong"));
  }

  TEST_CASE("layers that the network cannot have are refused") {
    CHECK(contains(refusal_of_small("/config/net/out_layers", {5, 7, 9, 12}),
                   "out_layers [5, 7, 9, 12] do not rise below 12 blocks"));
    CHECK(contains(refusal_of_small("/config/net/out_layers", {5, 5, 9, 11}), "do not rise"));
    CHECK(contains(refusal_of_small("/config/net/alt_start", 0), "alt_start 0 is below 1"));
    CHECK(contains(refusal_of_small("/config/net/rope_start", 20), "must be below 12 blocks"));
    CHECK(contains(refusal_of_small("/config/net/num_heads", 7), "not a multiple of 7"));
    CHECK(contains(refusal_of_small("/config/net/num_heads", 128), "not a multiple of 4"));
    json mono = json::parse(read_text("da3mono-large.config.json"));
    mono["config"]["net"]["rope_start"] = 4;
    CHECK(refusal(read_shapes("da3mono-large"), {.config_json = mono.dump()})
              .starts_with("unsupported load: alt_start -1, qknorm_start -1 and rope_start 4"));
  }

  TEST_CASE("V1, whose tensors are those of V2, is known by the blocks that config.json states") {
    const TensorShapes hf = read_shapes("da2-vits.hf");
    json v1 = json::parse(transformers_json);
    v1.erase("depth_estimation_type");
    const auto with = [&](const json& indices, const json& features) {
      json stated = v1;
      stated["backbone_config"]["out_indices"] = indices;
      stated["backbone_config"]["out_features"] = features;
      return CheckpointNotes{.config_json = stated.dump()};
    };
    const json last = {"stage9", "stage10", "stage11", "stage12"};
    for (const CheckpointNotes& notes :
         {with({9, 10, 11, 12}, last), with({9, 10, 11, 12}, nullptr), with(nullptr, last)}) {
      const auto config = recognise_depth_anything(hf, notes);
      CHECK(config.vit.out_layers == std::array{8, 9, 10, 11});
      CHECK(config.name == "depth-anything-v1-small");
      CHECK(config.license == "Apache-2.0");
      CHECK(contains(architecture(config), "Depth Anything V1: ViT of 12 blocks x 384"));
      CHECK_FALSE(config.assumed_v2);
    }
    CHECK(recognise_depth_anything(hf, with(nullptr, {"stage3", "stage6", "stage9", "stage12"}))
              .name == "depth-anything-v2-small");
    CHECK(recognise_depth_anything(hf, with({1, 2, 3, 12}, nullptr)).name ==
          "depth-anything-v2-custom");
    CHECK(contains(refusal(hf, with({3, 6, 9, 12}, last)), "are not of the same blocks"));
    for (const json& bad :
         {json{"stage3", "stage6", "stage9"}, json{"stem", "stage6", "stage9", "stage12"},
          json{"stage0", "stage6", "stage9", "stage12"}, json{3, 6, 9, 12},
          json{"stage3x", "stage6", "stage9", "stage12"}, json("stage12")}) {
      CAPTURE(bad.dump());
      CHECK(contains(refusal(hf, with(nullptr, bad)),
                     "bad_model load: config.json: backbone_config.out_features"));
    }
  }

  TEST_CASE("without a config.json the name says whether it is V1, else V2 is assumed") {
    const TensorShapes official = read_shapes("da2-vits.official");
    const auto named = [&](const char* name) {
      return recognise_depth_anything(official, {.file_name = name});
    };
    for (const char* name :
         {"depth_anything_vits14", "Depth-Anything-Small-hf", "depth-anything-v1-small"}) {
      CHECK(named(name).name == "depth-anything-v1-small");
      CHECK_FALSE(named(name).assumed_v2);
    }
    for (const char* name : {"depth_anything_v2_vits", "Depth-Anything-V2-Small"}) {
      CHECK(named(name).name == "depth-anything-v2-small");
      CHECK_FALSE(named(name).assumed_v2);
    }
    CHECK(named("model").name == "depth-anything-v2-small");
    CHECK(named("model").assumed_v2);
    CHECK_FALSE(recognise_depth_anything(read_shapes("da3-small")).assumed_v2);
  }

  TEST_CASE("a hostile config.json is a clear error") {
    const auto error = [](std::string_view text) {
      return error_of([&] { parse_depth_anything_json(text); });
    };
    CHECK(error("{]") == "bad_model load: config.json: not JSON (at its byte 2)");
    CHECK(error("") ==
          "bad_model load: config.json: not JSON but an empty file: download it again");
    CHECK(contains(error("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"),
                   "bad_model load: config.json: not JSON but a Git LFS pointer"));
    CHECK(contains(error("<html>"), "not JSON but a web page (HTML): a server may have sent it"));
    CHECK(error("{\"config\": ").starts_with("bad_model load: config.json: not JSON"));
    CHECK(error("[]") ==
          "bad_model load: config.json: the file is of type array, it must be an "
          "object");
    CHECK(error("\xff\xfe{").starts_with("bad_model load: config.json: not JSON"));
    CHECK(error(nested_text(100'000)) ==
          "limit_exceeded load: config.json: nested deeper than 16 levels");
    CHECK(
        error(std::string(1 << 21, ' ')).starts_with("limit_exceeded load: config.json: 2097152"));
    CHECK(contains(error(R"({"max_depth": 1e999})"), "cannot be represented"));
    CHECK(contains(error(R"({"max_depth": -1})"), "max_depth is -1, it must lie above 0"));
    CHECK(contains(error(R"({"config": 3})"), "config is of type number, it must be an object"));
    CHECK(contains(error(R"({"config": {"net": {"alt_start": "4"}}})"),
                   "config.net.alt_start is of type string, it must be an integer"));
    CHECK(contains(error(R"({"config": {"net": {"alt_start": 18446744073709551615}}})"),
                   "config.net.alt_start is 18446744073709551615, it must lie between -1 and 63"));
    CHECK(contains(error(R"({"config": {"net": {"alt_start": -9223372036854775808}}})"),
                   "must lie between"));
    CHECK(contains(error(R"({"config": {"net": {"alt_start": 4.0}}})"), "must be an integer"));
    CHECK(contains(error(R"({"config": {"net": {"out_layers": [1, 2, 3]}}})"),
                   "must be a list of 4 integers"));
    CHECK(contains(error(R"({"config": {"net": {"cat_token": 1}}})"), "must be true or false"));
    CHECK(contains(error(R"({"model_name": 1})"), "must be a string"));
    CHECK(error(R"({"depth_estimation_type": "other"})").starts_with("unsupported"));
    CHECK(error(R"({"backbone_config": {"patch_size": 16}})").starts_with("unsupported"));
    CHECK(error(R"({"backbone_config": {"layer_norm_eps": 0.001}})").starts_with("unsupported"));
    CHECK(error(R"({"config": {"head": {"__object__": {"name": "GS"}}}})")
              .starts_with("unsupported"));
    CHECK(
        error(R"({"model_type": "dpt"})") ==
        "unsupported load: config.json: model_type is 'dpt', only depth_anything is supported: is "
        "it the config.json of another model?");
    CHECK(error(R"({"model_type": "zoedepth", "backbone_config": {}})").starts_with("unsupported"));
    CHECK(contains(error(R"({"model_type": ["depth_anything"]})"), "must be a string"));
    for (const char* type : {"depth_anything", "depth_anything_v2"}) {
      CHECK(error(json{{"model_type", type}}.dump()) == "nothing");
    }
    CHECK(error("{}") == "nothing");
    CHECK(error(R"({"max_depth": null, "config": null})") == "nothing");
  }

  TEST_CASE("the transformers layout splits the attention weights and renumbers the fusion") {
    const auto stored = [](std::string_view official) {
      return stored_names(KeyLayout::transformers, official);
    };
    CHECK(stored("pretrained.blocks.11.attn.qkv.bias") ==
          std::vector<std::string>{"backbone.encoder.layer.11.attention.attention.query.bias",
                                   "backbone.encoder.layer.11.attention.attention.key.bias",
                                   "backbone.encoder.layer.11.attention.attention.value.bias"});
    CHECK(stored("depth_head.scratch.refinenet3.resConfUnit2.conv1.weight").front() ==
          "neck.fusion_stage.layers.1.residual_layer2.convolution1.weight");
    CHECK(stored("pretrained.blocks.0.ls2.gamma").front() ==
          "backbone.encoder.layer.0.layer_scale2.lambda1");
    CHECK(stored("depth_head.scratch.output_conv2.2.bias").front() == "head.conv3.bias");
    CHECK(stored("not.known") == std::vector<std::string>{"not.known"});
    CHECK(stored_names(KeyLayout::official, "pretrained.norm.bias").front() ==
          "pretrained.norm.bias");
  }
}
