// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>

#include "expect_error.hpp"

using namespace depthcloud;

TEST_SUITE("depth") {
  TEST_CASE("a resize method is read back from its name") {
    for (const ResizeMethod method :
         {ResizeMethod::upper_bound_resize, ResizeMethod::upper_bound_crop,
          ResizeMethod::lower_bound_resize, ResizeMethod::lower_bound_crop}) {
      CHECK(parse_resize_method(name(method)) == method);
    }
    CHECK(EstimatorOptions{}.resize_method == ResizeMethod::upper_bound_resize);
  }

  TEST_CASE("another resize method is an error that names it and the choice") {
    const std::string error = error_of([] { parse_resize_method("upper"); });
    CHECK(error.starts_with("invalid_argument preprocess: 'upper' is not a resize method"));
    CHECK(contains(error, "lower_bound_crop"));
  }
}
