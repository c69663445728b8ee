// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <hwy/highway.h>

/// Lets Highway see one target only, for as long as this lives.
class ForcedSimdTarget {
 public:
  explicit ForcedSimdTarget(std::int64_t target) { set(target); }
  ~ForcedSimdTarget() { set(0); }
  ForcedSimdTarget(const ForcedSimdTarget&) = delete;
  ForcedSimdTarget& operator=(const ForcedSimdTarget&) = delete;

 private:
  static void set(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
  }
};

/// Of the targets that a kernel is compiled for, those that this machine can run. The baseline is
/// the highest bit; dispatch always falls back to it, also where Highway does not count it as
/// supported.
inline std::vector<std::int64_t> runnable_targets(std::int64_t compiled) {
  const auto baseline =
      static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(compiled)));
  std::vector<std::int64_t> targets;
  for (std::int64_t rest = compiled & (hwy::SupportedTargets() | baseline); rest != 0;
       rest &= rest - 1) {
    targets.push_back(rest & -rest);
  }
  return targets;
}

/// Runs `body` once on each target that a kernel is compiled for (what its <stem>_targets()
/// returns) and this machine can run, the baseline included. A failure names the target. No SUBCASE
/// in `body`.
template <typename Body>
void on_every_simd_target(std::int64_t compiled, const Body& body) {
  const std::vector<std::int64_t> targets = runnable_targets(compiled);
  REQUIRE_FALSE(targets.empty());
  for (const std::int64_t target : targets) {
    const ForcedSimdTarget forced(target);
    const std::string simd_target = hwy::TargetName(target);
    CAPTURE(simd_target);
    body();
  }
}
