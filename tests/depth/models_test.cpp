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
    CHECK(model_kind("weights.pth") == std::string("depth_anything"));
    CHECK(model_kind("model.safetensors.index.json") == std::string("depth_anything"));
    CHECK(model_kind(DEPTHCLOUD_TEST_GOLDEN "/pickle/bad_torchscript.pth") ==
          std::string("depth_anything"));
    // a .pt may be either
    for (const auto& [file, kind] : {std::pair{"good_state_dict.pth", "depth_anything"},
                                     {"bad_torchscript.pth", "torchscript"},
                                     {"bad_truncated.pth", "depth_anything"},
                                     {"bad_empty.pth", "torchscript"}}) {
      const auto path = dir / "model.pt";
      std::filesystem::copy_file(std::filesystem::path(DEPTHCLOUD_TEST_GOLDEN "/pickle") / file,
                                 path, std::filesystem::copy_options::overwrite_existing);
      CHECK(model_kind(path.string()) == std::string(kind));
    }
    for (const char* source : {"", "constants", "Builtin", "no/such/directory", "weights.txt"}) {
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
    CHECK(contains(error("model.onnx", "\x08\x07\x12\x07pytorch"), "is an ONNX network"));
    CHECK(contains(error("model.gguf", "GGUF\3"), "is a GGUF model"));
    CHECK_FALSE(contains(error("photo.png", "\x89PNG\r\n\x1a\n"), "convert it"));
    CHECK(contains(error("page", "<!DOCTYPE html><html>"), "is a web page (HTML)"));
    CHECK(contains(error("model.pth", "\x80\2]q."), "is a Python pickle: take the publisher's"));
    CHECK(contains(error("model.safetensors", "<!DOCTYPE html><html>"), "is a web page (HTML)"));
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

  TEST_CASE("a folder without weights, or with several, says so") {
    const TempDir dir;
    const auto error = [&] {
      return error_of([&] { depthcloud::DepthEstimator::load(dir.path().string()); });
    };
    CHECK(error().starts_with("not_found load: "));
    CHECK(contains(error(), "holds no model.safetensors"));
    std::ofstream(dir / "a.pth") << "x";
    std::ofstream(dir / "b.bin") << "x";
    CHECK(contains(error(), "holds several checkpoints, name one of them: a.pth, b.bin"));
  }
}
