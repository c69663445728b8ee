// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cli {

/// While it lives, what the library remarks on a photo or depth file goes to standard error, as a
/// line with the file's name. One at a time.
class AboutFile {
 public:
  explicit AboutFile(const std::filesystem::path& file);
  ~AboutFile();
  AboutFile(const AboutFile&) = delete;
  AboutFile& operator=(const AboutFile&) = delete;
};

/// No remarks from here on.
void silence_remarks();

}  // namespace cli
