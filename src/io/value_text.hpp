// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace depthcloud {

/// The words of the text that follows a header, between white space of any kind.
class ValueText {
 public:
  /// `format` is for messages, "PLY".
  ValueText(std::span<const std::uint8_t> bytes, std::string_view format)
      : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), format_(format) {}

  std::size_t remaining() const { return text_.size() - at_; }
  /// Throws Error{corrupt_data, stage file} at the end.
  std::string_view word();
  /// A word that is a number; nan and inf are. Throws Error{corrupt_data, stage file}.
  double number() { return number(word()); }
  double number(std::string_view word) const;

 private:
  std::string_view text_;
  std::string_view format_;
  std::size_t at_ = 0;
};

}  // namespace depthcloud
