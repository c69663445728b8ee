// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <doctest/doctest.h>

#include "depth/known_intrinsics.hpp"

using depthcloud::DepthInfo;
using depthcloud::EstimatorOptions;
using depthcloud::Grid;
using depthcloud::ImageView;
using depthcloud::Intrinsics;
using depthcloud::IntrinsicsSource;
using depthcloud::ViewInfo;

namespace {

constexpr Grid grid{400, 300};
const Intrinsics of_options{3000, 3100, 2010, 1490};
const Intrinsics of_model{350, 351, 199, 151};

/// A 1000 x 750 view of a 4000 x 3000 photo with a focal length in its EXIF record.
ImageView view_of_photo() {
  ImageView view;
  view.width = 1000;
  view.height = 750;
  view.photo = {4000, 3000, 2800};
  return view;
}

EstimatorOptions with_intrinsics() {
  EstimatorOptions options;
  options.intrinsics = of_options;
  return options;
}

DepthInfo info_for(const EstimatorOptions& options, const ImageView& image, const Grid& size,
                   const ViewInfo& view, const depthcloud::ImageRegion& region = {}) {
  return depthcloud::depth_info(known_intrinsics(options, image, size, region), image, size, view,
                                region);
}

ViewInfo with_model_intrinsics() { return {false, of_model, {}}; }

}  // namespace

TEST_SUITE("estimator") {
  TEST_CASE("intrinsics of the options come first, scaled from the photo to the grid") {
    const DepthInfo info =
        info_for(with_intrinsics(), view_of_photo(), grid, with_model_intrinsics());
    CHECK(info.intrinsics_source == IntrinsicsSource::options);
    CHECK(info.intrinsics == Intrinsics{300, 310, 201, 149});
  }

  TEST_CASE("a field of view in the options has the same standing") {
    EstimatorOptions options;
    options.fov_degrees = 90;
    const DepthInfo info = info_for(options, view_of_photo(), grid, with_model_intrinsics());
    CHECK(info.intrinsics_source == IntrinsicsSource::options);
    CHECK(info.intrinsics.fx == doctest::Approx(200));
    CHECK(info.intrinsics.fy == doctest::Approx(200));
    CHECK(info.intrinsics.cx == doctest::Approx(200));
    CHECK(info.intrinsics.cy == doctest::Approx(150));
  }

  TEST_CASE("the model's intrinsics come before EXIF") {
    const DepthInfo info = info_for({}, view_of_photo(), grid, with_model_intrinsics());
    CHECK(info.intrinsics_source == IntrinsicsSource::model);
    CHECK(info.intrinsics == of_model);
  }

  TEST_CASE("a model that failed to see the focal length counts as none") {
    ViewInfo failed = with_model_intrinsics();
    failed.intrinsics->fx = std::numeric_limits<double>::infinity();
    CHECK(info_for({}, view_of_photo(), grid, failed).intrinsics_source == IntrinsicsSource::exif);
  }

  TEST_CASE("EXIF comes before the default field of view") {
    const DepthInfo info = info_for({}, view_of_photo(), grid, {});
    CHECK(info.intrinsics_source == IntrinsicsSource::exif);
    CHECK(info.intrinsics == Intrinsics{280, 280, 200, 150});
  }

  TEST_CASE("without anything known the default field of view is taken") {
    ImageView view = view_of_photo();
    for (const double focal : {0.0, -5.0, std::numeric_limits<double>::quiet_NaN(),
                               std::numeric_limits<double>::infinity()}) {
      view.photo.focal_px = focal;
      const DepthInfo info = info_for({}, view, grid, {});
      CHECK(info.intrinsics_source == IntrinsicsSource::default_fov);
      const Intrinsics expected =
          Intrinsics::from_fov(depthcloud::default_horizontal_fov_degrees, 400, 300);
      CHECK(info.intrinsics.fx == doctest::Approx(expected.fx));
      CHECK(info.intrinsics.cx == doctest::Approx(200));
    }
  }

  TEST_CASE("a view without a photo is the photo") {
    ImageView view = view_of_photo();
    view.photo = {};
    view.photo.focal_px = 500;
    CHECK(info_for({}, view, grid, {}).intrinsics == Intrinsics{200, 200, 200, 150});
    CHECK(info_for(with_intrinsics(), view, grid, {}).intrinsics ==
          Intrinsics{1200, 1240, 804, 596});
  }

  TEST_CASE("a grid of another aspect scales the axes apart") {
    const DepthInfo info = info_for({}, view_of_photo(), Grid{400, 150}, {});
    CHECK(info.intrinsics == Intrinsics{280, 140, 200, 75});
  }

  TEST_CASE("a grid that shows a part of the image moves the principal point") {
    // The grid would have been 500 x 300 and lost 60 columns on the left and 40 on the right.
    const depthcloud::ImageRegion region{0.12, 0, 0.8, 1};
    const DepthInfo info =
        info_for(with_intrinsics(), view_of_photo(), grid, with_model_intrinsics(), region);
    CHECK(info.intrinsics.fx == doctest::Approx(3000 * 500 / 4000.0));
    CHECK(info.intrinsics.fy == doctest::Approx(310));
    CHECK(info.intrinsics.cx == doctest::Approx(2010 * 500 / 4000.0 - 60));
    CHECK(info.intrinsics.cy == doctest::Approx(149));
    CHECK(info.region == region);
    const Intrinsics default_fov =
        info_for({}, ImageView{.width = 1000, .height = 750}, grid, {}, region).intrinsics;
    CHECK(default_fov.cx == doctest::Approx(250 - 60));
    CHECK(default_fov.fx ==
          doctest::Approx(
              Intrinsics::from_fov(depthcloud::default_horizontal_fov_degrees, 500, 300).fx));
    CHECK(known_intrinsics({}, view_of_photo(), grid, region).intrinsics->cx ==
          doctest::Approx(250 - 60));
  }

  TEST_CASE("what is known without the network leaves the model out") {
    CHECK(known_intrinsics({}, view_of_photo(), grid).source == IntrinsicsSource::exif);
    CHECK(known_intrinsics(with_intrinsics(), view_of_photo(), grid).source ==
          IntrinsicsSource::options);
    ImageView unknown = view_of_photo();
    unknown.photo.focal_px = 0;
    CHECK_FALSE(known_intrinsics({}, unknown, grid).intrinsics.has_value());
  }

  TEST_CASE("unit and pose of the model are passed on") {
    ViewInfo view;
    CHECK_FALSE(info_for({}, view_of_photo(), grid, view).metric);
    CHECK_FALSE(info_for({}, view_of_photo(), grid, view).extrinsics.has_value());
    view.metric = true;
    view.extrinsics = depthcloud::Extrinsics{1, 0, 0, 4, 0, 1, 0, 5, 0, 0, 1, 6};
    CHECK(info_for({}, view_of_photo(), grid, view).metric);
    CHECK(info_for({}, view_of_photo(), grid, view).extrinsics == view.extrinsics);
  }
}
