// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/video_decoder.hpp>

#include "core/enum_names.hpp"
#include "core/quote.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<VideoCodec, 4> codec_names{{"h264", "vp8", "vp9", "av1"}};

/// The first part of a codec string says which it is; profile and level follow after points.
struct CodecString {
  std::string_view first;
  VideoCodec codec;
};

constexpr CodecString codec_strings[] = {{"avc1", VideoCodec::h264}, {"avc3", VideoCodec::h264},
                                         {"vp8", VideoCodec::vp8},   {"vp08", VideoCodec::vp8},
                                         {"vp9", VideoCodec::vp9},   {"vp09", VideoCodec::vp9},
                                         {"av01", VideoCodec::av1}};

}  // namespace

const char* to_string(VideoCodec codec) noexcept { return codec_names.to_string(codec); }

VideoCodec parse_codec_string(std::string_view codec) {
  const std::string_view first = codec.substr(0, codec.find('.'));
  for (const CodecString& known : codec_strings) {
    if (first == known.first) return known.codec;
  }
  throw Error(ErrorCode::unsupported, Stage::control,
              fmt::format("no such codec: {} (avc1..., vp8, vp09... or av01...)", quote(codec)));
}

}  // namespace depthcloud
