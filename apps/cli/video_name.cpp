// SPDX-License-Identifier: Apache-2.0
#include "video_name.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "cloud_format.hpp"

namespace cli {

bool is_video(const std::filesystem::path& input) {
  constexpr std::string_view suffixes[] = {
      ".mp4",  ".m4v", ".mov",  ".qt",  ".3gp", ".mkv", ".webm", ".avi",  ".ts",  ".mts",
      ".m2ts", ".mpg", ".mpeg", ".vob", ".ogv", ".flv", ".wmv",  ".h264", ".264", ".h265"};
  constexpr std::string_view beginnings[] = {"camera:", "test:", "/dev/video"};
  const std::string name = input.string();
  const auto begins = [&](std::string_view text) { return name.starts_with(text); };
  return name.find("://") != std::string::npos || std::ranges::any_of(beginnings, begins) ||
         std::ranges::count(suffixes, extension(input)) > 0;
}

}  // namespace cli
