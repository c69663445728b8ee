// SPDX-License-Identifier: Apache-2.0
#include "io/weights_file.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "expect_error.hpp"
#include "io/safetensors_samples.hpp"
#include "temp_dir.hpp"

using depthcloud::WeightsFile;
using safetensors_samples::entry;
using safetensors_samples::header_of;
using safetensors_samples::make_file;

namespace {

using Shape = std::vector<std::int64_t>;

void write(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

void write(const std::filesystem::path& path, const std::string& text) {
  write(path, std::vector<std::uint8_t>(text.begin(), text.end()));
}

/// A file with one tensor of one float, whose last byte is this.
std::vector<std::uint8_t> file_of(const std::string& tensor, std::uint8_t last = 0) {
  auto bytes = make_file(header_of({entry(tensor, "F32", "[1]", 0, 4)}), 4);
  bytes.back() = last;
  return bytes;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("weights: a file is mapped and outlives its first handle") {
    const TempDir dir;
    write(dir / "model.safetensors", file_of("t", 0x40));
    auto first = std::make_unique<WeightsFile>(WeightsFile::open(dir / "model.safetensors"));
    const WeightsFile copy = *first;
    first.reset();
    CHECK(copy.tensor("t", Shape{1}).bytes[3] == 0x40);
    copy.release_pages();
    CHECK(copy.tensor("t", Shape{1}).bytes[3] == 0x40);
  }

  TEST_CASE("weights: files that cannot be mapped") {
    const TempDir dir;
    const auto open_error = [&](const std::string& name) {
      return error_of([&] { WeightsFile::open(dir / name); });
    };
    CHECK(open_error("none.safetensors").starts_with("not_found load"));
    CHECK(error_of([&] { WeightsFile::open(dir.path()); }).starts_with("io load"));
    write(dir / "empty.safetensors", "");
    CHECK(open_error("empty.safetensors") ==
          "bad_model load: safetensors: this is an empty file: download it again");
    REQUIRE(::mkfifo((dir / "pipe.safetensors").c_str(), 0600) == 0);
    CHECK(open_error("pipe.safetensors").starts_with("io load"));
  }

  TEST_CASE("weights: a checkpoint in several files is one") {
    const TempDir dir;
    write(dir / "model-1.safetensors", file_of("a", 1));
    write(dir / "model-2.safetensors", file_of("b", 2));
    const auto index = dir / "model.safetensors.index.json";
    write(index, R"({"metadata": {"total_size": 8}, "weight_map":
                     {"a": "model-1.safetensors", "b": "model-2.safetensors"}})");
    const WeightsFile file = WeightsFile::open(index);
    CHECK(file.names() == std::vector<std::string_view>{"a", "b"});
    CHECK(file.tensor("a", Shape{1}).bytes[3] == 1);
    CHECK(file.tensor("b", Shape{1}).bytes[3] == 2);
    file.release_pages();
    CHECK(file.tensor("b", Shape{1}).bytes[3] == 2);

    const auto error = [&](const std::string& json) {
      write(index, json);
      return error_of([&] { WeightsFile::open(index); });
    };
    CHECK(error(R"({"weight_map": {"c": "model-1.safetensors"}})") ==
          "bad_model load: 'model-1.safetensors' lacks tensor 'c', which the index says is there");
    CHECK(error(R"({"weight_map": {"a": "none.safetensors"}})").starts_with("not_found load: "));
    for (const char* name : {"../model-1.safetensors", "/etc/passwd", "..", "", "a\\\\b"}) {
      const std::string json = R"({"weight_map": {"a": ")" + std::string(name) + "\"}}";
      CHECK(contains(error(json), "is not the name of a file beside it"));
    }
    CHECK(contains(error(R"({"weight_map": {"a": 1}})"), "tensor 'a' is in no file"));
    CHECK(contains(error(R"({"weight_map": {}})"), "it names no tensor"));
    CHECK(contains(error(R"({"weight_map": [1]})"), "no JSON object with a weight_map"));
    CHECK(contains(error(R"({"other": 1})"), "no JSON object with a weight_map"));
    CHECK(contains(error(R"({"weight_map": {)"), "no JSON object with a weight_map"));
    CHECK(contains(error("{}" + std::string(17'000'000, ' ')), "above the limit"));
    write(dir / "model-1.safetensors", std::vector<std::uint8_t>(3));
    CHECK(contains(error(R"({"weight_map": {"a": "model-1.safetensors"}})"),
                   "'model-1.safetensors': safetensors: truncated"));
  }

  TEST_CASE("weights: the file of a folder") {
    const TempDir dir;
    const auto path = [&] { return depthcloud::weights_path(dir.path()).filename(); };
    const auto error = [&] { return error_of([&] { depthcloud::weights_path(dir.path()); }); };
    CHECK(error().starts_with("not_found load: "));
    write(dir / "config.json", "{}");
    CHECK(contains(error(), "holds no model.safetensors and no other weights"));
    write(dir / "model.pt", "x");
    CHECK(path() == "model.pt");
    write(dir / "pytorch_model.bin", "x");
    CHECK(contains(error(), "several checkpoints, name one of them: model.pt, pytorch_model.bin"));
    write(dir / "model.safetensors.index.json", "x");
    CHECK(path() == "model.safetensors.index.json");
    write(dir / "model.safetensors", "x");
    CHECK(path() == "model.safetensors");
    CHECK(depthcloud::weights_path(dir / "other.pth") == dir / "other.pth");
  }

  TEST_CASE("weights: a checkpoint of PyTorch has the interface of safetensors") {
    const WeightsFile file =
        WeightsFile::open(DEPTHCLOUD_TEST_GOLDEN "/pickle/good_state_dict.pth");
    CHECK(file.tensor("0.weight", Shape{4, 3, 3, 3}).bytes.size() == 432);
    CHECK(contains(error_of([&] { file.tensor("0.weight", Shape{4, 3}); }), "in place of [4, 3]"));
    CHECK(contains(error_of([&] { file.tensor("none", Shape{1}); }), "tensor 'none' is missing"));
    const WeightsFile copy = file;
    copy.release_pages();
    CHECK(copy.tensor("0.bias", Shape{4}).bytes.size() == 16);
  }
}
