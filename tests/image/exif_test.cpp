// SPDX-License-Identifier: Apache-2.0
#include "image/exif.hpp"

#include <doctest/doctest.h>

#include <cmath>

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
                                                   .plane_unit = 3},
                                                  big_endian));
      CHECK(record.orientation == Orientation::right_top);
      CHECK(record.focal_35mm == 28);
      CHECK(record.focal_mm == doctest::Approx(4.25));
      CHECK(record.focal_plane_density == doctest::Approx(150));
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
}
