// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cli {

/// While it lives, what the library remarks on a photo goes to standard error, as a line with the
/// photo's name. One at a time.
class AboutPhoto {
 public:
  explicit AboutPhoto(const std::filesystem::path& photo);
  ~AboutPhoto();
  AboutPhoto(const AboutPhoto&) = delete;
  AboutPhoto& operator=(const AboutPhoto&) = delete;
};

/// No remarks from here on.
void silence_remarks();

}  // namespace cli
