// SPDX-License-Identifier: Apache-2.0
#include "video/video_library.hpp"

#include <string>

#include <depthcloud/system_info.hpp>

namespace depthcloud {
namespace {

constexpr Module video_module{
    .file = "libdepthcloud_video",
    .variable = "DEPTHCLOUD_VIDEO_LIBRARY",
    .entry = "depthcloud_open_video",
    .contents = "video library",
    .need = "video needs",
    .remedy =
        "install libdepthcloud-video of this version, build with -DDEPTHCLOUD_VIDEO=ON and "
        "GStreamer (apt-get install libgstreamer-plugins-bad1.0-dev)",
    .without = ""};

}  // namespace

const VideoLibrary& video_library() {
  if (&depthcloud_video != nullptr) return depthcloud_video();
  // Tried anew by the next call where it throws.
  static const void* const opened = open_module(video_module);
  return *static_cast<const VideoLibrary*>(opened);
}

std::string video_obstacle() {
  return obstacle_of([] { video_library(); });
}

std::string video_version() { return video_obstacle().empty() ? video_library().version() : ""; }

}  // namespace depthcloud
