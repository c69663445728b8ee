// SPDX-License-Identifier: Apache-2.0
// Pictures of other programs are the business of stock_depth_files.py.
#include "io/exr_header.hpp"

#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename... Numbers>
std::string packed(Numbers... numbers) {
  std::string text;
  ((text += std::string(reinterpret_cast<const char*>(&numbers), sizeof numbers)), ...);
  return text;
}

std::string type_of(const std::string& name) {
  if (name == "channels") return "chlist";
  if (name == "tiles") return "tiledesc";
  return name.ends_with("Window") ? "box2i" : "string";
}

std::string attribute(const std::string& name, const std::string& value, std::uint32_t size = 0) {
  return name + '\0' + type_of(name) + '\0' +
         packed(size != 0 ? size : std::uint32_t(value.size())) + value;
}

std::string channel(const std::string& name, std::uint32_t type) {
  return name + '\0' + packed(type, std::uint32_t{0}, 1, 1);
}

std::string window(int left, int top, int right, int bottom) {
  return attribute("dataWindow", packed(left, top, right, bottom));
}

const std::string one_float = attribute("channels", channel("Y", 2) + '\0');

Bytes exr(const std::string& attributes, std::uint32_t version = 2, std::size_t data = 64) {
  const std::string text = packed(std::uint32_t{0x01312f76}, version) + attributes + '\0';
  Bytes bytes(text.begin(), text.end());
  bytes.insert(bytes.end(), data, 0);
  return bytes;
}

std::string header_error(const std::string& attributes, std::uint32_t version = 2) {
  return error_of([&] { depthcloud::read_exr_header(exr(attributes, version), {}); });
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("exr: size, corner and channels of a header") {
    const auto header = depthcloud::read_exr_header(
        exr(attribute("channels", channel("A", 1) + channel("Z", 2) + channel("id", 0) + '\0') +
            window(-2, 3, 5, 8)),
        {});
    CHECK(header.data == depthcloud::ExrHeader::Window{-2, 3, 8, 6});
    CHECK(header.display == header.data);  // left out
    const auto overscan = depthcloud::read_exr_header(
        exr(one_float + window(-2, 3, 5, 8) + attribute("displayWindow", packed(0, 0, 9, 4))), {});
    CHECK(overscan.data == header.data);
    CHECK(overscan.display == depthcloud::ExrHeader::Window{0, 0, 10, 5});
    CHECK(header_error(one_float + window(0, 0, 7, 5) +
                       attribute("displayWindow", packed(0, 0, 1 << 20, 1 << 20)))
              .starts_with("limit_exceeded file"));
    REQUIRE(header.channels.size() == 3);
    CHECK(header.channels[0].type.bytes == 2);
    CHECK(header.channels[2].type.kind == 'u');
    CHECK(depthcloud::depth_channel(header, {}).name == "Z");
    CHECK(depthcloud::depth_channel(header, {.array = "id"}).name == "id");
    CHECK(contains(error_of([&] { depthcloud::depth_channel(header, {.array = "z"}); }),
                   "no channel is called 'z', only 'A', 'Z', 'id'"));
  }

  TEST_CASE("exr: which channel is depth") {
    const auto chosen = [](const std::vector<std::string>& names) {
      depthcloud::ExrHeader header;
      for (const std::string& name : names) header.channels.push_back({name});
      return error_of(
          [&] { throw std::runtime_error(depthcloud::depth_channel(header, {}).name); });
    };
    CHECK(chosen({"R"}) == "foreign exception: R");
    CHECK(chosen({"R", "View Layer.Depth.Z", "X"}) == "foreign exception: View Layer.Depth.Z");
    CHECK(chosen({"B", "Depth.V", "R"}) == "foreign exception: Depth.V");
    CHECK(chosen({"B", "G", "R"}).starts_with("invalid_argument file"));
    CHECK(chosen({"Z", "depth"}).starts_with("invalid_argument file"));
  }

  TEST_CASE("exr: hostile headers") {
    CHECK(header_error(one_float + window(0, 0, 7, 5)) == "nothing");
    const std::string bad[] = {
        "",
        one_float,
        window(0, 0, 7, 5),
        one_float + window(7, 5, 0, 0),
        one_float + window(0, 0, -1, 5),
        attribute("channels", "x") + window(0, 0, 7, 5),
        attribute("channels", channel("Y", 3) + '\0') + window(0, 0, 7, 5),
        attribute("channels", std::string(300, 'x')) + window(0, 0, 7, 5),
        one_float + window(0, 0, 7, 5) + attribute("more", "", 0x7fffffff),
        one_float + window(0, 0, 7, 5) + attribute("more", "", 0xffffffff),
        one_float + window(0, 0, 7, 5) + std::string(300, 'n'),
        one_float + window(0, 0, 999, 999) + attribute("tiles", packed(1, 1, '\0')),
        one_float + window(0, 0, 7, 5) + attribute("tiles", packed(0, 0, '\0')).substr(0, 12),
    };
    // what OpenEXR reads by its type, whatever its size, must have the size of its type
    const std::string good = one_float + window(0, 0, 7, 5);
    for (const std::string& attributes :
         {good + one_float, good + window(0, 0, 7, 5), one_float + attribute("dataWindow", "x"),
          one_float + attribute("dataWindow", packed(0, 0, 7, 5, 0)),
          attribute("channels", channel("Y", 2) + '\0' + '\0') + window(0, 0, 7, 5),
          good + "compression" + '\0' + "string" + '\0' + packed(1, '\3'),
          good + "compression" + '\0' + "compression" + '\0' + packed(2, '\3', '\0'),
          good + "name" + '\0' + '\0' + packed(0)}) {
      CAPTURE(attributes);
      CHECK(header_error(attributes).starts_with("corrupt_data file"));
    }
    for (const std::string& attributes : bad) {
      CAPTURE(attributes);
      CHECK(header_error(attributes).starts_with("corrupt_data file"));
    }
    CHECK(header_error(one_float + window(0, 0, 99999, 99999)).starts_with("limit_exceeded file"));
    CHECK(header_error(one_float + window(-2147483647 - 1, 0, 2147483647, 0))
              .starts_with("limit_exceeded file"));
    CHECK(header_error(one_float + window(0, 0, 9'999'999, 0)).starts_with("limit_exceeded file"));
    CHECK(header_error(one_float + window(0, 0, 7, 5) +
                       attribute("tiles", packed(0x7fffffff, 0x7fffffff, '\0')))
              .starts_with("limit_exceeded file"));
    for (const std::uint32_t version : {1u, 3u, 2u | 0x800u, 2u | 0x1000u}) {
      CHECK(header_error(one_float + window(0, 0, 7, 5), version).starts_with("unsupported file"));
    }
    const Bytes whole = exr(one_float + window(0, 0, 7, 5), 2, 0);
    for (std::size_t size = 4; size < whole.size(); ++size) {
      CHECK(error_of([&] {
              depthcloud::read_exr_header({whole.data(), size}, {});
            }).starts_with("corrupt_data file"));
    }
  }

  TEST_CASE("exr: OpenEXR looks into no attribute that does not concern depth") {
    const Bytes file =
        exr(one_float + attribute("views", packed(0x7fffffff)) + window(0, 0, 7, 5), 2, 9);
    const auto header = depthcloud::read_exr_header(file, {});
    std::string expected(file.begin(), file.end() - 9);
    expected.replace(expected.find("string"), 6, "?tring");
    CHECK(std::string(header.bytes.begin(), header.bytes.end()) == expected);
  }

  TEST_CASE("exr: a picture cut short is an error") {
    const Bytes file = exr(one_float + window(0, 0, 7, 5));
    const std::string error = error_of([&] { depthcloud::read_depth(file); });
    CHECK((error.starts_with("corrupt_data file") || error.starts_with("unavailable file")));
  }
}
