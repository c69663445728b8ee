// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/files.hpp>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::Axes;
using depthcloud::PointCloud;

namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

PointCloud decode(const std::string& text) { return depthcloud::decode_pcd(bytes_of(text)); }

std::vector<float> positions_of(const PointCloud& cloud) {
  return {cloud.positions.begin(), cloud.positions.end()};
}
std::vector<int> colors_of(const PointCloud& cloud) {
  return {cloud.colors.begin(), cloud.colors.end()};
}

template <typename T>
std::string raw(T value) {
  std::string text(sizeof value, '\0');
  std::memcpy(text.data(), &value, sizeof value);
  return text;
}

/// What a header says, line by line; an empty line is left out.
struct Lines {
  std::string comment = "# .PCD v0.7 - Point Cloud Data file format\n";
  std::string fields = "FIELDS x y z\n";
  std::string size = "SIZE 4 4 4\n";
  std::string type = "TYPE F F F\n";
  std::string count = "COUNT 1 1 1\n";
  std::string width = "WIDTH 2\n";
  std::string height = "HEIGHT 1\n";
  std::string points = "POINTS 2\n";
  std::string data = "DATA ascii\n";
  std::string body = "1 2 3\n4 5 6\n";

  std::string text() const {
    return comment + "VERSION 0.7\n" + fields + size + type + count + width + height +
           "VIEWPOINT 0 0 0 1 0 0 0\n" + points + data + body;
  }
};

/// A file with one more field than x, y and z.
Lines with_field(const std::string& name, int size, char type, const std::string& body) {
  return {.fields = "FIELDS x y z " + name + "\n",
          .size = "SIZE 4 4 4 " + std::to_string(size) + "\n",
          .type = std::string("TYPE F F F ") + type + "\n",
          .count = "",
          .width = "WIDTH 1\n",
          .points = "POINTS 1\n",
          .body = body};
}

/// LZF that is all literals, of up to 32 bytes each.
std::string lzf_literals(const std::string& bytes) {
  std::string result;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    const std::string part = bytes.substr(at, 32);
    result += static_cast<char>(part.size() - 1);
    result += part;
  }
  return result;
}

Lines compressed(std::uint32_t compressed_size, std::uint32_t size, const std::string& data) {
  return {.data = "DATA binary_compressed\n", .body = raw(compressed_size) + raw(size) + data};
}

const std::string two_points =  // x x y y z z
    raw(1.0f) + raw(4.0f) + raw(2.0f) + raw(5.0f) + raw(3.0f) + raw(6.0f);

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("decode_pcd: what write_pcd wrote, in every axes") {
    const TempDir dir;
    const std::vector<float> positions = {1.0f, -2.0f, 3.5f, 4.0f, 5.0f, 6.0f};
    const std::vector<std::uint8_t> colors = {10, 20, 30, 40, 50, 255};
    for (const Axes axes : {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros}) {
      depthcloud::write_pcd(dir / "a.pcd", {positions, colors, axes}, axes);
      const PointCloud cloud = depthcloud::read_pcd(dir / "a.pcd");
      CHECK(positions_of(cloud) == positions);
      CHECK(colors_of(cloud) == std::vector<int>{10, 20, 30, 40, 50, 255});
      CHECK(cloud.axes == axes);
    }
    CHECK(depthcloud::decode_pcd(depthcloud::encode_pcd({})).empty());
  }

  TEST_CASE("decode_pcd: text, and lines that may be missing") {
    const std::vector<float> expected = {1, 2, 3, 4, 5, 6};
    CHECK(positions_of(decode(Lines{}.text())) == expected);
    CHECK(positions_of(decode(Lines{.comment = ""}.text())) == expected);
    CHECK(positions_of(decode(Lines{.count = ""}.text())) == expected);
    CHECK(positions_of(decode(Lines{.points = ""}.text())) == expected);
    CHECK(positions_of(decode(Lines{.width = "", .height = ""}.text())) == expected);
    CHECK(positions_of(decode(Lines{.fields = "COLUMNS x y z\n"}.text())) == expected);
    CHECK(positions_of(decode(Lines{.width = "WIDTH 1\n", .height = "HEIGHT 2\n"}.text())) ==
          expected);
    CHECK(decode(Lines{.comment = "# .PCD v0.7\n# axes v1\n"}.text()).axes == Axes::v1);
    CHECK(decode(Lines{.comment = "# axes here and there\n"}.text()).axes == Axes::opengl);
    std::string returns;
    for (const char c : Lines{}.text()) returns += c == '\n' ? "\r\n" : std::string(1, c);
    CHECK(positions_of(decode(returns)) == expected);
  }

  TEST_CASE("decode_pcd: binary, fields of every type in any order") {
    const Lines lines{.fields = "FIELDS normal _ z y x\n",
                      .size = "SIZE 4 1 2 8 8\n",
                      .type = "TYPE F U I F U\n",
                      .count = "COUNT 3 5 1 1 1\n",
                      .data = "DATA binary\n",
                      .body = std::string(17, '\7') + raw(std::int16_t{-3}) + raw(2.5) +
                              raw(std::uint64_t{1}) + std::string(17, '\7') + raw(std::int16_t{6}) +
                              raw(5.0) + raw(std::uint64_t{4}) + "more"};
    CHECK(positions_of(decode(lines.text())) == std::vector<float>{1, 2.5, -3, 4, 5, 6});
  }

  TEST_CASE("decode_pcd: compressed") {
    const std::string data = lzf_literals(two_points);
    const auto size = static_cast<std::uint32_t>(data.size());
#ifdef DEPTHCLOUD_WITH_LZF
    CHECK(positions_of(decode(compressed(size, 24, data).text())) ==
          std::vector<float>{1, 2, 3, 4, 5, 6});
#else
    CHECK(error_of([&] { decode(compressed(size, 24, data).text()); }).starts_with("unavailable"));
#endif
  }

  TEST_CASE("decode_pcd: colours of every kind") {
    const std::string point = raw(1.0f) + raw(2.0f) + raw(3.0f);
    constexpr std::uint32_t bits = 0xFF0A141E;  // as a float NaN
    for (const char* name : {"rgb", "rgba"}) {
      for (const char type : {'F', 'U', 'I'}) {
        Lines lines = with_field(name, 4, type, point + raw(bits));
        lines.data = "DATA binary\n";
        CHECK(colors_of(decode(lines.text())) == std::vector<int>{10, 20, 30});
      }
    }
    const auto in_text = [](char type, const std::string& value) {
      return colors_of(decode(with_field("rgb", 4, type, "1 2 3 " + value).text()));
    };
    CHECK(in_text('U', "660510") == std::vector<int>{10, 20, 30});
    CHECK(in_text('U', "4278850590") == std::vector<int>{10, 20, 30});
    CHECK(in_text('I', "-16116706") == std::vector<int>{10, 20, 30});
    CHECK(in_text('F', "9.2557165e-40") == std::vector<int>{10, 20, 30});  // Open3D: the bits
    CHECK(in_text('F', "660510") == std::vector<int>{10, 20, 30});         // PCL: as a number
    CHECK(in_text('F', "nan") == std::vector<int>{255, 255, 255});
    CHECK(in_text('F', "0") == std::vector<int>{0, 0, 0});
    CHECK(colors_of(decode(with_field("intensity", 4, 'F', "1 2 3 9").text())).empty());
    Lines channels = with_field("r g b", 1, 'U', "1 2 3 10 20 30");
    channels.size = "SIZE 4 4 4 1 1 1\n";
    channels.type = "TYPE F F F U U U\n";
    CHECK(colors_of(decode(channels.text())) == std::vector<int>{10, 20, 30});
  }

  TEST_CASE("decode_pcd: missing points of an organised cloud are dropped") {
    const Lines lines{.fields = "FIELDS x y z rgb\n",
                      .size = "SIZE 4 4 4 4\n",
                      .type = "TYPE F F F U\n",
                      .count = "",
                      .height = "HEIGHT 2\n",
                      .points = "POINTS 4\n",
                      .body = "nan nan nan 1\n1 2 3 2\n1 2 -inf 3\n4 5 6 4\n"};
    const PointCloud cloud = decode(lines.text());
    CHECK(positions_of(cloud) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(colors_of(cloud) == std::vector<int>{0, 0, 2, 0, 0, 4});
  }

  TEST_CASE("decode_pcd: faults are named, sizes cost nothing") {
    const auto fails = [](const std::string& text, const std::string& code,
                          const std::string& part) {
      const std::string error = error_of([&] { decode(text); });
      CAPTURE(text);
      CAPTURE(error);
      CHECK(error.starts_with(code + " file: "));
      CHECK(contains(error, part));
      CHECK_FALSE(contains(error, "\n"));
    };
    const auto corrupt = [&](const Lines& lines, const std::string& part) {
      fails(lines.text(), "corrupt_data", part);
    };
    const std::string most = "18446744073709551615\n";
    fails("", "corrupt_data", "no bytes");
    fails("ply\n", "unsupported", "a PLY file");
    fails("# .PCD v0.7\n", "corrupt_data", "ends in its header");
    fails("# .PCD v0.7\n#" + std::string(70'000, ' '), "limit_exceeded", "65536");
    corrupt({.fields = ""}, "lacks FIELDS, SIZE or TYPE");
    corrupt({.type = ""}, "lacks FIELDS, SIZE or TYPE");
    corrupt({.fields = "FIELDS x y\n"}, "not of equal length");
    corrupt({.count = "COUNT 1 1\n"}, "not of equal length");
    corrupt({.fields = "FIELDS x y w\n"}, "no z");
    corrupt({.fields = "FIELDS x y x\n"}, "x twice");
    corrupt({.count = "COUNT 1 1 3\n"}, "no z");
    corrupt({.count = "COUNT 1 1 0\n"}, "'z' has 0 numbers");
    corrupt({.count = "COUNT 1 1 " + most}, "'z' has 18446744073709551615 numbers");
    corrupt({.size = "SIZE 4 4 3\n"}, "no type 'F' of 3 bytes");
    corrupt({.type = "TYPE F F X\n"}, "no type 'X' of 4 bytes");
    corrupt({.size = "SIZE 4 4 -4\n"}, "'-4' is not a whole number");
    corrupt({.width = "WIDTH 3\n"}, "not the number of points");
    corrupt({.width = "WIDTH " + most, .height = "HEIGHT 2\n", .points = ""}, "WIDTH 1844");
    corrupt({.width = "WIDTH 2 2\n"}, "one number is wanted");
    corrupt({.width = "", .points = ""}, "lacks WIDTH and POINTS");
    corrupt({.points = "POINTS 2\nPOINTS 2\n"}, "twice");
    corrupt({.data = "DATA xml\n"}, "DATA is none of");
    corrupt({.points = "NORMALS yes\nPOINTS 2\n"}, "line 10, 'NORMALS yes'");
    corrupt({.width = "WIDTH " + most, .points = ""}, "do not fit in");
    corrupt({.width = "WIDTH 100\n", .points = ""}, "do not fit in the 12 bytes");
    corrupt({.body = "1 2 3 4 5         \n"}, "ends before its last point");
    corrupt({.body = "1 2 3 4 five 6\n"}, "'five' in the place of a number");
    corrupt({.data = "DATA binary\n"}, "2 points do not fit in the 12 bytes");
    corrupt({.width = "WIDTH " + most, .points = "", .data = "DATA binary\n"}, "do not fit");
#ifdef DEPTHCLOUD_WITH_LZF
    const std::string data = lzf_literals(two_points);
    const auto size = static_cast<std::uint32_t>(data.size());
    corrupt({.data = "DATA binary_compressed\n", .body = "1234567"}, "ends before its points");
    corrupt(compressed(size, 25, data), "not the 25 bytes");
    corrupt(compressed(size + 1, 24, data), "more than the 25 that follow");
    corrupt(compressed(size - 1, 24, data), "compressed bytes are not those of 24");
    corrupt(compressed(size, 24, std::string(data.size(), '\xFF')), "are not those of 24");
    Lines bomb = compressed(4, 0xFFFFFFFC, "\x01\x02\x03\x04");
    bomb.width = "WIDTH 357913941\n";
    bomb.points = "";
    corrupt(bomb, "4 compressed bytes are not those of 4294967292");
#endif
  }

  TEST_CASE("read_pcd: errors begin with the file") {
    const TempDir dir;
    depthcloud::write_file(dir / "a.pcd", bytes_of(Lines{.body = ""}.text()));
    const std::string path = (dir / "a.pcd").string();
    CHECK(error_of([&] {
            depthcloud::read_pcd(path);
          }).starts_with("corrupt_data file: '" + path + "': PCD: "));
  }
}
