// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "video/gstreamer/gstreamer.hpp"
#include "video/gstreamer/packages.hpp"
#include "video/uri.hpp"

namespace depthcloud {
namespace {

ErrorCode code_of(const GError& error) {
  if (error.domain == GST_RESOURCE_ERROR) {
    if (error.code == GST_RESOURCE_ERROR_NOT_FOUND) return ErrorCode::not_found;
    return ErrorCode::io;
  }
  if (error.domain == GST_STREAM_ERROR) {
    switch (error.code) {
      case GST_STREAM_ERROR_CODEC_NOT_FOUND:
        return ErrorCode::unavailable;
      case GST_STREAM_ERROR_TYPE_NOT_FOUND:
      case GST_STREAM_ERROR_WRONG_TYPE:
        return ErrorCode::unsupported;
      default:
        return ErrorCode::corrupt_data;
    }
  }
  if (error.domain == GST_CORE_ERROR && error.code == GST_CORE_ERROR_MISSING_PLUGIN) {
    return ErrorCode::unavailable;
  }
  return ErrorCode::internal;
}

/// The second line: the first names a place in GStreamer's code.
std::string reason_of(const char* debug) {
  const std::string_view text = debug == nullptr ? "" : debug;
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) return "";
  const std::string_view rest = text.substr(line_end + 1);
  return std::string(rest.substr(0, rest.find('\n')));
}

std::string in_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  while (text.ends_with(' ') || text.ends_with('.')) text.pop_back();
  return text;
}

}  // namespace

Error error_of_message(GstMessage* message, std::string_view uri) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  gst_message_parse_error(message, &error, &debug);
  const GlibText owned(debug);
  std::string text = in_one_line(error->message);
  const ErrorCode code = code_of(*error);
  const std::string reason = in_one_line(reason_of(debug));
  if (!reason.empty() && code != ErrorCode::not_found) text += " (" + reason + ")";
  g_clear_error(&error);
  return {code, Stage::decode, without_password_of(uri, text)};
}

std::optional<std::string> missing_plugin(GstMessage* message) {
  const GstStructure* const what = gst_message_get_structure(message);
  if (what == nullptr || gst_structure_has_name(what, "missing-plugin") == FALSE)
    return std::nullopt;
  const char* const type = gst_structure_get_string(what, "type");
  if (type == nullptr) return std::nullopt;
  if (std::string_view(type) == "urisource") {
    const char* const scheme = gst_structure_get_string(what, "detail");
    return missing_protocol(scheme == nullptr ? "" : scheme);
  }
  if (std::string_view(type) == "decoder") {
    GstCaps* caps = nullptr;
    if (gst_structure_get(what, "detail", GST_TYPE_CAPS, &caps, nullptr) == FALSE)
      return std::nullopt;
    const GstMiniPtr<GstCaps> owned(caps);
    const GstStructure* const media = gst_caps_get_structure(caps, 0);
    // A sound that cannot be read is none of our concern.
    if (std::string_view(gst_structure_get_name(media)).starts_with("audio/")) return std::nullopt;
    return missing_decoder(media);
  }
  const char* const name = gst_structure_get_string(what, "detail");
  return missing_element(name == nullptr ? "" : name);
}

}  // namespace depthcloud
