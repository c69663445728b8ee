// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace train_builtin {

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every platform, and any integer is a
/// good seed, so that scene n of a run is made from (seed, n) alone.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(seed * 0x9E3779B97F4A7C15ULL + (stream + 1) * 0xD1B54A32D192ED03ULL) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// In [0, 1).
  float unit() { return static_cast<float>(next() >> 40U) * 0x1p-24F; }
  float uniform(float low, float high) { return low + (high - low) * unit(); }
  /// Uniform in the logarithm: for sizes and distances.
  float log_uniform(float low, float high) { return low * std::exp(unit() * std::log(high / low)); }
  /// In [0, count).
  int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(float probability) { return unit() < probability; }
  float normal() {
    const float radius = std::sqrt(-2.0F * std::log(1.0F - unit()));
    return radius * std::cos(6.2831853F * unit());
  }

 private:
  std::uint64_t state_;
};

}  // namespace train_builtin
