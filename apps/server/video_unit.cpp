// SPDX-License-Identifier: Apache-2.0
#include "video_unit.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace server {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;

constexpr std::array<std::uint8_t, 4> magic = {'D', 'C', 'V', 'U'};
constexpr std::size_t header_bytes = 16;
constexpr std::size_t kind_at = 4;
constexpr std::size_t flags_at = 5;
constexpr std::size_t reserved_at = 6;
constexpr std::size_t time_at = 8;
constexpr std::uint8_t kind_access_unit = 1;
constexpr std::uint8_t flag_key = 1;
constexpr std::uint64_t longest_time = (std::uint64_t{1} << 53) - 1;  // what JavaScript counts to

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, depthcloud::Stage::decode, message);
}

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

}  // namespace

bool is_video_unit(std::span<const std::uint8_t> message) noexcept {
  return message.size() >= magic.size() && std::equal(magic.begin(), magic.end(), message.begin());
}

VideoUnit read_video_unit(std::span<const std::uint8_t> message) {
  if (message.size() < header_bytes) {
    fail(ErrorCode::corrupt_data, fmt::format("an access unit of {} bytes: its header alone has {}",
                                              message.size(), header_bytes));
  }
  if (message[kind_at] != kind_access_unit) {
    fail(ErrorCode::unsupported,
         fmt::format("a video message of kind {}: an access unit is of kind {}", message[kind_at],
                     kind_access_unit));
  }
  if ((message[flags_at] & ~flag_key) != 0 ||
      little_endian(message.subspan(reserved_at, time_at - reserved_at)) != 0) {
    fail(ErrorCode::unsupported, "an access unit with a flag or a reserved byte that is not known");
  }
  const std::uint64_t time = little_endian(message.subspan(time_at, header_bytes - time_at));
  if (time > longest_time) {
    fail(ErrorCode::corrupt_data, "the time of an access unit is below 2^53 microseconds");
  }
  if (message.size() == header_bytes) fail(ErrorCode::corrupt_data, "an access unit without data");
  return {message.subspan(header_bytes), (message[flags_at] & flag_key) != 0,
          std::chrono::microseconds(time)};
}

}  // namespace server
