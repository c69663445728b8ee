// SPDX-License-Identifier: Apache-2.0
#include "rivals/rvl.hpp"

namespace rivals {
namespace {

/// Eight nibbles to a word, the first in the highest bits.
class NibbleWriter {
 public:
  explicit NibbleWriter(std::size_t pixels) { words_.reserve(pixels / 2 + 8); }

  void write(std::uint32_t value) {
    do {
      const std::uint32_t more = value > 7 ? 8 : 0;
      word_ = word_ << 4 | more | (value & 7);
      if (++nibbles_ == 8) flush();
      value >>= 3;
    } while (value != 0);
  }

  std::vector<std::uint32_t> finish() {
    if (nibbles_ > 0) {
      word_ <<= 4 * (8 - nibbles_);
      flush();
    }
    return std::move(words_);
  }

 private:
  void flush() {
    words_.push_back(word_);
    word_ = 0;
    nibbles_ = 0;
  }

  std::vector<std::uint32_t> words_;
  std::uint32_t word_ = 0;
  unsigned nibbles_ = 0;
};

class NibbleReader {
 public:
  explicit NibbleReader(std::span<const std::uint32_t> words) : next_(words.data()) {}

  std::uint32_t read() {
    std::uint32_t value = 0;
    for (unsigned shift = 0;; shift += 3) {
      if (nibbles_ == 0) {
        word_ = *next_++;
        nibbles_ = 8;
      }
      const std::uint32_t nibble = word_ >> 28;
      word_ <<= 4;
      --nibbles_;
      value |= (nibble & 7) << shift;
      if (nibble < 8) return value;
    }
  }

 private:
  const std::uint32_t* next_;
  std::uint32_t word_ = 0;
  unsigned nibbles_ = 0;
};

}  // namespace

std::vector<std::uint32_t> rvl_encode(std::span<const std::uint16_t> depth) {
  NibbleWriter writer(depth.size());
  std::size_t i = 0;
  std::int32_t previous = 0;
  while (i < depth.size()) {
    const std::size_t zeros_from = i;
    while (i < depth.size() && depth[i] == 0) ++i;
    writer.write(static_cast<std::uint32_t>(i - zeros_from));
    const std::size_t values_from = i;
    while (i < depth.size() && depth[i] != 0) ++i;
    writer.write(static_cast<std::uint32_t>(i - values_from));
    for (std::size_t k = values_from; k < i; ++k) {
      const std::int32_t delta = depth[k] - previous;
      writer.write(static_cast<std::uint32_t>((delta << 1) ^ (delta >> 31)));
      previous = depth[k];
    }
  }
  return writer.finish();
}

void rvl_decode(std::span<const std::uint32_t> words, std::span<std::uint16_t> depth) {
  NibbleReader reader(words);
  std::size_t i = 0;
  std::int32_t previous = 0;
  while (i < depth.size()) {
    for (std::uint32_t zeros = reader.read(); zeros > 0; --zeros) depth[i++] = 0;
    for (std::uint32_t values = reader.read(); values > 0; --values) {
      const std::uint32_t code = reader.read();
      previous += static_cast<std::int32_t>((code >> 1) ^ (0u - (code & 1)));
      depth[i++] = static_cast<std::uint16_t>(previous);
    }
  }
}

}  // namespace rivals
