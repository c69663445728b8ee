// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/video_decoder.hpp>

#include "expect_error.hpp"

using depthcloud::parse_codec_string;
using depthcloud::VideoCodec;

TEST_SUITE("video") {
  TEST_CASE("codec strings of WebCodecs name a codec") {
    CHECK(parse_codec_string("avc1.42E01F") == VideoCodec::h264);
    CHECK(parse_codec_string("avc3.640028") == VideoCodec::h264);
    CHECK(parse_codec_string("vp8") == VideoCodec::vp8);
    CHECK(parse_codec_string("vp9") == VideoCodec::vp9);
    CHECK(parse_codec_string("vp09.00.10.08") == VideoCodec::vp9);
    CHECK(parse_codec_string("av01.0.04M.08") == VideoCodec::av1);
    CHECK(to_string(VideoCodec::av1) == std::string("av1"));
  }

  TEST_CASE("a codec string of another codec is unsupported") {
    for (const char* codec : {"", "hvc1.1.6.L93.B0", "avc1x", "VP8", ".42E01F"}) {
      CAPTURE(codec);
      CHECK(error_of([&] {
              parse_codec_string(codec);
            }).starts_with("unsupported control: no such codec: "));
    }
  }
}
