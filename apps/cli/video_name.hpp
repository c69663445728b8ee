// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cli {

/// Whether an input is a video: a file, by its suffix, an address ("rtsp://..."), a camera
/// ("camera:0", "/dev/video0") or a test pattern ("test:").
bool is_video(const std::filesystem::path& input);

}  // namespace cli
