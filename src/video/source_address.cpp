// SPDX-License-Identifier: Apache-2.0
#include "video/source_address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <span>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/video_source.hpp>

#include "core/file_kind.hpp"
#include "core/quote.hpp"
#include "video/uri.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, message);
}

/// Whether files of this kind may hold a video. GStreamer looks at those of no known kind; an Ogg
/// file counts as sound.
bool may_be_video(FileKind kind) {
  constexpr FileKind kinds[] = {FileKind::mp4, FileKind::matroska, FileKind::avi, FileKind::sound,
                                FileKind::unknown};
  return std::ranges::count(kinds, kind) > 0;
}

void check_contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 512> start{};
  stream.read(start.data(), start.size());
  const auto size = static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0));
  if (!stream.is_open() || stream.bad()) refuse(ErrorCode::io, "the file cannot be read");
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(start.data()), size);
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::empty) refuse(ErrorCode::corrupt_data, "not a video but an empty file");
  if (!may_be_video(kind)) {
    refuse(ErrorCode::unsupported, "not a video but " + describe_file(bytes, "a video"));
  }
}

/// A device is a camera, whether it is named so or by its path.
SourceAddress file_or_device(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  switch (status.type()) {
    case fs::file_type::not_found:
      refuse(ErrorCode::not_found, "no such file");
    case fs::file_type::character:
      return {.kind = SourceAddress::Kind::camera, .file = path};
    case fs::file_type::regular:
      check_contents(path);
      return {.kind = SourceAddress::Kind::file, .file = path};
    case fs::file_type::directory:
      refuse(ErrorCode::unsupported, "not a video but a folder");
    case fs::file_type::none:
      refuse(ErrorCode::io, "the file cannot be looked up: " + failure.message());
    default:
      refuse(ErrorCode::unsupported, "neither a file nor a camera");
  }
}

SourceAddress camera(std::string_view number) {
  const bool is_number = !number.empty() && number.size() <= 3 &&
                         number.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) {
    refuse(ErrorCode::invalid_argument,
           fmt::format("no such camera: {} (camera:0, or the path of a device)", quote(number)));
  }
  const fs::path device = fmt::format("/dev/video{}", number);
  std::error_code failure;
  if (!fs::exists(device, failure)) {
    refuse(ErrorCode::not_found, fmt::format("no such camera: there is no {}", device.string()));
  }
  return file_or_device(device);
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_mark(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

/// "WIDTHxHEIGHT@FPS", where either part may be left out.
SourceAddress test_pattern(std::string_view size) {
  SourceAddress address{.kind = SourceAddress::Kind::test};
  std::string_view rest = size;
  bool is_good = rest.empty() || rest.starts_with('@') ||
                 (take_number(rest, address.width) && take_mark(rest, 'x') &&
                  take_number(rest, address.height));
  if (is_good && take_mark(rest, '@')) is_good = take_number(rest, address.fps);
  constexpr int longest = 16384;
  const auto is_side = [](int side) { return side >= 1 && side <= longest; };
  if (!is_good || !rest.empty() || !is_side(address.width) || !is_side(address.height) ||
      !(address.fps >= 0.001 && address.fps <= 1000)) {
    refuse(ErrorCode::invalid_argument,
           fmt::format("no such test pattern: {} (test: or test:640x480@30)", quote(size)));
  }
  return address;
}

}  // namespace

SourceAddress parse_source_address(std::string_view uri) {
  const std::string scheme = uri_scheme(uri);
  const std::string_view rest = scheme.empty() ? uri : uri.substr(scheme.size() + 1);
  if (scheme == "test") return test_pattern(rest);
  if (scheme == "camera") return camera(rest);
  if (scheme == "file" && rest.starts_with("//")) {
    return file_or_device(percent_decoded(rest.substr(std::min(rest.find('/', 2), rest.size()))));
  }
  if (!scheme.empty() && rest.starts_with("//")) {
    constexpr std::string_view known[] = {"http", "https", "rtsp", "rtsps"};
    if (std::ranges::count(known, scheme) == 0) {
      refuse(ErrorCode::unsupported,
             fmt::format("no video comes by '{}://': give a file, http(s)://, rtsp(s)://, camera:0 "
                         "or test:",
                         scheme));
    }
    return {.kind = SourceAddress::Kind::network, .uri = std::string(uri)};
  }
  return file_or_device(fs::path(uri));
}

}  // namespace depthcloud
