// SPDX-License-Identifier: Apache-2.0
#include "cloud_input.hpp"

#include <string_view>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/recording.hpp>

namespace cli {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;

/// A msgpack map whose first key is a string, as that of each message is. PNG and others begin with
/// the byte of a map too.
bool is_message(std::string_view start) {
  const auto byte = [&](std::size_t at) {
    return at < start.size() ? static_cast<unsigned char>(start[at]) : 0U;
  };
  std::size_t key = 0;
  if ((byte(0) & 0xF0U) == 0x80) key = 1;  // fixmap
  if (byte(0) == 0xDE) key = 3;            // map 16
  if (byte(0) == 0xDF) key = 5;            // map 32
  const bool is_string = (byte(key) & 0xE0U) == 0xA0 || (byte(key) >= 0xD9 && byte(key) <= 0xDB);
  return key > 0 && is_string;
}

}  // namespace

Contents contents_of(std::span<const std::uint8_t> start) {
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  if (depthcloud::is_recording(start)) return Contents::recording;
  if (text.starts_with("ply\n") || text.starts_with("ply\r")) return Contents::ply;
  for (const char* begin : {"# .PCD", "VERSION", "FIELDS"}) {
    if (text.starts_with(begin)) return Contents::pcd;
  }
  return is_message(text) ? Contents::message : Contents::other;
}

depthcloud::Packet unpack_own(std::span<const std::uint8_t> bytes) {
  return depthcloud::unpack(bytes, {.max_bytes = std::size_t{1} << 30, .max_points = 250'000'000});
}

CloudInput decode_cloud(std::span<const std::uint8_t> bytes) {
  CloudInput input;
  switch (contents_of(bytes)) {
    case Contents::ply:
      input.format = CloudFormat::ply;
      input.packet.cloud = depthcloud::decode_ply(bytes);
      return input;
    case Contents::pcd:
      input.format = CloudFormat::pcd;
      input.packet.cloud = depthcloud::decode_pcd(bytes);
      return input;
    case Contents::message:
      input.packet = unpack_own(bytes);
      return input;
    case Contents::recording:
      throw Error(ErrorCode::unsupported, Stage::file,
                  "a recording: 'depthcloud replay' makes files of its messages");
    case Contents::other:
      break;
  }
  throw Error(bytes.empty() ? ErrorCode::corrupt_data : ErrorCode::unsupported, Stage::file,
              bytes.empty()
                  ? "the file has no bytes"
                  : "neither a .ply, a .pcd nor a .msgpack; 'depthcloud cloud' makes them "
                    "of photos and depth");
}

}  // namespace cli
