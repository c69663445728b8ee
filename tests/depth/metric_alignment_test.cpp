// SPDX-License-Identifier: Apache-2.0
#include "depth/metric_alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"
#include "io/weights_file.hpp"

using depthcloud::align_to_metres;
using depthcloud::MetricAlignment;
using depthcloud::sky_depth;
using depthcloud::TwoDepths;
using depthcloud::WeightsFile;

namespace {

/// The planes of one view, which a test may change.
struct View {
  std::vector<float> depth;
  std::vector<float> confidence;
  std::vector<float> metres;
  std::vector<std::uint8_t> sky;

  TwoDepths view() const { return {depth, confidence, metres, sky}; }
};

/// 400 pixels of 1 to 5 units, of 3 metres each.
View ramp() {
  View view;
  for (int i = 0; i < 400; ++i) {
    view.depth.push_back(1 + static_cast<float>(i) / 100);
    view.metres.push_back(3 * view.depth.back());
  }
  view.confidence.assign(400, 2);
  view.sky.assign(400, 0);
  return view;
}

MetricAlignment align(const View& view) {
  const TwoDepths views[] = {view.view()};
  return align_to_metres(views);
}

/// What the reference computed of one call.
class Golden {
 public:
  explicit Golden(std::string name)
      : file_(WeightsFile::open(DEPTHCLOUD_TEST_GOLDEN "/da3_nested_micro.io.safetensors")),
        name_(std::move(name)) {}

  std::vector<float> operator()(const std::string& tensor) const {
    const auto view = file_.find(name_ + "/" + tensor);
    REQUIRE_MESSAGE(view.has_value(), name_ << "/" << tensor);
    std::vector<float> values(view->bytes.size() / sizeof(float));
    std::memcpy(values.data(), view->bytes.data(), view->bytes.size());
    return values;
  }

  /// The inputs of the alignment, one for each view; metres times `metres_scale`.
  std::vector<View> views(std::size_t count, float metres_scale = 1) const {
    std::vector<View> views(count);
    const auto part = [&](const std::string& tensor, std::size_t i) {
      const std::vector<float> all = (*this)(tensor);
      const auto size = static_cast<std::ptrdiff_t>(all.size() / count);
      const auto start = all.begin() + static_cast<std::ptrdiff_t>(i) * size;
      return std::vector<float>(start, start + size);
    };
    for (std::size_t i = 0; i < count; ++i) {
      views[i] = {part("any_depth", i), part("any_conf", i), part("metric_metres", i), {}};
      for (float& z : views[i].metres) z *= metres_scale;
      for (const float sky : part("sky", i)) {
        views[i].sky.push_back(sky >= static_cast<float>(depthcloud::sky_of_alignment) ? 1 : 0);
      }
    }
    return views;
  }

 private:
  WeightsFile file_;
  std::string name_;
};

/// Compares scale, mask, and depth with sky with the reference's.
void check_against(const Golden& expected, const std::vector<View>& views) {
  constexpr float tolerance = 1e-5F;
  std::vector<TwoDepths> both;
  for (const View& view : views) both.push_back(view.view());
  const MetricAlignment found = align_to_metres(both);
  CHECK(found.obstacle.empty());
  CHECK(static_cast<float>(found.scale) ==
        doctest::Approx(expected("scale_factor")[0]).epsilon(tolerance));
  CHECK(static_cast<float>(found.pixels) == expected("n_mask")[0]);
  const float sky = sky_depth(both, found.scale);
  const std::vector<float> depth = expected("depth");
  float largest = 0;
  std::size_t at = 0;
  for (const View& view : views) {
    for (std::size_t i = 0; i < view.depth.size(); ++i, ++at) {
      const float metres = view.sky[i] != 0 ? sky : static_cast<float>(view.depth[i] * found.scale);
      largest = std::max(largest, std::abs(metres - depth[at]) / depth[at]);
    }
  }
  CHECK(at == depth.size());
  CHECK(largest <= tolerance);
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("metric alignment: one view, several, and a far one are as the reference aligns them") {
    const Golden one("n1_56x56");
    check_against(one, one.views(1));
    const Golden two("n2_42x56");
    check_against(two, two.views(2));
    // 400 times as far: the sky ends at 200 m
    const Golden far("far_n1_56x56");
    check_against(far, one.views(1, std::exp(6.0F)));
    const std::vector<float> depth = far("depth");
    CHECK(std::ranges::count(depth, 200.0F) > 100);
  }

  TEST_CASE("metric alignment: the scale is that of the pixels of at least median confidence") {
    View view = ramp();
    for (std::size_t i = 0; i < view.depth.size(); i += 2) {
      view.confidence[i] = 1.5;
      view.metres[i] = 99;  // not believed
    }
    const MetricAlignment found = align(view);
    CHECK(found.scale == doctest::Approx(3));
    CHECK(found.pixels == 200);
    CHECK(found.error == doctest::Approx(0));
    view.metres[1] = 6 * view.depth[1];
    CHECK(align(view).error > 0.001);
  }

  TEST_CASE("metric alignment: sky, and what has no depth, is not compared") {
    View view = ramp();
    for (std::size_t i = 0; i < 100; ++i) {
      view.sky[i] = 1;
      view.metres[i] = 1e4;
    }
    view.metres[100] = 0;
    view.metres[101] = std::numeric_limits<float>::quiet_NaN();
    view.depth[102] = std::numeric_limits<float>::infinity();
    view.depth[103] = 0;
    view.confidence[104] = std::numeric_limits<float>::quiet_NaN();
    const MetricAlignment found = align(view);
    CHECK(found.scale == doctest::Approx(3));
    CHECK(found.pixels == 295);
    const TwoDepths views[] = {view.view()};
    CHECK(sky_depth(views, 2) == doctest::Approx(2 * 4.96).epsilon(0.01));
  }

  TEST_CASE("metric alignment: views share one scale") {
    const View near = ramp();
    View far = ramp();
    for (float& z : far.metres) z *= 1.1F;
    const TwoDepths views[] = {near.view(), far.view()};
    CHECK(align_to_metres(views).scale == doctest::Approx(3.15));
    CHECK(align_to_metres(views).pixels == 800);
  }

  TEST_CASE("metric alignment: where there is no scale it says why") {
    View view = ramp();
    std::fill(view.sky.begin() + 10, view.sky.end(), 1);
    CHECK(contains(align(view).obstacle, "nothing but sky"));
    view = ramp();
    std::fill(view.metres.begin() + 99, view.metres.end(), 0.0F);
    CHECK(contains(align(view).obstacle, "only 99 pixels"));
    view = ramp();
    for (float& z : view.metres) z *= 1e5F;
    CHECK(contains(align(view).obstacle, "scale of 3e+05"));
    view = ramp();
    std::ranges::fill(view.sky, 1);
    const TwoDepths views[] = {view.view()};
    CHECK(sky_depth(views, 1) == 0);
    CHECK(contains(align_to_metres({}).obstacle, "nothing but sky"));
  }
}
