// SPDX-License-Identifier: Apache-2.0
// Files of other programs are the business of stock_depth_files.py.
#include <depthcloud/depth_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::DepthFileOptions;
using depthcloud::Plane;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A .npy file of this version, header and data, neither padded nor checked.
Bytes npy(const std::string& header, const Bytes& data, int version = 1) {
  Bytes bytes = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    bytes.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
  }
  bytes.insert(bytes.end(), header.begin(), header.end());
  bytes.insert(bytes.end(), data.begin(), data.end());
  return bytes;
}

std::string header(const std::string& descr, const std::string& order, const std::string& shape) {
  std::string text = "{'descr': '";
  text.append(descr).append("', 'fortran_order': ").append(order).append(", 'shape': ");
  return text.append(shape).append(", }     \n");
}

template <typename T>
Bytes data_of(std::vector<T> values, bool swap = false) {
  Bytes bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  if (swap) {
    for (auto at = bytes.begin(); at != bytes.end(); at += sizeof(T)) {
      std::reverse(at, at + sizeof(T));
    }
  }
  return bytes;
}

std::string read_error(const Bytes& bytes, const DepthFileOptions& options = {}) {
  return error_of([&] { depthcloud::read_depth(bytes, options); });
}

std::string npy_error(const std::string& text, std::size_t data_size = 24) {
  return read_error(npy(text, Bytes(data_size)));
}

const std::vector<float> six = {1, 2, 3, 4, 5, 6};

depthcloud::DepthView view_of(const std::vector<float>& depth, int width, int height) {
  return {width, height, depth.data(), nullptr, {100, 100, 0, 0}};
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("read_depth: .npy of every version, order, type and byte order") {
    for (const int version : {1, 2, 3}) {
      for (const bool fortran : {false, true}) {
        for (const bool swap : {false, true}) {
          for (const std::string kind : {"f4", "f8", "u2", "i2", "u4", "i4", "u8", "i8"}) {
            CAPTURE(version);
            CAPTURE(fortran);
            CAPTURE(swap);
            CAPTURE(kind);
            const std::vector<int> stored =
                fortran ? std::vector{1, 4, 2, 5, 3, 6} : std::vector{1, 2, 3, 4, 5, 6};
            Bytes data;
            if (kind == "f4")
              data = data_of(std::vector<float>(stored.begin(), stored.end()), swap);
            if (kind == "f8")
              data = data_of(std::vector<double>(stored.begin(), stored.end()), swap);
            if (kind == "u2" || kind == "i2") {
              data = data_of(std::vector<std::uint16_t>(stored.begin(), stored.end()), swap);
            }
            if (kind == "u4" || kind == "i4") {
              data = data_of(std::vector<std::uint32_t>(stored.begin(), stored.end()), swap);
            }
            if (kind == "u8" || kind == "i8") {
              data = data_of(std::vector<std::uint64_t>(stored.begin(), stored.end()), swap);
            }
            const Plane plane = depthcloud::read_depth(
                npy(header((swap ? ">" : "<") + kind, fortran ? "True" : "False", "(2, 3)"), data,
                    version),
                {.scale = 1.0});
            CHECK(plane.height == 2);
            CHECK(plane.width == 3);
            CHECK(plane.values == six);
          }
        }
      }
    }
  }

  TEST_CASE("read_depth: the header's literal may be written in other ways") {
    const Bytes data = data_of(six);
    for (const std::string text :
         {"{\"shape\":(2,3),\"descr\":\"<f4\",\"fortran_order\":False}",
          "{ 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , 'descr' : '<f4' , }\n"}) {
      CHECK(depthcloud::read_depth(npy(text, data)).values == six);
    }
  }

  TEST_CASE("read_depth: .npy of halves, of bytes and of negative integers") {
    // 1, -2, the largest, the smallest, infinity, not a number
    const Bytes halves = {0, 0x3C, 0, 0xC0, 0xFF, 0x7B, 1, 0, 0, 0x7C, 1, 0x7E};
    const auto values =
        depthcloud::read_depth(npy(header("<f2", "False", "(2, 3)"), halves)).values;
    CHECK(std::vector(values.begin(), values.begin() + 5) ==
          std::vector<float>{1, -2, 65504, 0x1p-24f, HUGE_VALF});
    CHECK(std::isnan(values[5]));
    const DepthFileOptions as_it_is{.scale = 1.0};
    const auto read = [&](const char* descr, const Bytes& data) {
      return depthcloud::read_depth(npy(header(descr, "False", "(1, 2)"), data), as_it_is).values;
    };
    CHECK(read("|u1", {1, 255}) == std::vector<float>{1, 255});
    CHECK(read("<u1", {1, 255}) == std::vector<float>{1, 255});
    CHECK(read("|i1", {1, 255}) == std::vector<float>{1, -1});
    CHECK(read(">i2", {0, 1, 255, 255}) == std::vector<float>{1, -1});
  }

  TEST_CASE("read_depth: .npy with sides of 1") {
    const Bytes data = data_of(six);
    for (const char* shape : {"(2, 3)", "(1, 2, 3)", "(2, 3, 1)", "(1, 1, 2, 3)", "(1, 2, 3, 1)"}) {
      CAPTURE(shape);
      for (const char* order : {"False", "True"}) {
        const Plane plane = depthcloud::read_depth(npy(header("<f4", order, shape), data));
        CHECK(plane.width == 3);
        CHECK(plane.height == 2);
        CHECK(plane.values[1] == (std::string(order) == "True" ? 3.0f : 2.0f));
      }
    }
    CHECK(depthcloud::read_depth(npy(header("<f4", "False", "(6, 1, 1)"), data)).height == 6);
    CHECK(contains(npy_error(header("<f4", "False", "(2, 3, 3)")), "shape (2, 3, 3)"));
  }

  TEST_CASE("read_depth: one rule for units, whatever the format") {
    const auto first = [](const Bytes& file, const DepthFileOptions& options = {}) {
      return depthcloud::read_depth(file, options).values[0];
    };
    const Bytes integers = npy(header("<u2", "False", "(1, 1)"), {0xD0, 0x07});
    const Bytes floats = depthcloud::encode_npy(std::vector<float>{2.0f}, 1, 1);
    const Bytes png = depthcloud::encode_depth_png16(std::vector<float>{2.0f}, 1, 1);
    const Bytes pgm = {'P', '5', ' ', '1', ' ', '1', ' ', '9', '9', '9', '9', '\n', 0x07, 0xD0};
    const Bytes pfm = depthcloud::encode_pfm(std::vector<float>{2.0f}, 1, 1);
    for (const Bytes& file : {integers, floats, png, pgm, pfm}) CHECK(first(file) == 2.0f);
    using depthcloud::DepthKind;
    for (const Bytes& file : {integers, png, pgm}) {
      CHECK(first(file, {.kind = DepthKind::ray}) == 2.0f);
      CHECK(first(file, {.kind = DepthKind::inverse}) == 2000.0f);
      CHECK(first(file, {.kind = DepthKind::disparity}) == 2000.0f);
      CHECK(first(file, {.scale = 0.25}) == 500.0f);
    }
    CHECK(first(floats, {.scale = 0.25}) == 0.5f);
  }

  TEST_CASE("read_depth: 8 bits need a scale or a kind") {
    const std::vector<std::uint8_t> pixel = {200};
    const Bytes bytes = npy(header("|u1", "False", "(1, 1)"), pixel);
    const Bytes gray =
        depthcloud::encode_png({pixel.data(), 1, 1, 1, depthcloud::PixelFormat::gray});
    const Bytes pgm = {'P', '5', ' ', '1', ' ', '1', ' ', '2', '5', '5', '\n', 200};
    for (const Bytes& file : {bytes, gray, pgm}) {
      CHECK(contains(read_error(file), "invalid_argument file: depth of 8 bits"));
      CHECK(depthcloud::read_depth(file, {.scale = 0.01}).values[0] == doctest::Approx(2));
      CHECK(depthcloud::read_depth(file, {.kind = depthcloud::DepthKind::inverse}).values[0] ==
            200);
    }
  }

  TEST_CASE("read_depth: a coloured .png whose pixels are gray") {
    const DepthFileOptions options{.scale = 1.0};
    std::vector<std::uint8_t> rgb = {7, 7, 7, 9, 9, 9};
    const auto png = [&] { return depthcloud::encode_png({rgb.data(), 2, 1, 6}); };
    CHECK(depthcloud::read_depth(png(), options).values == std::vector<float>{7, 9});
    rgb[5] = 8;
    CHECK(contains(read_error(png(), options), "unsupported file: PNG: a colour picture"));
  }

  TEST_CASE("read_depth: an array is chosen only where there are several") {
    CHECK(contains(read_error(depthcloud::encode_npy(six, 3, 2), {.array = "depth"}),
                   "invalid_argument file"));
  }

  TEST_CASE("read_depth: scale multiplies, in .npy and .png") {
    DepthFileOptions options;
    options.scale = 0.5;
    CHECK(depthcloud::read_depth(depthcloud::encode_npy(six, 3, 2), options).values[5] == 3.0f);
    const auto png = depthcloud::encode_depth_png16(six, 3, 2);
    CHECK(depthcloud::read_depth(png, options).values[5] == 3000.0f);
    for (const double scale : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
      options.scale = scale;
      CHECK(read_error(png, options).starts_with("invalid_argument file"));
    }
  }

  TEST_CASE("read_depth: max_pixels is checked on the header") {
    DepthFileOptions options;
    options.max_pixels = 6;
    const auto file = depthcloud::encode_npy(six, 3, 2);
    const auto png = depthcloud::encode_depth_png16(six, 3, 2);
    CHECK(read_error(file, options) == "nothing");
    CHECK(read_error(png, options) == "nothing");
    options.max_pixels = 5;
    CHECK(read_error(file, options).starts_with("limit_exceeded file"));
    CHECK(read_error(png, options).starts_with("limit_exceeded file"));
    options.max_pixels = 0;
    CHECK(read_error(file, options).starts_with("invalid_argument file"));
    CHECK(npy_error(header("<f4", "False", "(18446744073709551615, 18446744073709551615)"))
              .starts_with("limit_exceeded file"));
    options.max_pixels = std::numeric_limits<std::int64_t>::max();
    CHECK(read_error(npy(header("<f8", "False", "(2147483647, 2147483647)"), {}), options)
              .starts_with("limit_exceeded file"));
    CHECK(read_error(npy(header("<f8", "False", "(1073741823, 1073741824)"), {}), options)
              .starts_with("corrupt_data file"));
  }

  TEST_CASE("read_depth: kinds that it does not read") {
    CHECK(read_error({}).starts_with("corrupt_data file"));
    CHECK(contains(read_error({'a', 'b', 'c', 'd'}), "unsupported file: not a depth file"));
    CHECK(read_error(npy("", {}, 4)).starts_with("unsupported file"));
    for (const char* descr :
         {"=f4", "f4", "", "<", "<c8", "<U2", "|f4", "|O", "<f1", "<f16", "|b1", "< f"}) {
      CHECK(npy_error(header(descr, "False", "(2, 3)")).starts_with("unsupported file"));
    }
    CHECK(npy_error("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3)}")
              .starts_with("unsupported file"));
    for (const char* shape : {"()", "(6,)", "(2, 3, 2)", "(3, 1, 2)"}) {
      CHECK(npy_error(header("<f4", "False", shape)).starts_with("unsupported file"));
    }
    const std::vector<std::uint8_t> pixels(12);
    const auto rgba =
        depthcloud::encode_png({pixels.data(), 1, 2, 4, depthcloud::PixelFormat::rgba});
    CHECK(read_error(rgba).starts_with("unsupported file"));
  }

  TEST_CASE("read_depth: hostile .npy headers") {
    const std::string good = header("<f4", "False", "(2, 3)");
    CHECK(npy_error(good) == "nothing");
    for (const std::size_t size : {0, 23, 25}) {
      CHECK(npy_error(good, size).starts_with("corrupt_data file"));
    }
    const std::string cases[] = {
        "",
        "{",
        "}",
        "{}",
        "{'descr': '<f4'",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': 4, 'fortran_order': False, 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3.0)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 99999999999999999999)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3",
        std::string("{'descr'\0", 9),
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::string(999, '(') + ")}",
    };
    for (const std::string& text : cases) {
      CAPTURE(text);
      CHECK(npy_error(text).starts_with("corrupt_data file: "));
    }
    std::string many = "(";
    for (int i = 0; i < 1000; ++i) many += "1,";
    CHECK(npy_error(header("<f4", "False", many + ")")).starts_with("corrupt_data file"));
    CHECK(npy_error(std::string(10'001, ' ')).starts_with("limit_exceeded file"));
    CHECK(read_error({0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xff, 0xff, 0xff, 0xff})
              .starts_with("limit_exceeded file"));

    const auto whole = depthcloud::encode_npy(six, 3, 2);
    for (std::size_t size = 6; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(read_error({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                .starts_with("corrupt_data file"));
    }
  }

  TEST_CASE("read_depth: damaged .png files") {
    const auto whole = depthcloud::encode_depth_png16(six, 3, 2);
    for (std::size_t size = 8; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(read_error({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                .starts_with("corrupt_data file"));
    }
    auto damaged = whole;
    damaged[20] ^= 1;  // a byte of the width, which its checksum covers
    CHECK(read_error(damaged).starts_with("corrupt_data file"));
  }

  TEST_CASE("encode_npy: the data begin at a multiple of 64 and come back bit for bit") {
    std::vector<float> values = {0.0f, -0.0f, std::numeric_limits<float>::quiet_NaN(), HUGE_VALF};
    const auto bytes = depthcloud::encode_npy(values, 1, 4);
    CHECK((bytes.size() - 16) % 64 == 0);
    const Plane plane = depthcloud::read_depth(bytes);
    CHECK(plane.height == 4);
    CHECK(std::memcmp(plane.values.data(), values.data(), 12) == 0);
    CHECK(plane.values[3] == HUGE_VALF);
  }

  TEST_CASE("encode_depth_png16: rounds, clamps, and writes 0 where there is no depth") {
    const std::vector<float> depth = {1.2344f, 1.2346f, 65.535f, 1e9f, 0.0f, -1.0f, NAN, HUGE_VALF};
    const auto read = [&](double units) {
      return depthcloud::read_depth(depthcloud::encode_depth_png16(depth, 4, 2, units),
                                    {.scale = 1.0})
          .values;
    };
    CHECK(read(1000) == std::vector<float>{1234, 1235, 65535, 65535, 0, 0, 0, 0});
    CHECK(read(10) == std::vector<float>{12, 12, 655, 65535, 0, 0, 0, 0});
    for (const double units : {0.0, -1.0, std::nan("")}) {
      CHECK(error_of([&] {
              depthcloud::encode_depth_png16(depth, 4, 2, units);
            }).starts_with("invalid_argument file"));
    }
  }

  TEST_CASE("encoders refuse planes of another size") {
    for (const auto& [width, height] : {std::pair{2, 2}, {0, 6}, {-3, -2}, {6, 0}}) {
      CHECK(error_of([&] {
              depthcloud::encode_npy(six, width, height);
            }).starts_with("invalid_argument file"));
      CHECK(error_of([&] {
              depthcloud::encode_pfm(six, width, height);
            }).starts_with("invalid_argument file"));
      CHECK(error_of([&] {
              depthcloud::encode_depth_png16(six, width, height);
            }).starts_with("invalid_argument file"));
    }
    CHECK(error_of([] { depthcloud::encode_png({}); }).starts_with("invalid_argument"));
  }

  TEST_CASE("color_map: near is warm, far is cold, no depth is black") {
    std::vector<float> depth(1000);
    for (std::size_t i = 0; i < depth.size(); ++i) depth[i] = 1.0f + static_cast<float>(i) / 100;
    depth[500] = NAN;
    depth[501] = 0;
    depth[502] = -1;
    depth[503] = HUGE_VALF;
    const auto image = depthcloud::color_map(view_of(depth, 100, 10));
    CHECK(image.width() == 100);
    CHECK(image.height() == 10);
    CHECK(image.format() == depthcloud::PixelFormat::rgb);
    const auto pixel = [&](std::size_t i) { return image.data() + 3 * i; };
    CHECK(pixel(0)[0] > 2 * pixel(0)[2]);    // red above blue
    CHECK(pixel(999)[2] > pixel(999)[1]);    // blue above green
    CHECK(pixel(0)[0] > 3 * pixel(999)[0]);  // and no red in the distance
    for (std::size_t i = 500; i < 504; ++i) {
      CHECK((pixel(i)[0] == 0 && pixel(i)[1] == 0 && pixel(i)[2] == 0));
    }
  }

  TEST_CASE("color_map: stray pixels do not take the colours of the others") {
    std::vector<float> depth(100);
    for (std::size_t i = 0; i < depth.size(); ++i) depth[i] = 1.0f + static_cast<float>(i) / 100;
    auto stray = depth;
    stray[99] = 1e-42f;  // its inverse is above all floats
    const auto plain = depthcloud::color_map(view_of(depth, 100, 1));
    const auto image = depthcloud::color_map(view_of(stray, 100, 1));
    for (int i = 0; i < 3 * 98; ++i) CHECK(std::abs(image.data()[i] - plain.data()[i]) < 32);
  }

  TEST_CASE("color_map: a plane at one depth, or with none") {
    const auto flat = depthcloud::color_map(view_of(std::vector<float>(4, 2.0f), 2, 2));
    CHECK(flat.data()[1] > 200);  // the middle of the palette is green
    const auto none = depthcloud::color_map(view_of(std::vector<float>(4, 0.0f), 2, 2));
    CHECK(std::all_of(none.data(), none.data() + 12, [](int byte) { return byte == 0; }));
    CHECK(error_of([] { depthcloud::color_map({}); }).starts_with("invalid_argument"));
  }
}
