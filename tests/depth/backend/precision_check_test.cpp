// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/precision_check.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "torch_doctest.hpp"

#include <ATen/ATen.h>

#include "depth/backend/torch_compat.hpp"
#include "expect_error.hpp"

using depthcloud::Device;
using depthcloud::Precision;
using depthcloud::precision_obstacle;

namespace {

const Device cpu{};

at::Tensor rounds(const at::Device&, Precision precision) {
  return at::full({4}, precision == Precision::f32 ? 1.0 : 1.004);
}

at::Tensor is_wrong(const at::Device&, Precision precision) {
  return at::full({4}, precision == Precision::f32 ? 1.0 : 1.2);
}

at::Tensor is_nan(const at::Device&, Precision precision) {
  return at::full({4},
                  precision == Precision::f32 ? 1.0 : std::numeric_limits<double>::quiet_NaN());
}

int tries = 0;
at::Tensor throws(const at::Device&, Precision precision) {
  if (precision == Precision::f32) return at::ones({4});
  ++tries;
  TORCH_CHECK(false, "no such kernel");
}

at::Tensor has_no_memory(const at::Device&, Precision) { throw std::bad_alloc(); }

}  // namespace

TEST_SUITE("precision") {
  TEST_CASE("f32 always works, without a trial") {
    CHECK(precision_obstacle(throws, cpu, Precision::f32).empty());
  }

  TEST_CASE("numbers that differ by rounding work; others, and none, do not") {
    CHECK(precision_obstacle(rounds, cpu, Precision::int8).empty());
    CHECK(precision_obstacle(is_wrong, cpu, Precision::int8) ==
          "LibTorch computes it wrongly there");
    CHECK(precision_obstacle(is_nan, cpu, Precision::int8) == "LibTorch computes it wrongly there");
  }

  TEST_CASE("what LibTorch throws is the obstacle, told at load, tried once") {
    CHECK(precision_obstacle(throws, cpu, Precision::f16) == "LibTorch: no such kernel");
    CHECK(precision_obstacle(throws, cpu, Precision::f16) == "LibTorch: no such kernel");
    CHECK(tries == 1);
    CHECK(error_of([] { depthcloud::require_precision(throws, cpu, Precision::f16); }) ==
          "unavailable load: precision f16 does not work on cpu with LibTorch " +
              depthcloud::torch_compat::version() + ": LibTorch: no such kernel; f32 does");
    CHECK_NOTHROW(depthcloud::require_precision(rounds, cpu, Precision::int8));
  }

  TEST_CASE("a lack of memory says nothing of the precision") {
    CHECK(error_of([] {
            precision_obstacle(has_no_memory, cpu, Precision::bf16);
          }).starts_with("out_of_memory load"));
  }
}
