// SPDX-License-Identifier: Apache-2.0
// What the tests of kernels rely on: their helper runs each target's own code.
#include "core/simd.hpp"

#include <cstdint>
#include <string>
#include <vector>

// As kernels may: a target that is not compiled must not stand for another.
#define HWY_DISABLED_TARGETS HWY_SSE4
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/simd_test.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
std::int64_t own_target() { return HWY_TARGET; }
}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <doctest/doctest.h>

#include "simd_targets.hpp"

namespace depthcloud {
namespace {
HWY_EXPORT(own_target);
std::int64_t dispatched_target() { return HWY_DYNAMIC_DISPATCH(own_target)(); }
}  // namespace
}  // namespace depthcloud

TEST_SUITE("core") {
  TEST_CASE("simd: every target that is compiled and that the machine has runs once") {
    std::vector<std::int64_t> ran;
    on_every_simd_target(HWY_TARGETS, [&] {
      const std::int64_t target = depthcloud::dispatched_target();
      CHECK(target == hwy::SupportedTargets());
      ran.push_back(target);
    });
    std::int64_t all = 0;
    for (const std::int64_t target : ran) {
      CHECK((all & target) == 0);
      all |= target;
    }
    CHECK(all == (HWY_TARGETS & (hwy::SupportedTargets() | HWY_STATIC_TARGET)));
    CHECK((all & HWY_SSE4) == 0);
  }

  TEST_CASE("simd: afterwards dispatch takes the best again") {
    const std::string best = depthcloud::simd_target_name();
    on_every_simd_target(HWY_TARGETS, [] {});
    CHECK(depthcloud::simd_target_name() == best);
    CHECK(best != "Unknown");
  }
}
#endif
