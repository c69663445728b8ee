// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/softmax_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "simd_targets.hpp"

using depthcloud::softmax_rows;

namespace {

using Limits = std::numeric_limits<float>;
constexpr float infinity = Limits::infinity();
constexpr float not_a_number = Limits::quiet_NaN();

std::vector<float> random_values(std::size_t count, float spread) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> values(count);
  std::generate(values.begin(), values.end(), [&] { return normal(random); });
  return values;
}

/// As PyTorch has it, in double.
std::vector<double> exact_softmax(const std::vector<float>& row) {
  std::vector<double> result(row.begin(), row.end());
  double largest = -infinity;
  for (const double value : result) {
    if (!(largest >= value)) largest = value;  // NaN, too, and no number is at least NaN
    if (std::isnan(largest)) break;
  }
  double sum = 0;
  for (double& value : result) sum += value = std::exp(value - largest);
  for (double& value : result) value /= sum;
  return result;
}

std::uint16_t to_bfloat16(float value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
}

float to_float(std::uint16_t bfloat16) {
  return std::bit_cast<float>(std::uint32_t{bfloat16} << 16);
}

/// Holds the softmax of one row, between two others that must be right as well, against the exact
/// one, in f32 and, where the row is bfloat16's, in that.
void check_row(const std::vector<float>& row) {
  const std::size_t columns = row.size();
  const auto check = [&](const auto& values, auto as_float, double relative) {
    const auto exact = exact_softmax(row);
    std::ptrdiff_t first_wrong = -1;
    for (std::size_t i = 3 * columns; i-- > 0;) {
      const double value = as_float(values[i]);
      const double wanted =
          i / columns == 1 ? exact[i % columns] : 1 / static_cast<double>(columns);
      const bool right = std::isnan(wanted) ? std::isnan(value)
                                            : std::abs(value - wanted) <= 1e-6 + relative * wanted;
      if (!right) first_wrong = static_cast<std::ptrdiff_t>(i);
    }
    REQUIRE(first_wrong == -1);
  };
  std::vector<float> values(3 * columns, 1.0f);
  std::copy(row.begin(), row.end(), values.begin() + static_cast<std::ptrdiff_t>(columns));
  std::vector<std::uint16_t> bits(values.size());
  std::transform(values.begin(), values.end(), bits.begin(), to_bfloat16);
  const bool is_bfloat16 =
      std::equal(values.begin(), values.end(), bits.begin(), [](float value, std::uint16_t half) {
        return std::bit_cast<std::uint32_t>(value) == std::bit_cast<std::uint32_t>(to_float(half));
      });
  softmax_rows(values.data(), 3, columns);
  check(
      values, [](float value) { return value; }, 0);
  if (!is_bfloat16) return;
  softmax_rows(bits.data(), 3, columns);
  check(bits, to_float, 1.0 / 256 + 1e-4);
}

/// Rows of every length around that of a vector with `special` in one place, or in all but one.
void check_everywhere(float special) {
  on_every_simd_target(depthcloud::softmax_rows_targets(), [=] {
    CAPTURE(special);
    for (std::size_t columns = 1; columns <= 2 * 16 + 3; ++columns) {
      CAPTURE(columns);
      for (std::size_t place = 0; place < columns; ++place) {
        std::vector<float> row(columns);
        for (std::size_t i = 0; i < columns; ++i) row[i] = static_cast<float>(i % 5) - 2;
        row[place] = special;
        check_row(row);
        std::vector<float> all(columns, special);
        all[place] = -1;
        check_row(all);
      }
      check_row(std::vector<float>(columns, special));
    }
  });
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("softmax: rows of any length, and nothing beyond them") {
    on_every_simd_target(depthcloud::softmax_rows_targets(), [] {
      std::vector<std::size_t> lengths{64, 973};
      for (std::size_t columns = 1; columns <= 2 * 16 + 3; ++columns) lengths.push_back(columns);
      for (const std::size_t columns : lengths) {
        for (const float spread : {0.1f, 5.0f, 100.0f}) {
          CAPTURE(columns);
          constexpr std::size_t rows = 3;
          const std::vector<float> scores = random_values(rows * columns + 1, spread);
          std::vector<float> values = scores;
          softmax_rows(values.data(), rows, columns);
          CHECK(values.back() == scores.back());
          double worst = 0;
          for (std::size_t r = 0; r < rows; ++r) {
            const auto row = scores.begin() + static_cast<std::ptrdiff_t>(r * columns);
            const auto exact = exact_softmax({row, row + static_cast<std::ptrdiff_t>(columns)});
            for (std::size_t i = 0; i < columns; ++i) {
              worst = std::max(worst, std::abs(values[r * columns + i] - exact[i]));
            }
          }
          CHECK(worst < 1e-6);
        }
      }
    });
  }

  TEST_CASE("softmax: bfloat16 rows are computed in f32 and rounded to the nearest") {
    on_every_simd_target(depthcloud::softmax_rows_targets(), [] {
      for (std::size_t columns = 1; columns <= 45; ++columns) {
        std::vector<float> row = random_values(columns, 3);
        for (float& value : row) value = to_float(to_bfloat16(value));
        check_row(row);
      }
    });
  }

  TEST_CASE("softmax: NaN and +infinity make their row NaN, -infinity becomes 0") {
    for (const float special : {not_a_number, -not_a_number, infinity, -infinity}) {
      check_everywhere(special);
    }
    // Of NaN whose bits a rounding to bfloat16 would carry into another number.
    check_everywhere(std::bit_cast<float>(0x7FFFFFFFu));
    check_everywhere(std::bit_cast<float>(0xFFFF0000u));
    check_everywhere(std::bit_cast<float>(0x7FFF0000u));
  }

  TEST_CASE("softmax: zeros, denormals and the greatest numbers") {
    for (const float special :
         {0.0f, -0.0f, Limits::denorm_min(), -1e-39f, Limits::max(), Limits::lowest()}) {
      check_everywhere(special);
    }
    check_everywhere(to_float(0xFF7F));  // the least of bfloat16
  }

  TEST_CASE("softmax: nothing of nothing") {
    float value = 3;
    softmax_rows(&value, 0, 10);
    softmax_rows(&value, 10, 0);
    CHECK(value == 3);
  }
}
