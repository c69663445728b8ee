// SPDX-License-Identifier: Apache-2.0
#include "video/uri.hpp"

#include <doctest/doctest.h>

#include <depthcloud/video_source.hpp>

using depthcloud::is_percent_encoded;
using depthcloud::percent_decoded;
using depthcloud::uri_password;
using depthcloud::uri_scheme;
using depthcloud::without_password;
using depthcloud::without_password_of;

TEST_SUITE("video") {
  TEST_CASE("a scheme is what stands before the colon, and no path") {
    CHECK(uri_scheme("RTSP://host/x") == "rtsp");
    CHECK(uri_scheme("camera:0") == "camera");
    CHECK(uri_scheme("clip.mp4") == "");
    CHECK(uri_scheme("c:clip.mp4") == "");
    CHECK(uri_scheme("a folder/clip:1.mp4") == "");
    CHECK(uri_scheme("1:00.mp4") == "");
  }

  TEST_CASE("a password is replaced, whatever it holds") {
    CHECK(without_password("rtsp://user:secret@host:554/live") == "rtsp://user:***@host:554/live");
    CHECK(without_password("rtsp://user:s@cr:et@host/live") == "rtsp://user:***@host/live");
    CHECK(without_password("rtsp://user:se/cret@host/live") == "rtsp://user:***@host/live");
    CHECK(without_password("http://:secret@host") == "http://:***@host");
    CHECK(without_password("rtsp://user@host:554/live") == "rtsp://user@host:554/live");
    CHECK(without_password("http://host/a:b") == "http://host/a:b");
    CHECK(without_password("clip.mp4") == "clip.mp4");
    CHECK(uri_password("http://user:@host").empty());
  }

  TEST_CASE("percent signs and two hexadecimal digits are a byte, others stay") {
    CHECK(percent_decoded("a%20b%2fc%C3%a9") == "a b/c\xc3\xa9");
    CHECK(percent_decoded("100% of %4 and %zz%") == "100% of %4 and %zz%");
    CHECK(is_percent_encoded("a%20b"));
    CHECK(is_percent_encoded(""));
    for (const char* text : {"%", "%4", "%4g", "a%20%"}) CHECK_FALSE(is_percent_encoded(text));
  }

  TEST_CASE("a password leaves other texts too, encoded or not") {
    const char* const uri = "rtsp://user:s%40crt@host/live";
    CHECK(without_password_of(uri, "cannot open rtsp://user:s%40crt@host/live: s@crt is wrong") ==
          "cannot open rtsp://user:***@host/live: *** is wrong");
    CHECK(without_password_of("rtsp://host/live", "as it is") == "as it is");
  }
}
