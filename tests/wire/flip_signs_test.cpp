// SPDX-License-Identifier: Apache-2.0
#include "wire/flip_signs.hpp"

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "simd_targets.hpp"
#include "special_floats.hpp"

using depthcloud::SignMasks;

TEST_SUITE("wire") {
  TEST_CASE("flip_signs: the sign bits alone, those of NaN too") {
    constexpr std::uint32_t flip = 0x80000000u;
    on_every_simd_target(depthcloud::flip_signs_targets(), [] {
      std::mt19937 random(6);
      for (std::size_t length = 0; length <= 2 * 3 * 16 + 9; length += 3) {
        for (std::size_t offset = 0; offset < 4; ++offset) {
          CAPTURE(length);
          CAPTURE(offset);
          const auto xyz = mixed_floats(offset + length, random);
          for (const SignMasks& signs : {SignMasks{0, 0, 0}, SignMasks{0, flip, 0},
                                         SignMasks{flip, 0, flip}, SignMasks{flip, flip, flip}}) {
            std::vector<float> out(offset + length);
            depthcloud::flip_signs({xyz.data() + offset, length}, signs, out.data() + offset);
            for (std::size_t i = 0; i < length; ++i) {
              REQUIRE(std::bit_cast<std::uint32_t>(out[offset + i]) ==
                      (std::bit_cast<std::uint32_t>(xyz[offset + i]) ^ signs[i % 3]));
            }
          }
        }
      }
    });
  }
}
