// SPDX-License-Identifier: Apache-2.0
#include "image/exif.hpp"

#include <doctest/doctest.h>
#include <depthcloud/log.hpp>

#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

#include "image/samples.hpp"

using depthcloud::ExifRecord;
using depthcloud::focal_px;
using depthcloud::Orientation;
using depthcloud::read_exif;
using samples::ExifFields;

TEST_SUITE("image") {
  TEST_CASE("read_exif reads every field in both byte orders") {
    for (const bool big_endian : {false, true}) {
      CAPTURE(big_endian);
      const auto record = read_exif(samples::exif({.orientation = 6,
                                                   .focal_35mm = 28,
                                                   .focal_mm = {425, 100},
                                                   .plane_density = {3000, 2},
                                                   .plane_unit = 3,
                                                   .pixels = {640, 480}},
                                                  big_endian));
      CHECK(record.orientation == Orientation::right_top);
      CHECK(record.focal_35mm == 28);
      CHECK(record.focal_mm == doctest::Approx(4.25));
      CHECK(record.focal_plane_density == doctest::Approx(150));
      CHECK(record.recorded_width == 640);
      CHECK(record.recorded_height == 480);
    }
  }

  TEST_CASE("what is missing or makes no sense counts as not known") {
    const auto nothing = read_exif({});
    CHECK(nothing.orientation == Orientation::top_left);
    CHECK(focal_px(nothing, 640, 480) == 0);
    CHECK(read_exif(samples::exif({.orientation = 9})).orientation == Orientation::top_left);
    CHECK(read_exif(samples::exif({.plane_density = {0, 1}})).focal_plane_density == 0);
    samples::Bytes zero_denominator = samples::exif({.focal_mm = {50, 1}});
    zero_denominator[zero_denominator.size() - 4] = 0;
    CHECK(read_exif(zero_denominator).focal_mm == 0);
  }

  TEST_CASE("an orientation of another type is not misread") {
    samples::Bytes record = samples::exif({.orientation = 6});
    const std::size_t type_at = 6 + 8 + 2 + 2;
    REQUIRE(record[type_at] == 3);
    record[type_at] = 7;  // undefined bytes
    CHECK(read_exif(record).orientation == Orientation::top_left);
  }

  TEST_CASE("a cut or damaged record never does harm") {
    const auto record = samples::exif(
        {.orientation = 3, .focal_35mm = 35, .focal_mm = {5, 1}, .plane_density = {1, 1}});
    for (std::size_t size = 0; size <= record.size(); ++size) {
      const samples::Bytes cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(focal_px(read_exif(cut), 640, 480) >= 0);
    }
    for (std::size_t i = 6; i < record.size(); ++i) {
      for (const int value : {0x00, 0x7F, 0x80, 0xFF}) {
        samples::Bytes damaged = record;
        damaged[i] = static_cast<std::uint8_t>(value);
        CHECK(std::isfinite(focal_px(read_exif(damaged), 640, 480)));
      }
    }
  }

  TEST_CASE("the 35 mm equivalent is one of diagonals") {
    ExifRecord record;
    record.focal_35mm = 28;
    CHECK(focal_px(record, 3600, 2400) == doctest::Approx(2800));  // 3:2, as film
    CHECK(focal_px(record, 4000, 3000) == doctest::Approx(28 * 5000 / 43.2666).epsilon(1e-5));
  }

  TEST_CASE("without it, the lens and the sensor's density tell") {
    auto record = read_exif(samples::exif({.focal_mm = {50, 1}, .plane_density = {2540, 1}}));
    CHECK(focal_px(record, 640, 480) == doctest::Approx(5000));  // per inch where no unit is named
    record = read_exif(
        samples::exif({.focal_mm = {50, 1}, .plane_density = {2540, 1}, .plane_unit = 2}));
    CHECK(focal_px(record, 640, 480) == doctest::Approx(5000));
    record = read_exif(
        samples::exif({.focal_mm = {50, 1}, .plane_density = {1000, 1}, .plane_unit = 3}));
    CHECK(focal_px(record, 640, 480) == doctest::Approx(5000));
    record.focal_35mm = 36;
    CHECK(focal_px(record, 3600, 2400) == doctest::Approx(3600));  // the equivalent goes first
  }

  TEST_CASE("every unit of the sensor's density, and none") {
    // A 22.2 mm wide sensor of 4272 pixels, as the camera's record has it in each unit.
    const auto focal_of = [](int unit, std::uint32_t numerator, std::uint32_t denominator) {
      return focal_px(read_exif(samples::exif({.focal_mm = {125, 10},
                                               .plane_density = {numerator, denominator},
                                               .plane_unit = unit})),
                      4272, 2848);
    };
    const double expected = 12.5 * 4272 / 22.2;
    const auto is_expected = [=](double focal) { return std::abs(focal / expected - 1) < 1e-3; };
    CHECK(is_expected(focal_of(2, 4887750, 1000)));
    CHECK(is_expected(focal_of(1, 4887750, 1000)));  // "none": the inch, as in TIFF
    CHECK(is_expected(focal_of(0, 4887750, 1000)));  // left out
    CHECK(is_expected(focal_of(3, 1924324, 1000)));
    CHECK(is_expected(focal_of(4, 192432, 1000)));
    CHECK(is_expected(focal_of(5, 192432, 1000000)));
    CHECK(focal_of(77, 4887750, 1000) == 0);
  }

  TEST_CASE("the density of either axis will do") {
    const auto record = read_exif(
        samples::exif({.focal_mm = {50, 1}, .plane_unit = 4, .plane_density_y = {20, 1}}));
    CHECK(focal_px(record, 640, 480) == doctest::Approx(1000));
  }

  TEST_CASE("the density is of the pixels that the camera stored") {
    const auto focal_of = [](int width, int height, std::uint32_t recorded_width,
                             std::uint32_t recorded_height) {
      return focal_px(read_exif(samples::exif({.focal_mm = {10, 1},
                                               .plane_density = {200, 1},
                                               .plane_unit = 4,
                                               .pixels = {recorded_width, recorded_height}})),
                      width, height);
    };
    CHECK(focal_of(4000, 3000, 4000, 3000) == doctest::Approx(2000));
    CHECK(focal_of(1000, 750, 4000, 3000) == doctest::Approx(500));  // resized
    CHECK(focal_of(1000, 750, 4000, 0) == doctest::Approx(500));
    CHECK(focal_of(1000, 750, 0, 3000) == doctest::Approx(500));
    CHECK(focal_of(750, 1000, 4000, 3000) == doctest::Approx(500));  // and turned by a program
    CHECK(focal_of(3000, 4000, 4000, 3000) == doctest::Approx(2000));
    CHECK(focal_of(4000, 2250, 4000, 3000) == doctest::Approx(2000));  // cropped to 16:9
    CHECK(focal_of(1500, 3000, 4000, 3000) == doctest::Approx(2000));  // to a portrait
    CHECK(focal_of(1080, 1080, 4000, 3000) == doctest::Approx(720));   // cropped, then resized
    CHECK(focal_of(1000, 750, 0, 0) == doctest::Approx(2000));         // nothing is known
  }

  TEST_CASE("what no camera sees is set aside and remarked") {
    std::string remark;
    depthcloud::set_log_callback(
        [&](depthcloud::LogLevel, std::string_view line) { remark = line; });
    const auto focal_of = [&](const ExifRecord& record, int width, int height) {
      remark.clear();
      return photo_info(record, width, height, record.orientation).focal_px;
    };
    ExifRecord record{.focal_mm = 5, .focal_plane_density = 1};
    CHECK(focal_of(record, 4000, 3000) == 0);
    CHECK(remark ==
          "the EXIF focal length of 5 pixels is set aside: no camera sees 4000 x 3000 "
          "pixels so");
    record.focal_35mm = 28;  // contradicts, and makes sense
    CHECK(focal_of(record, 3600, 2400) == doctest::Approx(2800));
    CHECK(remark.empty());
    record = {.focal_35mm = 60000, .focal_mm = 5, .focal_plane_density = 600};
    CHECK(focal_of(record, 4000, 3000) == 3000);
    CHECK(remark.empty());
    CHECK(focal_of({}, 4000, 3000) == 0);
    CHECK(remark.empty());
    samples::ExifFields fields{.focal_mm = {5, 1}, .plane_density = {600, 1}, .plane_unit = 77};
    CHECK(focal_of(read_exif(samples::exif(fields)), 4000, 3000) == 0);
    CHECK(remark ==
          "the EXIF focal length of 5 mm is set aside: the sensor's resolution counts in unit 77, "
          "which is none that is known");
    fields = {.focal_mm = {5, 1}, .plane_density = {0, 1}, .plane_unit = 2};
    CHECK(focal_of(read_exif(samples::exif(fields)), 4000, 3000) == 0);
    CHECK(remark ==
          "the EXIF focal length of 5 mm is set aside: the sensor's resolution is not above 0");
    fields.focal_35mm = 28;
    CHECK(focal_of(read_exif(samples::exif(fields)), 3600, 2400) == doctest::Approx(2800));
    CHECK(remark.empty());
    CHECK(focal_of(read_exif(samples::exif({.focal_mm = {5, 1}})), 4000, 3000) == 0);
    CHECK(remark.empty());
    // 5 and 150 degrees of the longer side, whichever way the photo is turned.
    const double tele = 2000 / std::tan(2.5 * std::numbers::pi / 180);
    const double wide = 2000 / std::tan(75 * std::numbers::pi / 180);
    for (const auto orientation : {Orientation::top_left, Orientation::right_top}) {
      for (const bool turned : {false, true}) {
        const int width = turned ? 3000 : 4000;
        const int height = turned ? 4000 : 3000;
        const auto seen = [&](double focal) {
          return focal_of({orientation, 0, focal, 1}, width, height) > 0;
        };
        CHECK(seen(tele * 0.999));
        CHECK_FALSE(seen(tele * 1.001));
        CHECK(seen(wide * 1.001));
        CHECK_FALSE(seen(wide * 0.999));
      }
    }
    depthcloud::set_log_callback(nullptr);
  }
}
