// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>

#include "enum_names.hpp"

using namespace depthcloud;

TEST_SUITE("depth") {
  TEST_CASE("the enums of an estimator's options have names that round-trip") {
    check_names(
        parse_precision, precision_names(),
        {Precision::f32, Precision::bf16, Precision::f16, Precision::int8, Precision::automatic});
    check_names(parse_resize_method, resize_method_names(),
                {ResizeMethod::upper_bound_resize, ResizeMethod::upper_bound_crop,
                 ResizeMethod::lower_bound_resize, ResizeMethod::lower_bound_crop});
    check_names(parse_reference_view, reference_view_names(),
                {ReferenceView::saddle_balanced, ReferenceView::saddle_sim_range,
                 ReferenceView::first, ReferenceView::middle});
  }

  TEST_CASE("another name is an error that says what may stand there") {
    CHECK(error_of([] { parse_precision("fp32"); }) ==
          "invalid_argument load: no such precision: 'fp32' (f32, bf16, f16, int8 or auto)");
    CHECK(error_of([] {
            parse_resize_method("upper");
          }).starts_with("invalid_argument preprocess: no such resize method: 'upper'"));
    CHECK(error_of([] { parse_reference_view("last"); }) ==
          "invalid_argument infer: no such reference view: 'last' (saddle_balanced, "
          "saddle_sim_range, first or middle)");
    CHECK(EstimatorOptions{}.resize_method == ResizeMethod::upper_bound_resize);
  }
}
