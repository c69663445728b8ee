// SPDX-License-Identifier: Apache-2.0
// The entry of the shared object libdepthcloud_video.
#include "video/video_library.hpp"

const void* depthcloud_open_video(const char* version, depthcloud::LogFunction log) {
  return depthcloud::joins(version, log) ? &depthcloud_video() : nullptr;
}
