// SPDX-License-Identifier: Apache-2.0
#include "core/processor.hpp"

#include <doctest/doctest.h>
#include <hwy/highway.h>

TEST_SUITE("core") {
  TEST_CASE("the processor has a name") {
    const std::string name = depthcloud::processor_name();
    CHECK_FALSE(name.empty());
    CHECK(name.front() != ' ');
    CHECK(name.back() != ' ');
  }

  TEST_CASE("no part of AVX-512 is missing where Highway finds its AVX-512 target") {
#ifdef __x86_64__
    CHECK(depthcloud::missing_avx512().empty() ==
          ((hwy::SupportedTargets() & (HWY_AVX3 | HWY_AVX3_DL)) != 0));
#else
    CHECK(depthcloud::missing_avx512().empty());
#endif
  }
}
