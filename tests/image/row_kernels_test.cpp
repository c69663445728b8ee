// SPDX-License-Identifier: Apache-2.0
#include "image/row_kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "image/samples.hpp"
#include "simd_targets.hpp"
#include "special_floats.hpp"

using depthcloud::PixelFormat;
using depthcloud::RowTaps;

namespace {

constexpr std::size_t longest = 2 * 16 + 3;  // two vectors of 512 bits and a tail
constexpr std::size_t offsets = 4;           // of rows, in values: most are not aligned

std::uint8_t rounded(float value) {
  return value > 0 ? static_cast<std::uint8_t>(std::nearbyint(std::min(value, 255.0f))) : 0;
}

/// Calls call(length, offset) for all lengths and offsets on every target.
template <typename Call>
void on_all_rows(const Call& call) {
  on_every_simd_target(depthcloud::row_kernels_targets(), [&] {
    for (std::size_t length = 0; length <= longest; ++length) {
      for (std::size_t offset = 0; offset < offsets; ++offset) {
        CAPTURE(length);
        CAPTURE(offset);
        call(length, offset);
      }
    }
  });
}

template <typename T>
std::vector<T> values_for(std::size_t count, std::mt19937& random) {
  const std::vector<float> floats = mixed_floats(count, random);
  return {floats.begin(), floats.end()};
}

template <typename T>
void check_sum_taps() {
  std::mt19937 random(2);
  on_every_simd_target(depthcloud::row_kernels_targets(), [&] {
    for (int count = 1; count <= 8; ++count) {
      for (int pixels = 0; pixels < 9; ++pixels) {
        CAPTURE(count);
        CAPTURE(pixels);
        RowTaps<T> taps{count, {}, {}};
        const std::size_t in = static_cast<std::size_t>(pixels + count);
        for (int i = 0; i < pixels; ++i) taps.first.push_back(i);
        taps.weights = values_for<T>(taps.first.size() * static_cast<std::size_t>(count), random);
        const std::vector<T> row = values_for<T>(3 * in + depthcloud::row_slack, random);
        std::vector<T> expected;
        for (std::size_t i = 0; i < taps.first.size(); ++i) {
          for (std::size_t c = 0; c < 3; ++c) {
            T sum = 0;
            for (std::size_t k = 0; k < static_cast<std::size_t>(count); ++k) {
              sum += row[3 * (i + k) + c] * taps.weights[i * static_cast<std::size_t>(count) + k];
            }
            expected.push_back(sum);
          }
        }
        std::vector<T> sums(expected.size() + depthcloud::row_slack);
        depthcloud::sum_taps(row.data(), taps, sums.data());
        sums.resize(expected.size());
        CHECK(first_difference(sums, expected) == -1);
      }
    }
  });
}

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("row kernels: rounding to bytes") {
    std::vector<float> values;
    for (int i = -3; i <= 259; ++i) {
      for (const float part : {0.0f, 0.5f}) {
        const float value = static_cast<float>(i) + part;
        values.insert(values.end(),
                      {std::nextafter(value, -1e9f), value, std::nextafter(value, 1e9f)});
      }
    }
    for (const float value : {65536.0f, 2147483648.0f, 1e20f}) {
      values.insert(values.end(), {value, -value});
    }
    values.insert(values.end(), special_floats().begin(), special_floats().end());
    on_all_rows([&](std::size_t length, std::size_t offset) {
      // Every value comes to every place in a vector.
      for (std::size_t first = offset; first + length <= values.size(); first += length + 1) {
        std::vector<std::uint8_t> out(length);
        depthcloud::round_row(values.data() + first, length, out.data());
        for (std::size_t i = 0; i < length; ++i) {
          CAPTURE(values[first + i]);
          REQUIRE(int{out[i]} == int{rounded(values[first + i])});
        }
      }
    });
  }

  TEST_CASE("row kernels: scaled rows") {
    std::mt19937 random(1);
    on_all_rows([&](std::size_t length, std::size_t offset) {
      const auto row = mixed_floats(offset + length, random);
      const auto before = mixed_floats(offset + length, random);
      for (const float weight : {0.3f, -0.0f, 1e-39f, 1e30f}) {
        std::vector<float> expected_scaled = before, expected_added = before;
        for (std::size_t i = offset; i < row.size(); ++i) {
          expected_scaled[i] = row[i] * weight;
          expected_added[i] += row[i] * weight;
        }
        std::vector<float> scaled = before, added = before;
        depthcloud::scale_row(row.data() + offset, length, weight, scaled.data() + offset);
        depthcloud::add_scaled_row(row.data() + offset, length, weight, added.data() + offset);
        CHECK(first_difference(scaled, expected_scaled) == -1);
        CHECK(first_difference(added, expected_added) == -1);
      }
    });
  }

  TEST_CASE("row kernels: four rows combined, to bytes and in double") {
    std::mt19937 random(3);
    on_all_rows([&](std::size_t length, std::size_t offset) {
      std::array<std::vector<float>, 4> rows;
      std::array<std::vector<double>, 4> double_rows;
      std::array<const float*, 4> from{};
      std::array<const double*, 4> double_from{};
      for (std::size_t k = 0; k < 4; ++k) {
        rows[k] = mixed_floats(offset + length, random);
        double_rows[k].assign(rows[k].begin(), rows[k].end());
        from[k] = rows[k].data() + offset;
        double_from[k] = double_rows[k].data() + offset;
      }
      const std::array<float, 4> w{300.1f, -20.7f, 100.3f, 1.9f};
      const std::array<double, 4> dw{0.1, -0.7, 1.3, 0.3};
      std::vector<std::uint8_t> expected(length), bytes(length);
      std::vector<double> double_expected(length), doubles(length);
      for (std::size_t i = 0; i < length; ++i) {
        expected[i] = rounded(from[0][i] * w[0] +
                              (from[1][i] * w[1] + (from[2][i] * w[2] + from[3][i] * w[3])));
        double_expected[i] =
            ((double_from[0][i] * dw[0] + double_from[1][i] * dw[1]) + double_from[2][i] * dw[2]) +
            double_from[3][i] * dw[3];
      }
      depthcloud::combine_rows(from, w, length, bytes.data());
      depthcloud::combine_rows(double_from, dw, length, doubles.data());
      CHECK(bytes == expected);
      CHECK(first_difference(doubles, double_expected) == -1);
    });
  }

  TEST_CASE("row kernels: sums over taps") {
    check_sum_taps<float>();
    check_sum_taps<double>();
  }

  TEST_CASE("row kernels: rows as RGB") {
    for (const auto format : {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba,
                              PixelFormat::bgra, PixelFormat::gray}) {
      const bool blue_first = format == PixelFormat::bgr || format == PixelFormat::bgra;
      const int samples = channels(format);
      const auto image = samples::picture(40, 2, format);
      on_every_simd_target(depthcloud::row_kernels_targets(), [&] {
        for (int width = 1; width <= 40; ++width) {
          auto view = image.view();
          view.width = width;
          std::vector<float> rgb(static_cast<std::size_t>(3 * width));
          std::vector<double> unit(rgb.size());
          depthcloud::unpack_rgb_row(view, 1, rgb.data());
          depthcloud::unpack_rgb_row(view, 1, unit.data());
          for (int i = 0; i < 3 * width; ++i) {
            const int c = samples == 1 ? 0 : blue_first ? 2 - i % 3 : i % 3;
            const int byte = image.row(1)[i / 3 * samples + c];
            REQUIRE(rgb[static_cast<std::size_t>(i)] == static_cast<float>(byte));
            REQUIRE(unit[static_cast<std::size_t>(i)] == byte / 255.0);
          }
        }
      });
    }
  }
}
