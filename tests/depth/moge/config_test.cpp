// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/config.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <depthcloud/files.hpp>

#include "depth/models.hpp"
#include "expect_error.hpp"

using namespace depthcloud;
using nlohmann::json;

namespace {

json read_json(const std::string& file) {
  const auto bytes = read_file(DEPTHCLOUD_TEST_GOLDEN "/" + file);
  return json::parse(bytes.begin(), bytes.end());
}

json keys_of(const std::string& model) { return read_json("keys/" + model + ".keys.json"); }

TensorShapes shapes_of(const std::string& model) {
  return keys_of(model).at("tensors").get<TensorShapes>();
}

/// The configuration of the smallest model with the value at this JSON pointer replaced.
std::string small_with(const std::string& pointer, const json& value) {
  json config = keys_of("moge2-vits-normal").at("model_config");
  config[json::json_pointer(pointer)] = value;
  return json{{"model_config", config}}.dump();
}

std::string refusal(const TensorShapes& tensors, const CheckpointNotes& notes = {}) {
  return error_of([&] { recognise_moge(tensors, notes); });
}

std::string refusal_of(const std::string& pointer, const json& value) {
  return refusal(shapes_of("moge2-vits-normal"), {.config_json = small_with(pointer, value)});
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("MoGe-2: every published checkpoint is recognised, with its configuration or without") {
    for (const char* size : {"vits-normal", "vitb-normal", "vitl-normal", "vitl"}) {
      CAPTURE(size);
      const std::string keys = std::string("moge2-") + size;
      const MogeConfig config = recognise_moge(shapes_of(keys));
      CHECK(config.name == std::string("moge-2-") + size);
      CHECK(config.license == "MIT");
      CHECK(config.vit.head_dim() == 64);
      CHECK(config.normal_head.has_value() == keys.ends_with("normal"));
      CHECK(config.token_range == std::array{1200, 3600});
      const std::string model_config = keys_of(keys).at("model_config").dump();
      CHECK(recognise_moge(shapes_of(keys), {.model_config = model_config}) == config);
      const std::string file = json{{"model_config", keys_of(keys).at("model_config")}}.dump();
      CHECK(recognise_moge(shapes_of(keys), {.config_json = file}) == config);
    }
    CHECK(recognise_moge(shapes_of("moge2-vits-normal")).vit.out_layers ==
          std::array{5, 11, -1, -1});
    CHECK(recognise_moge(shapes_of("moge2-vitl")).vit.out_layers == std::array{5, 11, 17, 23});
  }

  TEST_CASE("MoGe-2: the configuration says what the tensors do not") {
    const auto with = [](const char* pointer, const json& value) {
      return recognise_moge(shapes_of("moge2-vits-normal"),
                            {.config_json = small_with(pointer, value)});
    };
    CHECK(with("/remap_output", "sinh").remap == MogeRemap::sinh);
    CHECK(with("/num_tokens_range", {100, 200}).token_range == std::array{100, 200});
    const char* const layers = "/encoder/intermediate_layers";
    CHECK(with(layers, {11, 3}).vit.out_layers == std::array{3, 11, -1, -1});
    CHECK(with(layers, 2).vit.out_layers == std::array{10, 11, -1, -1});
    CHECK(with(layers, 2).name == "moge-2-custom");
  }

  TEST_CASE("MoGe-2: a configuration that contradicts the tensors is an error") {
    CHECK(contains(refusal_of("/neck/dim_res_blocks", {384, 256, 128, 64, 16}), "dim_res_blocks"));
    CHECK(contains(refusal_of("/encoder/dim_out", 768), "encoder.dim_out 768"));
    CHECK(contains(refusal_of("/encoder/backbone", "dinov2_vitb14"), "ViT of 12 blocks x 768"));
    CHECK(contains(refusal_of("/encoder/intermediate_layers", {5, 12}), "[5, 12]"));
    CHECK(contains(refusal_of("/normal_head", nullptr), "has no normal_head"));
    CHECK(contains(refusal_of("/neck/num_res_blocks", {0, 1, 1, 1, 1}), "num_res_blocks"));
    CHECK(contains(refusal_of("/num_tokens_range", {3600, 1200}), "does not rise"));
    CHECK(contains(refusal_of("/num_tokens_range", nullptr), "num_tokens_range is missing"));
  }

  TEST_CASE("MoGe-2: layers that no published model has are refused by name") {
    CHECK(contains(refusal_of("/neck/res_block_in_norm", "layer_norm"), "'layer_norm'"));
    CHECK(contains(refusal_of("/mask_head/resamplers", "pixel_shuffle"), "'pixel_shuffle'"));
    CHECK(contains(refusal_of("/points_head/activation", "silu"), "'silu'"));
    CHECK(contains(refusal_of("/neck/dim_in", {386, 2, nullptr, 2, 2}), "dim_in holds null"));
    CHECK(contains(refusal_of("/remap_output", "cube"), "remap_output is 'cube'"));
    CHECK(refusal_of("/remap_output", "cube").starts_with("unsupported load: config.json: "));
    TensorShapes normed = shapes_of("moge2-vits-normal");
    normed["neck.res_blocks.1.0.layers.0.weight"] = {256};
    CHECK(contains(refusal(normed), "neck.res_blocks.1.0.layers.0.weight"));
  }

  TEST_CASE("MoGe-2: tensors that are missing, unknown or of another shape are named") {
    const TensorShapes complete = shapes_of("moge2-vits-normal");
    TensorShapes tensors = complete;
    tensors.erase("mask_head.resamplers.3.1.bias");
    CHECK(contains(refusal(tensors), "tensor 'mask_head.resamplers.3.1.bias' is missing"));
    tensors = complete;
    tensors["points_head.extra"] = {1};
    CHECK(contains(refusal(tensors), "tensor 'points_head.extra' does not belong to it"));
    tensors = complete;
    tensors["encoder.backbone.blocks.3.attn.qkv.weight"] = {384, 384};
    CHECK(contains(refusal(tensors), "has the shape [384, 384], it must be [1152, 384]"));
    tensors = complete;
    for (const char* unused :
         {"encoder.backbone.mask_token", "encoder.image_mean", "encoder.image_std"}) {
      tensors.erase(unused);
    }
    CHECK(refusal(tensors) == "nothing");
  }

  TEST_CASE("MoGe-1 and MoGe-3 are refused by name") {
    CHECK(refusal({{"backbone.cls_token", {1, 1, 384}}, {"head.x", {1}}}) ==
          "unsupported load: MoGe-1 is not supported, MoGe-2 is");
    TensorShapes third = shapes_of("moge2-vits-normal");
    third["refiner.x"] = {1};
    CHECK(refusal(third) == "unsupported load: MoGe-3 is not supported, MoGe-2 is");
  }

  TEST_CASE("MoGe-2: a checkpoint is told from one of Depth Anything by its tensors") {
    for (const char* file : {"moge2_micro.weights.safetensors", "moge2_container.pt"}) {
      CHECK(model_kind(DEPTHCLOUD_TEST_GOLDEN "/" + std::string(file)) == std::string("moge"));
    }
    CHECK(model_kind(DEPTHCLOUD_TEST_GOLDEN "/da3_micro.weights.safetensors") ==
          std::string("depth_anything"));
  }
}
