// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>

#include "expect_error.hpp"

using depthcloud::parse_reference_view;
using depthcloud::ReferenceView;

TEST_SUITE("depth") {
  TEST_CASE("reference views have names that round-trip") {
    for (const ReferenceView view :
         {ReferenceView::saddle_balanced, ReferenceView::saddle_sim_range, ReferenceView::first,
          ReferenceView::middle}) {
      CHECK(parse_reference_view(name(view)) == view);
    }
    const std::string error = error_of([] { parse_reference_view("last"); });
    CHECK(error.starts_with("invalid_argument"));
    CHECK(contains(error, "'last'"));
  }
}
