// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "depth/models.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::model_kind;

TEST_SUITE("depth") {
  TEST_CASE("sources name a kind of model, whether or not a file exists") {
    const TempDir dir;
    CHECK(model_kind(dir.path().string()) == std::string("depth_anything"));
    CHECK(model_kind("weights.safetensors") == std::string("depth_anything"));
    CHECK(model_kind("weights.pt") == std::string("torchscript"));
    CHECK(model_kind("builtin") == std::string("builtin"));
    CHECK(model_kind("constant") == std::string("constant"));
    CHECK(model_kind("constant:what") == std::string("constant"));
    for (const char* source : {"", "constants", "Builtin", "no/such/directory", "weights.pth"}) {
      CHECK(model_kind(source) == nullptr);
    }
  }

  TEST_CASE("a file that is no model is named for what it is") {
    const TempDir dir;
    const auto error = [&](const char* name, const std::string& bytes) {
      const std::string path = (dir.path() / name).string();
      std::ofstream(path, std::ios::binary) << bytes;
      const std::string message = error_of([&] { depthcloud::DepthEstimator::load(path); });
      CHECK(contains(message, path));
      return message;
    };
    CHECK(contains(error("photo.jpg", "\xff\xd8\xff\xe0"), "is a JPEG photo"));
    CHECK(contains(error("weights.onnx.zip", "PK\x03\x04"), "is a ZIP archive: unpack it"));
    CHECK(contains(error("model.safetensors.index.json", "{\"weight_map\": {}}"),
                   "is the index of a checkpoint in several files: write it as one"));
    CHECK(contains(error("model.onnx", "\x08\x07\x12\x07pytorch"), "is an ONNX network"));
    CHECK(contains(error("model.gguf", "GGUF\3"), "is a GGUF model"));
    CHECK_FALSE(contains(error("photo.png", "\x89PNG\r\n\x1a\n"), "convert it"));
    CHECK(contains(error("page", "<!DOCTYPE html><html>"), "is a web page (HTML)"));
    CHECK(contains(error("model.pth", "\x80\x02"), "is a Python pickle"));
  }

  TEST_CASE("a .pt that is no TorchScript archive is named for what it is") {
    const TempDir dir;
    const auto error = [&](const std::string& bytes) {
      const std::string path = (dir.path() / "model.pt").string();
      std::ofstream(path, std::ios::binary) << bytes;
      const std::string message = error_of([&] { depthcloud::DepthEstimator::load(path); });
      CHECK(contains(message, path));
      return message;
    };
    CHECK(contains(error("version https://git-lfs.github.com/spec/v1\n"),
                   "is no TorchScript archive but a Git LFS pointer"));
    CHECK(contains(error("<html>Not found"), "but a web page (HTML): a server may have sent it"));
    CHECK(contains(error("\x80\x02\x8a\x0a"), "but a Python pickle: take the publisher's"));
    CHECK(contains(error("Entry not found"), "but a text file: a server may have sent it"));
    CHECK(contains(error(""), "but an empty file: download it again"));
    CHECK(error("").starts_with("bad_model load: "));
  }

  TEST_CASE("a folder with weights in another form says which") {
    const TempDir dir;
    const auto error = [&] {
      return error_of([&] { depthcloud::DepthEstimator::load(dir.path().string()); });
    };
    CHECK(contains(error(), "not_found load: "));
    CHECK(contains(error(), "holds no model.safetensors"));
    std::ofstream(dir.path() / "pytorch_model.bin") << "x";
    CHECK(contains(error(), "pytorch_model.bin, a Python pickle"));
    std::ofstream(dir.path() / "model.safetensors.index.json") << "{}";
    CHECK(contains(error(), "unsupported load: "));
    CHECK(contains(error(), "a checkpoint in several files"));
  }
}
