// SPDX-License-Identifier: Apache-2.0
#include "video/missing_bytes.hpp"

#include <array>
#include <bit>
#include <fstream>
#include <optional>
#include <system_error>

namespace depthcloud {
namespace {

/// Reads numbers from places of a file.
class Numbers {
 public:
  explicit Numbers(const std::filesystem::path& file) : stream_(file, std::ios::binary) {}

  std::optional<std::uint64_t> big_endian(std::uint64_t at, std::size_t size) {
    std::array<char, 8> bytes{};
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(at));
    if (!stream_.read(bytes.data(), static_cast<std::streamsize>(size))) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  /// A number of Matroska, whose first byte tells its length (RFC 8794, 4).
  struct Sized {
    std::uint64_t value = 0;
    std::size_t size = 0;
    bool is_unknown = false;
  };
  std::optional<Sized> sized(std::uint64_t at) {
    const auto first = big_endian(at, 1);
    if (!first || *first == 0) return std::nullopt;
    const auto size =
        static_cast<std::size_t>(std::countl_zero(static_cast<std::uint8_t>(*first))) + 1;
    const auto all = big_endian(at, size);
    if (!all) return std::nullopt;
    const std::uint64_t mask = (std::uint64_t{1} << (7 * size)) - 1;
    return Sized{*all & mask, size, (*all & mask) == mask};
  }

 private:
  std::ifstream stream_;
};

/// The end of the last box that begins within the file (ISO/IEC 14496-12, 4.2).
std::uint64_t end_of_mp4(Numbers& numbers, std::uint64_t file_size) {
  std::uint64_t at = 0;
  while (at < file_size) {
    const auto short_size = numbers.big_endian(at, 4);
    if (!short_size || *short_size == 0) return file_size;  // to the end, whatever that is
    const auto size = *short_size == 1 ? numbers.big_endian(at + 8, 8) : short_size;
    constexpr std::uint64_t longest = std::uint64_t{1} << 60;
    if (!size || *size < 8 || *size > longest) return file_size;
    at += *size;
  }
  return at;
}

/// The end of the segment, which follows the header.
std::uint64_t end_of_matroska(Numbers& numbers, std::uint64_t file_size) {
  constexpr std::uint64_t id_size = 4;
  const auto header = numbers.sized(id_size);
  if (!header) return file_size;
  const std::uint64_t segment = id_size + header->size + header->value;
  const auto size = numbers.sized(segment + id_size);
  if (!size || size->is_unknown) return file_size;
  return segment + id_size + size->size + size->value;
}

std::uint64_t end_of_avi(Numbers& numbers, std::uint64_t file_size) {
  const auto size = numbers.big_endian(4, 4);
  if (!size) return file_size;
  const auto swapped = static_cast<std::uint32_t>(*size);
  return 8 + std::uint64_t{(swapped >> 24) | ((swapped >> 8) & 0xFF00U) |
                           ((swapped << 8) & 0xFF0000U) | (swapped << 24)};
}

}  // namespace

std::uint64_t missing_bytes(const std::filesystem::path& file) {
  std::error_code failure;
  const std::uint64_t file_size = std::filesystem::file_size(file, failure);
  if (failure) return 0;
  Numbers numbers(file);
  constexpr std::uint64_t riff = 0x52494646;
  constexpr std::uint64_t ebml = 0x1A45DFA3;
  constexpr std::uint64_t ftyp = 0x66747970;
  std::uint64_t end = file_size;
  const auto start = numbers.big_endian(0, 4);
  if (start == riff) {
    end = end_of_avi(numbers, file_size);
  } else if (start == ebml) {
    end = end_of_matroska(numbers, file_size);
  } else if (numbers.big_endian(4, 4) == ftyp) {
    end = end_of_mp4(numbers, file_size);
  }
  return end > file_size ? end - file_size : 0;
}

}  // namespace depthcloud
