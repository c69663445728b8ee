// SPDX-License-Identifier: Apache-2.0
#include "io/exr_chunks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>
#include <string>

#include <fmt/format.h>
#include <zlib.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::corrupt_data, Stage::file, "EXR: " + message);
}

Bytes part(Bytes bytes, std::uint64_t at, std::uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) fail("truncated");
  return bytes.subspan(at, size);
}

template <typename T>
T value(Bytes bytes, std::uint64_t at) {
  T value{};
  std::memcpy(&value, part(bytes, at, sizeof value).data(), sizeof value);
  return value;
}

/// Bytes that run lengths unpack to: a count below 0 of bytes as they are, else one byte more often
/// than the count.
std::uint64_t size_of_runs(Bytes packed) {
  std::uint64_t size = 0;
  while (!packed.empty()) {
    const int byte = packed.front();
    const int count = byte < 128 ? byte : byte - 256;
    const std::size_t taken = count < 0 ? 1 + static_cast<std::size_t>(-count) : 2;
    if (taken > packed.size()) fail("truncated runs");
    size += static_cast<std::uint64_t>(count < 0 ? -count : count + 1);
    packed = packed.subspan(taken);
  }
  return size;
}

/// Bytes that a zlib stream unpacks to, at most one more than `expected`.
std::uint64_t size_of_zlib(Bytes packed, std::uint64_t expected) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  std::array<std::uint8_t, 1 << 14> scratch;
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());  // a chunk has at most 2^31 bytes
  int result = Z_OK;
  while (result == Z_OK && stream.total_out <= expected) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    result = inflate(&stream, Z_NO_FLUSH);
  }
  const std::uint64_t size = stream.total_out;
  inflateEnd(&stream);
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
  return size;
}

void check_chunk(Bytes packed, std::uint64_t expected, ExrCompression compression) {
  std::uint64_t size = packed.size();
  if (size != expected) {  // what would not get smaller is stored plainly
    if (compression == ExrCompression::runs) size = size_of_runs(packed);
    if (compression == ExrCompression::zip_line || compression == ExrCompression::zip) {
      size = size_of_zlib(packed, expected);
    }
  }
  if (size != expected) {
    fail(fmt::format("a part of the picture has {} bytes in place of {}", size, expected));
  }
}

/// Sides of the parts, and the bytes in front of each: where it lies, then its size.
struct Parts {
  std::uint64_t width;
  std::uint64_t height;
  std::uint64_t head;
};

Parts parts_of(const ExrHeader& header) {
  if (header.tile) return {header.tile->width, header.tile->height, 20};
  const std::uint64_t lines = header.compression == ExrCompression::zip ? 16 : 1;
  return {static_cast<std::uint64_t>(header.data.width), lines, 8};
}

}  // namespace

void check_exr_chunks(Bytes file, const ExrHeader& header) {
  if (header.compression == ExrCompression::other) return;
  std::uint64_t pixel_bytes = 0;
  for (const ExrChannel& channel : header.channels) {
    if (channel.subsampled) return;  // not read
    pixel_bytes += channel.type.bytes;
  }
  const Parts parts = parts_of(header);
  const auto width = static_cast<std::uint64_t>(header.data.width);
  const auto height = static_cast<std::uint64_t>(header.data.height);
  std::uint64_t entry = header.bytes.size();
  for (std::uint64_t top = 0; top < height; top += parts.height) {
    for (std::uint64_t left = 0; left < width; left += parts.width) {
      const auto at = value<std::uint64_t>(file, entry);
      entry += sizeof at;
      const Bytes head = part(file, at, parts.head);
      const auto size = value<std::int32_t>(head, parts.head - sizeof(std::int32_t));
      if (size < 0) fail("a part of the picture has a negative size");
      const std::uint64_t rows = std::min(parts.height, height - top);
      const std::uint64_t columns = std::min(parts.width, width - left);
      check_chunk(part(file, at + parts.head, static_cast<std::uint64_t>(size)),
                  rows * columns * pixel_bytes, header.compression);
    }
  }
}

}  // namespace depthcloud
