// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <cstring>
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

PointCloud decode(const std::string& text) { return depthcloud::decode_ply(bytes_of(text)); }
std::string error_in(const std::string& text) {
  return error_of([&] { decode(text); });
}

std::vector<float> positions_of(const PointCloud& cloud) {
  return {cloud.positions.begin(), cloud.positions.end()};
}
std::vector<int> colors_of(const PointCloud& cloud) {
  return {cloud.colors.begin(), cloud.colors.end()};
}

template <typename T>
std::string raw(T value, bool reversed = false) {
  std::string text(sizeof value, '\0');
  std::memcpy(text.data(), &value, sizeof value);
  return reversed ? std::string(text.rbegin(), text.rend()) : text;
}

const std::string xyz = "property float x\nproperty float y\nproperty float z\n";
const std::string rgb = "property uchar red\nproperty uchar green\nproperty uchar blue\n";

std::string ply(const std::string& format, const std::string& header, const std::string& body) {
  return "ply\nformat " + format + " 1.0\n" + header + "end_header\n" + body;
}
std::string ascii(const std::string& header, const std::string& body) {
  return ply("ascii", header, body);
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("decode_ply: what write_ply wrote, in every axes") {
    const TempDir dir;
    const std::vector<float> positions = {1.0f, -2.0f, 3.5f, 4.0f, 5.0f, 6.0f};
    const std::vector<std::uint8_t> colors = {10, 20, 30, 40, 50, 255};
    for (const Axes axes : {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros}) {
      depthcloud::write_ply(dir / "a.ply", {positions, colors, axes}, axes);
      const PointCloud cloud = depthcloud::read_ply(dir / "a.ply");
      CHECK(positions_of(cloud) == positions);
      CHECK(colors_of(cloud) == std::vector<int>{10, 20, 30, 40, 50, 255});
      CHECK(cloud.axes == axes);
      CHECK(cloud.num_views == 0);
    }
    CHECK(depthcloud::decode_ply(depthcloud::encode_ply({})).empty());
  }

  TEST_CASE("decode_ply: text, with any line ends and spaces") {
    const std::string text =
        ascii("comment made by hand\nobj_info none\n\nelement vertex 2\n" + xyz + rgb,
              "1 -2.5 3e0 1 2 3\n\n  +4\t5 6 255 254 253");
    for (const char* end : {"\n", "\r\n", "\r"}) {
      std::string with_ends;
      for (const char c : text) with_ends += c == '\n' ? std::string(end) : std::string(1, c);
      const PointCloud cloud = decode(with_ends);
      CHECK(positions_of(cloud) == std::vector<float>{1, -2.5, 3, 4, 5, 6});
      CHECK(colors_of(cloud) == std::vector<int>{1, 2, 3, 255, 254, 253});
      CHECK(cloud.axes == Axes::opengl);
    }
  }

  TEST_CASE("decode_ply: binary with any line ends") {
    const std::string body = raw(1.0f) + raw(2.0f) + raw(3.0f);
    const std::string header = "ply\nformat binary_little_endian 1.0\nelement vertex 1\n" + xyz;
    for (const char* end : {"\n", "\r\n", "\r"}) {
      std::string with_ends;
      for (const char c : header + "end_header\n") {
        with_ends += c == '\n' ? std::string(end) : std::string(1, c);
      }
      CHECK(positions_of(decode(with_ends + body)) == std::vector<float>{1, 2, 3});
    }
  }

  TEST_CASE("decode_ply: either byte order and every type") {
    struct Type {
      std::string name, other_name;
      std::string (*bytes)(int, bool);
    };
    const Type types[] = {
        {"char", "int8", [](int v, bool r) { return raw(static_cast<std::int8_t>(v), r); }},
        {"uchar", "uint8", [](int v, bool r) { return raw(static_cast<std::uint8_t>(v), r); }},
        {"short", "int16", [](int v, bool r) { return raw(static_cast<std::int16_t>(v), r); }},
        {"ushort", "uint16", [](int v, bool r) { return raw(static_cast<std::uint16_t>(v), r); }},
        {"int", "int32", [](int v, bool r) { return raw(static_cast<std::int32_t>(v), r); }},
        {"uint", "uint32", [](int v, bool r) { return raw(static_cast<std::uint32_t>(v), r); }},
        {"float", "float32", [](int v, bool r) { return raw(static_cast<float>(v), r); }},
        {"double", "float64", [](int v, bool r) { return raw(static_cast<double>(v), r); }},
    };
    for (const Type& type : types) {
      for (const std::string& name : {type.name, type.other_name}) {
        for (const bool is_big : {false, true}) {
          CAPTURE(name);
          CAPTURE(is_big);
          const std::string format = is_big ? "binary_big_endian" : "binary_little_endian";
          const std::string header = "element vertex 1\nproperty " + name + " x\nproperty " + name +
                                     " y\nproperty " + name + " z\n";
          const bool is_signed = name[0] != 'u';
          const int last = is_signed ? -3 : 3;
          const std::string body =
              type.bytes(100, is_big) + type.bytes(2, is_big) + type.bytes(last, is_big);
          CHECK(positions_of(decode(ply(format, header, body))) ==
                std::vector<float>{100, 2, static_cast<float>(last)});
        }
      }
    }
  }

  TEST_CASE("decode_ply: other properties and elements are passed over") {
    const std::string header =
        "element camera 2\nproperty list uchar float values\nproperty int id\n"
        "element nothing 4000000000\nelement vertex 2\nproperty double time\nproperty short y\n"
        "property list uchar int ids\nproperty float x\nproperty float z\nproperty uchar rgb\n"
        "element face 1\nproperty list uchar int vertex_indices\n";
    const auto vertex = [](short y, float x, float z) {
      return raw(0.5) + raw(y) + "\2" + raw(7) + raw(8) + raw(x) + raw(z) + "\1";
    };
    std::string body;
    for (const std::string& part :
         {std::string("\1"), raw(1.0f), raw(5), std::string(1, char{0}), raw(6), vertex(2, 1, 3),
          vertex(5, 4, 6), std::string("\3"), raw(0), raw(0), raw(1)}) {
      body += part;
    }
    CHECK(positions_of(decode(ply("binary_little_endian", header, body))) ==
          std::vector<float>{1, 2, 3, 4, 5, 6});
    const std::string text = "1 1.5 5\n0 6\n0.5 2 2 7 8 1 3 0\n0.5 5 0 4 6 0\n3 0 0 1\n";
    CHECK(positions_of(decode(ascii(header, text))) == std::vector<float>{1, 2, 3, 4, 5, 6});
  }

  TEST_CASE("decode_ply: colours of every kind") {
    const auto colors = [](const std::string& type, const std::string& names,
                           const std::string& values) {
      std::string header = "element vertex 1\n" + xyz;
      for (std::size_t at = 0; at < names.size();) {
        const std::size_t end = std::min(names.find(' ', at), names.size());
        header += "property " + type + " " + names.substr(at, end - at) + "\n";
        at = end + 1;
      }
      return colors_of(decode(ascii(header, "1 2 3 " + values)));
    };
    CHECK(colors("uchar", "red green blue", "1 2 3") == std::vector<int>{1, 2, 3});
    CHECK(colors("uchar", "blue green red", "1 2 3") == std::vector<int>{3, 2, 1});
    CHECK(colors("uchar", "r g b a", "1 2 3 4") == std::vector<int>{1, 2, 3});
    CHECK(colors("uint8", "diffuse_red diffuse_green diffuse_blue", "1 2 3") ==
          std::vector<int>{1, 2, 3});
    CHECK(colors("ushort", "red green blue", "65535 257 0") == std::vector<int>{255, 1, 0});
    CHECK(colors("float", "red green blue", "1 0.5 0") == std::vector<int>{255, 128, 0});
    CHECK(colors("double", "red green blue", "2 nan -1") == std::vector<int>{255, 0, 0});
    CHECK(colors("int", "red green blue", "300 7 -5") == std::vector<int>{255, 7, 0});
    // two of three are none
    CHECK(colors("uchar", "red green", "1 2").empty());
    CHECK(colors("uchar", "intensity", "9").empty());
  }

  TEST_CASE("decode_ply: points that are not finite are dropped") {
    const PointCloud cloud =
        decode(ascii("element vertex 6\n" + xyz + rgb,
                     "nan 1 2 1 1 1\n1 2 3 2 2 2\n1 inf 3 3 3 3\n1 2 1e39 4 4 4\n1 2 -1e999 5 5 5\n"
                     "1e-999 0 0 6 6 6\n"));
    CHECK(positions_of(cloud) == std::vector<float>{1, 2, 3, 0, 0, 0});
    CHECK(colors_of(cloud) == std::vector<int>{2, 2, 2, 6, 6, 6});
  }

  TEST_CASE("decode_ply: the comment on axes") {
    const auto axes = [](const std::string& comments) {
      return decode(ascii(comments + "element vertex 1\n" + xyz, "1 2 3")).axes;
    };
    CHECK(axes("comment axes ros\n") == Axes::ros);
    CHECK(axes("comment  axes   opengl\n") == Axes::opengl);
    CHECK(axes("comment axes v1\ncomment axes ros\n") == Axes::v1);
    CHECK(axes("comment axes of a tool\n") == Axes::opengl);
    CHECK(axes("comment axes martian\n") == Axes::opengl);
    CHECK(axes("comment the axes ros\n") == Axes::opengl);
    CHECK(axes("obj_info axes ros\n") == Axes::opengl);
  }

  TEST_CASE("decode_ply: faults of the header are named") {
    const auto fails = [](const std::string& text, const std::string& code,
                          const std::string& part) {
      const std::string error = error_in(text);
      CAPTURE(text);
      CAPTURE(error);
      CHECK(error.starts_with(code + " file: "));
      CHECK(contains(error, part));
      CHECK_FALSE(contains(error, "\n"));
    };
    const std::string one = "element vertex 1\n" + xyz;
    fails("", "corrupt_data", "no bytes");
    fails("\x89PNG\r\n\x1A\n", "unsupported", "a PNG picture");
    fails("plywood\n", "unsupported", "not a PLY file");
    fails("ply\n", "corrupt_data", "ends in its header");
    fails("ply\nformat ascii 1.0\nelement vertex 1", "corrupt_data", "ends in its header");
    fails("ply\n" + std::string(70'000, ' '), "limit_exceeded", "65536");
    fails("ply\n" + one + "end_header\n1 2 3", "corrupt_data", "names no format");
    fails(ply("xml", one, ""), "corrupt_data", "line 2, 'format xml 1.0'");
    fails("ply\nformat ascii 2.0\n" + one + "end_header\n", "corrupt_data", "not 1.0");
    fails(ascii("format ascii 1.0\n" + one, "1 2 3"), "corrupt_data", "once");
    fails(ascii("", ""), "corrupt_data", "no element 'vertex'");
    fails(ascii(xyz + "element vertex 1\n", ""), "corrupt_data", "a property of no element");
    fails(ascii("element vertex\n" + xyz, ""), "corrupt_data", "element NAME COUNT");
    fails(ascii("element vertex -1\n" + xyz, ""), "corrupt_data", "'-1' is not a whole number");
    fails(ascii("element vertex 99999999999999999999\n" + xyz, ""), "corrupt_data", "whole number");
    fails(ascii("element vertex 1e3\n" + xyz, ""), "corrupt_data", "whole number");
    fails(ascii("element vertex 1\nproperty quad x\n", ""), "corrupt_data", "'quad' is no type");
    fails(ascii("element vertex 1\nproperty float\n", ""), "corrupt_data", "property TYPE NAME");
    fails(ascii("element vertex 1\nproperty list float int x\n", ""), "corrupt_data", "length");
    fails(ascii("vertices 1\n", ""), "corrupt_data", "no line of a PLY header");
    fails(ascii("element vertex 1\nproperty float x\nproperty float y\n", "1 2"), "corrupt_data",
          "no z");
    fails(ascii(one + "property float y\n", "1 2 3 4"), "corrupt_data", "y twice");
    fails(
        ascii("element vertex 1\nproperty list uchar float x\nproperty float y\nproperty float z\n",
              "1 1 2 3"),
        "corrupt_data", "no x");
    fails(ascii("element vertex 1\n\x01\x02 '\n", ""), "corrupt_data", "'?? ''");
  }

  TEST_CASE("decode_ply: sizes that the file cannot hold cost nothing") {
    const auto fails = [](const std::string& text, const std::string& part) {
      const std::string error = error_in(text);
      CAPTURE(error);
      CHECK(error.starts_with("corrupt_data file: PLY: "));
      CHECK(contains(error, part));
    };
    const std::string most = "18446744073709551615";
    const std::string body(36, '\0');
    const auto binary = [&](const std::string& header) {
      return ply("binary_little_endian", header, body);
    };
    fails(ascii("element vertex " + most + "\n" + xyz, "1 2 3"), "do not fit in");
    fails(ascii("element vertex 2\n" + xyz, "1 2 3"), "do not fit in");
    fails(ascii("element vertex 2\n" + xyz, "1 2 3 4           "), "ends before its last point");
    fails(ascii("element vertex 1\n" + xyz, "1 2 three"), "'three' in the place of a number");
    fails(ascii("element vertex 1\n" + xyz, "1 2 0x10"), "'0x10' in the place of a number");
    fails(binary("element vertex " + most + "\n" + xyz), "do not fit in the 36 bytes");
    fails(binary("element vertex 4\n" + xyz), "4 elements 'vertex' do not fit");
    fails(binary("element a " + most + "\nproperty char b\nelement vertex 1\n" + xyz), "'a'");
    fails(binary("element vertex 3\n" + xyz + "property list uint double l\n"), "fit");
    fails(ply("binary_little_endian",
              "element a 1\nproperty list uint double l\nelement vertex 1\n" + xyz,
              "\xFF\xFF\xFF\xFF" + body),
          "ends before");
    fails(ply("binary_little_endian",
              "element a 1\nproperty list int char l\nelement vertex 1\n" + xyz,
              "\xFF\xFF\xFF\xFF" + body),
          "negative");
    fails(ascii("element a 1\nproperty list uint char l\nelement vertex 1\n" + xyz,
                "4000000000 1 2 3"),
          "ends before");
  }

  TEST_CASE("read_ply: errors begin with the file") {
    const TempDir dir;
    const std::string text = ascii("element vertex 1\n" + xyz, "1 2 x");
    depthcloud::write_file(dir / "a.ply", bytes_of(text));
    const std::string path = (dir / "a.ply").string();
    CHECK(error_of([&] { depthcloud::read_ply(path); }) ==
          "corrupt_data file: '" + path + "': PLY: 'x' in the place of a number");
    CHECK(error_of([&] { depthcloud::read_ply(dir / "none"); }).starts_with("not_found file: "));
    CHECK(error_of([&] { depthcloud::read_ply(path, 10); }).starts_with("limit_exceeded file: "));
  }
}
