// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace depthcloud {

/// True when a file begins with this mark ("P5") and white space behind it.
bool has_netpbm_mark(std::span<const std::uint8_t> bytes, std::string_view mark) noexcept;

/// The words in which the headers of PGM and PFM files are written: between white space and
/// comments, which go from a '#' to the end of their line. Errors (stage file): corrupt_data.
class NetpbmHeader {
 public:
  /// `format` is for messages. The words begin behind the mark.
  NetpbmHeader(std::span<const std::uint8_t> bytes, std::string_view format);

  std::string_view word();
  /// A word that is a whole number, digits only.
  std::uint64_t number();
  /// True when nothing but white space and comments is left.
  bool at_end();
  /// What follows the one white space behind the last word.
  std::span<const std::uint8_t> data();

 private:
  void skip_space();

  std::string_view text_;
  std::size_t at_ = 2;
  std::string format_;
};

}  // namespace depthcloud
