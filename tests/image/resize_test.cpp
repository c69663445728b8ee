// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <depthcloud/resize.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "expect_error.hpp"
#include "image/resize_targets.hpp"
#include "image/samples.hpp"
#include "simd_targets.hpp"

#ifdef DEPTHCLOUD_TEST_OPENCV
#include <opencv2/imgproc.hpp>
#endif

using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::PixelFormat;
using depthcloud::reduce_area;

namespace {

constexpr PixelFormat formats[] = {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba,
                                   PixelFormat::bgra, PixelFormat::gray};

struct Reduction {
  int from_width, from_height, to_width, to_height;
};
constexpr Reduction reductions[] = {
    {640, 480, 504, 378},   // a webcam to the network's size
    {1280, 720, 504, 284},  //
    {96, 64, 48, 32},       // whole ratios
    {99, 66, 33, 11},       //
    {31, 17, 30, 16},       // hardly smaller
    {64, 48, 64, 20},       // one axis only
    {64, 48, 23, 48},       //
    {50, 40, 1, 1},         // all of it
    {7, 5, 3, 2},           // smaller than a vector
    {3, 3, 2, 2},           //
    {1, 9, 1, 4},           //
    {900, 20, 2, 3},        // many pixels to one
};

/// How much of input pixel `i` belongs to output pixel `o`.
double overlap(int i, int o, double scale) {
  return std::max(0.0, std::min(i + 1.0, (o + 1) * scale) - std::max<double>(i, o * scale));
}

/// Calls `add` with each input pixel that output pixel `o` covers and how much of it.
template <typename Add>
void for_each_covered(int o, double scale, int pixels, Add add) {
  const int end = std::min(pixels, static_cast<int>((o + 1) * scale) + 1);
  for (int i = static_cast<int>(o * scale); i < end; ++i) add(i, overlap(i, o, scale));
}

/// The mean over each output pixel's area, straight from the definition, one axis after the other,
/// of all samples in order.
std::vector<double> means(const ImageView& image, int width, int height) {
  const int samples = channels(image.format);
  const double scale_x = static_cast<double>(image.width) / width;
  const double scale_y = static_cast<double>(image.height) / height;
  const auto row_samples = static_cast<std::size_t>(width * samples);
  std::vector<std::vector<double>> rows(static_cast<std::size_t>(image.height),
                                        std::vector<double>(row_samples));
  for (int u = 0; u < width; ++u) {
    for_each_covered(u, scale_x, image.width, [&](int x, double weight) {
      for (int y = 0; y < image.height; ++y) {
        for (int c = 0; c < samples; ++c) {
          rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(u * samples + c)] +=
              weight * image.row(y)[x * samples + c];
        }
      }
    });
  }
  std::vector<double> result;
  for (int v = 0; v < height; ++v) {
    std::vector<double> sums(row_samples);
    for_each_covered(v, scale_y, image.height, [&](int y, double weight) {
      const std::vector<double>& row = rows[static_cast<std::size_t>(y)];
      for (std::size_t i = 0; i < row_samples; ++i) sums[i] += weight * row[i];
    });
    for (const double sum : sums) result.push_back(sum / (scale_x * scale_y));
  }
  return result;
}

double largest_difference(const Image& image, const std::vector<double>& exact) {
  REQUIRE(static_cast<std::size_t>(image.stride()) * static_cast<std::size_t>(image.height()) ==
          exact.size());
  double worst = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    worst = std::max(worst, std::fabs(image.data()[i] - exact[i]));
  }
  return worst;
}

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("reduce_area is the mean over the area, in every format and ratio, on every target") {
    for (const auto format : formats) {
      for (const auto& [from_width, from_height, to_width, to_height] : reductions) {
        CAPTURE(static_cast<int>(format));
        CAPTURE(from_width);
        CAPTURE(to_width);
        const Image image = samples::picture(from_width, from_height, format, 200);
        const std::vector<double> exact = means(image.view(), to_width, to_height);
        on_every_simd_target(depthcloud::resize_targets(), [&] {
          const Image reduced = reduce_area(image.view(), to_width, to_height);
          CHECK(largest_difference(reduced, exact) <= 0.505);
        });
      }
    }
  }

  TEST_CASE("reduce_area: sizes around a vector's, from any pixel of a row on") {
    for (const auto format : formats) {
      const Image image = samples::picture(50, 5, format, 200);
      for (int left = 0; left < 4; ++left) {
        for (int width = 2; width <= 2 * 16 + 3; ++width) {
          const ImageView window{
              image.data() + left * channels(format), width, 5, image.stride(), format, {}};
          const std::vector<double> exact = means(window, width - 1, 3);
          on_every_simd_target(depthcloud::resize_targets(), [&] {
            CHECK(largest_difference(reduce_area(window, width - 1, 3), exact) <= 0.505);
          });
        }
      }
    }
  }

  TEST_CASE("reduce_area is within one grey level of cv::resize INTER_AREA") {
#ifdef DEPTHCLOUD_TEST_OPENCV
    for (const auto format : formats) {
      for (const auto& [from_width, from_height, to_width, to_height] : reductions) {
        CAPTURE(static_cast<int>(format));
        CAPTURE(from_width);
        CAPTURE(to_width);
        const Image image = samples::picture(from_width, from_height, format, 200);
        Image expected(to_width, to_height, format);
        const int type = CV_8UC(channels(format));
        cv::Mat out(to_height, to_width, type, expected.data());
        cv::resize(cv::Mat(from_height, from_width, type, const_cast<std::uint8_t*>(image.data())),
                   out, {to_width, to_height}, 0, 0, cv::INTER_AREA);
        CHECK(samples::largest_difference(reduce_area(image.view(), to_width, to_height),
                                          expected) <= 1);
      }
    }
#else
    MESSAGE("skipped: OpenCV (libopencv-dev) was not found");
#endif
  }

  TEST_CASE("the same size is a copy") {
    for (const auto format : formats) {
      const Image image = samples::picture(21, 13, format);
      CHECK(samples::largest_difference(reduce_area(image.view(), 21, 13), image) == 0);
    }
  }

  TEST_CASE("an even image stays as it is") {
    Image image(640, 480);
    for (const int level : {0, 1, 127, 254, 255}) {
      std::fill_n(image.data(), image.stride() * image.height(), static_cast<std::uint8_t>(level));
      const Image reduced = reduce_area(image.view(), 501, 7);
      CHECK(std::all_of(reduced.data(), reduced.data() + reduced.stride() * reduced.height(),
                        [=](int sample) { return sample == level; }));
    }
  }

  TEST_CASE("a view's stride and window are heeded") {
    const Image image = samples::picture(80, 60);
    const ImageView window{image.row(7) + 3 * 5, 40, 30, image.stride(), image.format(), {}};
    Image copied(40, 30);
    for (int v = 0; v < 30; ++v) std::copy_n(window.row(v), copied.stride(), copied.row(v));
    CHECK(samples::largest_difference(reduce_area(window, 17, 11),
                                      reduce_area(copied.view(), 17, 11)) == 0);
    CHECK(samples::largest_difference(reduce_area(window, 40, 30), copied) == 0);
  }

  TEST_CASE("the result names the photo it was made from") {
    Image image = samples::picture(80, 60);
    const Image once = reduce_area(image.view(), 40, 30);
    CHECK(once.photo().width == 80);
    CHECK(once.photo().height == 60);
    image.set_photo({800, 600, 700});
    const Image again = reduce_area(image.view(), 80, 60);
    CHECK(again.photo().width == 800);
    CHECK(again.photo().height == 600);
    CHECK(again.photo().focal_px == 700);
  }

  TEST_CASE("memory is reused") {
    const Image image = samples::picture(80, 60);
    Image out(80, 60);
    const auto* memory = out.data();
    reduce_area(image.view(), 40, 30, out);
    CHECK(out.data() == memory);
    CHECK(out.width() == 40);
  }

  TEST_CASE("what cannot be a reduction is refused") {
    const Image image = samples::picture(8, 6);
    const auto error_for = [&](int width, int height) {
      return error_of([&] { reduce_area(image.view(), width, height); });
    };
    CHECK(error_for(9, 6) ==
          "invalid_argument preprocess: an image of 8 x 6 cannot be reduced to 9 x 6");
    CHECK(contains(error_for(8, 7), "8 x 7"));
    CHECK(contains(error_for(0, 6), "0 x 6"));
    CHECK(contains(error_for(8, -1), "8 x -1"));
    CHECK(contains(error_of([] { reduce_area(ImageView{}, 1, 1); }), "invalid_argument"));
  }
}
