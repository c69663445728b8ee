// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace cli {

/// While it lives, what the library remarks goes to standard error, each remark as one line. One at
/// a time.
class Remarks {
 public:
  /// Of a network that is loaded: they name it themselves.
  Remarks();
  /// Of a photo or a depth file: its name comes first.
  explicit Remarks(const std::filesystem::path& file);
  ~Remarks();
  Remarks(const Remarks&) = delete;
  Remarks& operator=(const Remarks&) = delete;
};

/// No remarks from here on.
void silence_remarks();

}  // namespace cli
