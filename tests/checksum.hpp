// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// FNV-1a of whole numbers: what must come out alike on every processor, as one number.
class Checksum {
 public:
  template <typename Values>
  void add(const Values& values) {
    for (const std::uint32_t value : values) value_ = (value_ ^ value) * 0x01000193u;
  }
  std::uint32_t value() const { return value_; }

 private:
  std::uint32_t value_ = 0x811C9DC5u;
};
