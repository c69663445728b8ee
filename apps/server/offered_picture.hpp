// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include <depthcloud/stream_hub.hpp>
#include <depthcloud/video_frame.hpp>

namespace server {

/// Returns a view of the picture for a hub; it lives until the hub has read it.
inline depthcloud::OfferedView offered(std::shared_ptr<const depthcloud::VideoFrame> picture) {
  const depthcloud::ImageView view = picture->image.view();
  return depthcloud::RawFrame{view, [kept = std::move(picture)] {}};
}

}  // namespace server
