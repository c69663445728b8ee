// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/h264_sizes.hpp"

#include <memory>

#define GST_USE_UNSTABLE_API  // no release of GStreamer 1 has changed what is used here
#include <gst/codecparsers/gsth264parser.h>

#include <depthcloud/error.hpp>

#include "video/gstreamer/rgb_converter.hpp"

namespace depthcloud {
namespace {

void check_parameter_set(GstH264NalUnit& unit, std::int64_t max_pixels) {
  GstH264SPS set{};
  if (gst_h264_parse_sps(&unit, &set) != GST_H264_PARSER_OK) {
    throw Error(ErrorCode::corrupt_data, Stage::decode, "a parameter set cannot be read");
  }
  const int width = set.width, height = set.height;
  gst_h264_sps_clear(&set);
  check_pixels(width, height, max_pixels);
}

}  // namespace

void check_h264_sizes(std::span<const std::uint8_t> unit, std::int64_t max_pixels) {
  const std::unique_ptr<GstH264NalParser, decltype(&gst_h264_nal_parser_free)> parser(
      gst_h264_nal_parser_new(), gst_h264_nal_parser_free);
  GstH264NalUnit found{};
  for (std::size_t at = 0; at < unit.size(); at = found.offset + found.size) {
    const GstH264ParserResult result = gst_h264_parser_identify_nalu(
        parser.get(), unit.data(), static_cast<guint>(at), unit.size(), &found);
    // The last unit of the stream has no end of its own.
    if (result != GST_H264_PARSER_OK && result != GST_H264_PARSER_NO_NAL_END) return;
    const bool is_set = found.type == GST_H264_NAL_SPS || found.type == GST_H264_NAL_SUBSET_SPS;
    if (is_set) check_parameter_set(found, max_pixels);
  }
}

}  // namespace depthcloud
