// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// The long names of the flags that a command line has, "--stride", whatever their values.
class GivenFlags {
 public:
  void add(const std::string& flag) { flags_.push_back(flag); }
  bool has(std::string_view flag) const { return std::ranges::count(flags_, flag) > 0; }

 private:
  std::vector<std::string> flags_;
};

}  // namespace cli
