// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors.hpp"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"
#include "io/safetensors_samples.hpp"
#include "io/weights_file.hpp"

using depthcloud::TensorType;
using depthcloud::WeightsFile;
using safetensors_samples::entry;
using safetensors_samples::header_of;
using safetensors_samples::make_file;

namespace {

using Shape = std::vector<std::int64_t>;

std::string parse_error(const std::vector<std::uint8_t>& bytes) {
  return error_of([&] { WeightsFile::parse(bytes); });
}

std::string header_error(const std::string& header, std::size_t data_size = 0) {
  return parse_error(make_file(header, data_size));
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("safetensors: tensors are read in place") {
    auto bytes =
        make_file(header_of({entry("b", "F32", "[2,1]", 0, 8), entry("a", "I64", "[]", 8, 16),
                             entry("none", "F16", "[0,7]", 16, 16)}),
                  16);
    const float values[] = {1.5f, -2.0f};
    std::memcpy(bytes.data() + bytes.size() - 16, values, 8);

    const auto file = WeightsFile::parse(bytes);
    CHECK(file.names() == std::vector<std::string_view>{"a", "b", "none"});
    CHECK(file.metadata().empty());
    const auto b = file.tensor("b", Shape{2, 1});
    CHECK(b.type == TensorType::f32);
    CHECK(b.bytes.data() == bytes.data() + bytes.size() - 16);
    CHECK(std::memcmp(b.bytes.data(), values, 8) == 0);
    CHECK(file.tensor("a", Shape{}).bytes.size() == 8);
    CHECK(file.tensor("none", Shape{0, 7}).bytes.empty());
    CHECK_FALSE(file.find("c"));
  }

  TEST_CASE("safetensors: every element type has its name and size") {
    const std::pair<const char*, std::size_t> types[] = {
        {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"F64", 8}, {"I32", 4}, {"I16", 2},
        {"I8", 1},  {"U64", 8}, {"U32", 4},  {"U16", 2}, {"U8", 1},  {"BOOL", 1}};
    for (std::size_t i = 0; i < std::size(types); ++i) {
      const auto& [name, size] = types[i];
      CAPTURE(name);
      const auto bytes = make_file(header_of({entry("t", name, "[3]", 0, 3 * size)}), 3 * size);
      const auto file = WeightsFile::parse(bytes);
      CHECK(file.find("t")->bytes.size() == 3 * size);
      CHECK(depthcloud::to_string(file.find("t")->type) == std::string(name));
      const std::string error = error_of([&] { file.tensor("t", Shape{3}); });
      CHECK((i < 4 ? error == "nothing" : error.starts_with("unsupported load")));
    }
    CHECK(header_error(header_of({entry("t", "Q4", "[]", 0, 0)})).starts_with("unsupported load"));
  }

  TEST_CASE("safetensors: metadata names aliases of tied tensors") {
    const auto bytes = make_file(
        header_of(
            {R"("__metadata__":{"tied":"stored","twice":"tied","loop":"loop","stored":"nowhere"})",
             entry("stored", "F32", "[1]", 0, 4)}),
        4);
    const auto file = WeightsFile::parse(bytes);
    CHECK(file.metadata().at("tied") == "stored");
    CHECK(file.names().size() == 1);
    CHECK(file.find("tied")->bytes.data() == file.find("stored")->bytes.data());
    CHECK_FALSE(file.find("twice"));
    CHECK_FALSE(file.find("loop"));
  }

  TEST_CASE("safetensors: a tensor that is missing or of another shape") {
    const auto bytes = make_file(header_of({entry("w", "F32", "[2,3]", 0, 24)}), 24);
    const auto file = WeightsFile::parse(bytes);
    CHECK(error_of([&] {
            file.tensor("v", Shape{2, 3});
          }) == "bad_model load: tensor 'v' is missing");
    CHECK(error_of([&] {
            file.tensor("w", Shape{3, 2});
          }) == "bad_model load: tensor 'w' has shape [2, 3] in place of [3, 2]");
  }

  TEST_CASE("safetensors: truncated files and headers above the limit") {
    CHECK(contains(parse_error({}), "bad_model load: safetensors: this is an empty file"));
    CHECK(contains(parse_error({2, 0, 0, 0, 0, 0, 0}), "truncated: 7 bytes"));
    CHECK(contains(parse_error({3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}), "truncated: a header of 3"));
    CHECK(contains(header_error(header_of({entry("t", "F32", "[4]", 0, 16)}), 15),
                   "truncated: tensor 't' ends at byte 16 of 15"));
    CHECK(parse_error({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
              .starts_with("limit_exceeded load"));
    // 100,000,001
    CHECK(parse_error({0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0}).starts_with("limit_exceeded load"));
  }

  TEST_CASE("safetensors: offsets that overlap, leave a hole or disagree with the shape") {
    const auto two = [](std::uint64_t begin, std::uint64_t end) {
      return header_of({entry("a", "U8", "[4]", 0, 4), entry("b", "U8", "[4]", begin, end)});
    };
    CHECK(header_error(two(4, 8), 8) == "nothing");
    CHECK(contains(header_error(two(3, 7), 7), "'b' overlaps"));
    CHECK(contains(header_error(two(5, 9), 9), "a hole of 1 bytes before tensor 'b'"));
    CHECK(contains(header_error(two(4, 8), 9), "a hole of 1 bytes after the last"));
    CHECK(contains(header_error("{}", 1), "a hole of 1 bytes after the last"));
    CHECK(contains(header_error(two(4, 9), 9), "'b' holds 5 bytes where U8 of shape [4] take 4"));
    CHECK(contains(header_error(two(8, 4), 8), "before it begins"));
    CHECK(contains(header_error(two(4, 18446744073709551615u), 8), "truncated"));
    CHECK(contains(header_error(header_of({entry("t", "F32", "[4611686018427387904,1]", 0, 0)})),
                   "overflows"));
    CHECK(contains(header_error(header_of({entry("t", "U8", "[9223372036854775808]", 0, 0)})),
                   "a side of 9223372036854775808"));
  }

  TEST_CASE("safetensors: data that is not aligned to its elements") {
    const std::string header =
        header_of({entry("a", "U8", "[2]", 0, 2), entry("b", "F32", "[1]", 2, 6)});
    CHECK(header_error(header, 6).starts_with("unsupported load"));
    const auto bytes = make_file("{}", 0);
    alignas(8) std::uint8_t shifted[32] = {};
    std::memcpy(shifted + 1, bytes.data(), bytes.size());
    CHECK(error_of([&] {
            WeightsFile::parse({shifted + 1, bytes.size()});
          }).starts_with("invalid_argument load"));
  }

  TEST_CASE("safetensors: keys that stand twice") {
    const std::string a = entry("a", "U8", "[]", 0, 1);
    CHECK(contains(header_error(header_of({a, a}), 1), "'a' stands twice"));
    CHECK(contains(header_error(R"({"__metadata__":{},"__metadata__":{}})"), "stands twice"));
    CHECK(contains(header_error(R"({"__metadata__":{"k":"1","k":"2"}})"), "'k' stands twice"));
    CHECK(contains(header_error(R"({"a":{"dtype":"U8","dtype":"U8"}})"), "'dtype' stands twice"));
    CHECK(contains(header_error(R"({"a":{"shape":[],"shape":[]}})"), "'shape' stands twice"));
    CHECK(contains(header_error(R"({"a":{"data_offsets":[],"data_offsets":[]}})"),
                   "'data_offsets' stands twice"));
  }

  TEST_CASE("safetensors: headers that are not as the format says") {
    const std::pair<std::string, std::string> cases[] = {
        {"", "not JSON"},
        {"{\"a\"", "not JSON"},
        {"{} {}", "not JSON"},
        {"[]", "the header is an array"},
        {"null", "the header is null"},
        {R"({"a":1})", "a number for 'a'"},
        {R"({"a":[]})", "an array for 'a'"},
        {R"({"__metadata__":{"k":1}})", "the metadata has a number for 'k'"},
        {R"({"__metadata__":{"k":{}}})", "the metadata has an object for 'k'"},
        {R"({"a":{}})", "lacks one of"},
        {R"({"a":{"dtype":"U8","shape":[]}})", "lacks one of"},
        {R"({"a":{"dtype":8}})", "a number in its field 'dtype'"},
        {R"({"a":{"dtype":["U8"]}})", "an array in its field 'dtype'"},
        {R"({"a":{"shape":[[1]]}})", "an array in its field 'shape'"},
        {R"({"a":{"shape":[-1]}})", "a negative number in its field 'shape'"},
        {R"({"a":{"shape":[1.0]}})", "a fraction in its field 'shape'"},
        {R"({"a":{"shape":[true]}})", "a boolean in its field 'shape'"},
        {R"({"a":{"shape":"1"}})", "a string in its field 'shape'"},
        {R"({"a":{"extra":1}})", "a number in its field 'extra'"},
        {R"({"a":{"shape":{}}})", "an object in its field 'shape'"},
        {R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0]}})", "1 data_offsets in place of 2"},
        {R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,0,0]}})", "3 data_offsets"},
    };
    for (const auto& [header, message] : cases) {
      CAPTURE(header);
      const std::string error = header_error(header);
      CAPTURE(error);
      CHECK(error.starts_with("bad_model load: safetensors: "));
      CHECK(contains(error, message));
    }
    const std::string deep(100'000, '[');
    CHECK(contains(header_error(R"({"a":)" + deep), "an array for 'a'"));
  }

  TEST_CASE("safetensors: a hostile name cannot break the message into lines") {
    const auto error =
        header_error(header_of({entry("x\\ny" + std::string(500, 'z'), "U8", "[2]", 0, 1)}), 1);
    CHECK(contains(error, "'x?yzz"));
    CHECK(error.size() < 250);
  }

  TEST_CASE("safetensors: a file of another kind is named") {
    const auto error = [](std::string_view text) {
      return parse_error({text.begin(), text.end()});
    };
    CHECK(contains(error("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"),
                   "unsupported load: safetensors: this is a Git LFS pointer"));
    CHECK(contains(error("<!DOCTYPE html><html><body>"), "this is a web page (HTML)"));
    CHECK(contains(error("{\"metadata\": {}, \"weight_map\": {}}"),
                   "this is the index of a checkpoint in several files"));
    CHECK(error("Entry not found") ==
          "unsupported load: safetensors: this is a text file: a server may have sent it in place "
          "of the file: download that again");
    CHECK(contains(error("oops"), "this is a text file"));  // shorter than a header's length
    CHECK(contains(error("\xff\xd8\xff\xe0\xff\xd8\xff\xe0"), "this is a JPEG photo"));
    CHECK_FALSE(contains(error("\xff\xd8\xff\xe0\xff\xd8\xff\xe0"), "convert"));
    const std::string zip = "PK\3\4" + std::string(22, '\0') + std::string("\7\0\0\0", 4);
    CHECK(contains(error(zip + "foo.npy"), "this is a file of NumPy arrays (.npz): take the"));
    CHECK(contains(error(zip + "foo.txt"), "this is a ZIP archive: unpack it"));
  }
}
