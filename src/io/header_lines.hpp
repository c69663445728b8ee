// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace depthcloud {

/// The words of a line, between spaces and tabs.
std::vector<std::string_view> words_of(std::string_view line);

/// The lines of a text header in front of data, with any kind of line ends.
class HeaderLines {
 public:
  /// Longest header that is read, bytes.
  static constexpr std::size_t max_bytes = std::size_t{64} << 10;

  /// `format` is for messages, "PLY". The lines point into `bytes`.
  HeaderLines(std::span<const std::uint8_t> bytes, std::string_view format);

  /// The next line, without its end. Throws Error{corrupt_data, stage file} where the file ends
  /// before the line does, Error{limit_exceeded} where the header is too long.
  std::string_view next();
  /// What follows the last line.
  std::span<const std::uint8_t> rest() const { return bytes_.subspan(at_); }

  /// Throws Error{corrupt_data, stage file} that names the last line.
  [[noreturn]] void fail(const std::string& problem) const;
  /// A whole number of the last line, digits only. Throws as fail().
  std::uint64_t number(std::string_view word) const;

 private:
  std::span<const std::uint8_t> bytes_;
  std::string_view format_;
  char end_ = '\n';
  std::size_t at_ = 0;
  std::size_t lines_ = 0;
  std::string_view line_;
};

}  // namespace depthcloud
