// SPDX-License-Identifier: Apache-2.0
#include "depth/softmax_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

using depthcloud::softmax_rows;

namespace {

std::vector<float> random_values(std::size_t count, float spread) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> values(count);
  std::generate(values.begin(), values.end(), [&] { return normal(random); });
  return values;
}

std::vector<double> exact_softmax(const float* row, std::size_t columns) {
  const double largest = *std::max_element(row, row + columns);
  std::vector<double> result(columns);
  double sum = 0;
  for (std::size_t i = 0; i < columns; ++i) sum += result[i] = std::exp(row[i] - largest);
  for (double& value : result) value /= sum;
  return result;
}

std::uint16_t to_bfloat16(float value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
}

float to_float(std::uint16_t bfloat16) {
  return std::bit_cast<float>(std::uint32_t{bfloat16} << 16);
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("softmax: rows of any length, and nothing beyond them") {
    for (const std::size_t columns : {1u, 2u, 15u, 16u, 17u, 64u, 973u}) {
      for (const float spread : {0.1f, 5.0f, 100.0f}) {
        CAPTURE(columns);
        constexpr std::size_t rows = 3;
        const std::vector<float> scores = random_values(rows * columns + 1, spread);
        std::vector<float> values = scores;
        softmax_rows(values.data(), rows, columns);
        CHECK(values.back() == scores.back());
        double worst = 0;
        for (std::size_t r = 0; r < rows; ++r) {
          const auto exact = exact_softmax(scores.data() + r * columns, columns);
          for (std::size_t i = 0; i < columns; ++i) {
            worst = std::max(worst, std::abs(values[r * columns + i] - exact[i]));
          }
        }
        CHECK(worst < 1e-6);
      }
    }
  }

  TEST_CASE("softmax: bfloat16 rows are computed in f32 and rounded to the nearest") {
    constexpr std::size_t columns = 45;
    std::vector<std::uint16_t> bits;
    std::vector<float> scores;
    for (const float value : random_values(2 * columns, 3)) {
      bits.push_back(to_bfloat16(value));
      scores.push_back(to_float(bits.back()));
    }
    softmax_rows(bits.data(), 2, columns);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      const double exact =
          exact_softmax(scores.data() + i / columns * columns, columns)[i % columns];
      CHECK(std::abs(to_float(bits[i]) - exact) <= exact * (1.0 / 256 + 1e-4));
    }
  }

  TEST_CASE("softmax: what is no number stays none; nothing of nothing") {
    std::vector<float> values(20, std::numeric_limits<float>::quiet_NaN());
    softmax_rows(values.data(), 2, 10);
    CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::isnan(v); }));
    softmax_rows(values.data(), 0, 10);
    softmax_rows(values.data(), 10, 0);
  }
}
