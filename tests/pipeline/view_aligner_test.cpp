// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <depthcloud/view_aligner.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

using std::chrono::milliseconds;

Clock::time_point at(int ms) { return Clock::time_point(milliseconds(1'000'000 + ms)); }

/// Adds the frame "CAMERA@MS" and returns the set that it completes: "1@0 2@15", or "".
std::string add(ViewAligner<int>& aligner, std::uint64_t camera, int ms) {
  std::string text;
  if (const auto set = aligner.add(camera, at(ms), ms)) {
    for (const auto& view : *set) {
      CHECK(view.time == at(view.frame));
      if (!text.empty()) text += ' ';
      text += std::to_string(view.camera);
      text += '@';
      text += std::to_string(view.frame);
    }
  }
  return text;
}

}  // namespace

TEST_SUITE("pipeline") {
  TEST_CASE("one camera alone: every frame is a set") {
    ViewAligner<int> aligner;
    CHECK(add(aligner, 7, 0) == "7@0");
    CHECK(add(aligner, 7, 33) == "7@33");
  }

  TEST_CASE("two cameras at the same rate give one set a frame, each frame once") {
    ViewAligner<int> aligner;
    CHECK(add(aligner, 1, 0) == "1@0");  // the other is not known yet
    CHECK(add(aligner, 2, 15) == "");    // from here on both are waited for
    CHECK(add(aligner, 1, 33) == "1@33 2@15");
    CHECK(add(aligner, 2, 48) == "");
    CHECK(add(aligner, 1, 66) == "1@66 2@48");
  }

  TEST_CASE("the slowest camera sets the pace, and the frame nearest before it is taken") {
    ViewAligner<int> aligner;
    add(aligner, 1, 0);
    add(aligner, 2, 10);
    CHECK(add(aligner, 1, 30) == "1@30 2@10");
    CHECK(add(aligner, 1, 60) == "");
    CHECK(add(aligner, 1, 90) == "");
    CHECK(aligner.waiting(1) == 2);
    CHECK(add(aligner, 2, 100) == "1@90 2@100");
    CHECK(aligner.waiting(1) == 0);
  }

  TEST_CASE("a camera that stops holds the others up for no longer than the window") {
    ViewAligner<int> aligner({.window = milliseconds(50)});
    add(aligner, 1, 0);
    add(aligner, 2, 5);
    CHECK(add(aligner, 1, 30) == "1@30 2@5");
    CHECK(add(aligner, 2, 35) == "");
    CHECK(add(aligner, 1, 55) == "1@55 2@35");
    CHECK(add(aligner, 1, 80) == "");
    CHECK(add(aligner, 1, 85) == "");  // 2 was last seen 50 ms ago
    CHECK(add(aligner, 1, 86) == "1@86");
    CHECK(add(aligner, 2, 120) == "");
    CHECK(add(aligner, 1, 125) == "1@125 2@120");
  }

  TEST_CASE("views of a set are never farther apart than the window") {
    ViewAligner<int> narrow({.window = milliseconds(10)});
    add(narrow, 1, 0);
    CHECK(add(narrow, 2, 15) == "2@15");
    CHECK(add(narrow, 1, 33) == "1@33");
    ViewAligner<int> wide({.window = milliseconds(40)});
    add(wide, 1, 0);
    CHECK(add(wide, 2, 15) == "");
    CHECK(add(wide, 1, 33) == "1@33 2@15");
  }

  TEST_CASE("a buffer keeps the newest frames of its camera") {
    ViewAligner<int> aligner({.window = milliseconds(1000), .buffer_size = 2});
    add(aligner, 1, 0);
    add(aligner, 2, 1);
    CHECK(add(aligner, 1, 2) == "1@2 2@1");
    for (const int ms : {10, 20, 30}) CHECK(add(aligner, 1, ms) == "");
    CHECK(aligner.waiting(1) == 2);
    CHECK(add(aligner, 2, 15) == "1@20 2@15");
    CHECK(aligner.waiting(1) == 1);
  }

  TEST_CASE("a camera that left is not waited for; old frames are dropped") {
    ViewAligner<int> aligner;
    add(aligner, 1, 0);
    add(aligner, 2, 5);
    CHECK(add(aligner, 1, 30) == "1@30 2@5");
    CHECK(add(aligner, 1, 60) == "");
    aligner.remove(2);
    CHECK(aligner.waiting(2) == 0);
    CHECK(add(aligner, 1, 70) == "1@70");
    CHECK(add(aligner, 1, 69) == "");
    CHECK(aligner.waiting(1) == 0);
  }

  TEST_CASE("frames may be of a kind that only moves") {
    ViewAligner<std::unique_ptr<int>> aligner;
    const auto set = aligner.add(1, at(0), std::make_unique<int>(5));
    REQUIRE(set);
    CHECK(*set->front().frame == 5);
  }

  TEST_CASE("align options are checked") {
    CHECK(error_of([] { ViewAligner<int> aligner({.window = milliseconds(-1)}); }) ==
          "invalid_argument control: the align window is negative");
    CHECK(error_of([] { ViewAligner<int> aligner({.buffer_size = 0}); }) ==
          "invalid_argument control: the align buffer holds 0 frames, must hold at least 1");
  }
}

}  // namespace depthcloud
