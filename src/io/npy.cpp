// SPDX-License-Identifier: Apache-2.0
#include "io/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "values are written as they lie");

constexpr std::string_view magic = "\x93NUMPY";

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "npy: " + message);
}

[[noreturn]] void corrupt(const std::string& message) { fail(ErrorCode::corrupt_data, message); }

struct Header {
  std::string_view descr;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
};

/// Reads the one Python literal that a header may be: a dict of descr, fortran_order and shape.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : rest_(text) {}

  Header parse() {
    std::optional<std::string_view> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::uint64_t>> shape;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr" && !descr) {
        if (peek() == '[') fail(ErrorCode::unsupported, "elements are records, not numbers");
        descr = string();
      } else if (key == "fortran_order" && !fortran_order) {
        fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = tuple();
      } else {
        corrupt(fmt::format("the header has the key {} twice or should not have it", quote(key)));
      }
      if (!accept(',') && peek() != '}') corrupt("the header lacks a comma");
    }
    if (peek() != '\0') corrupt("text follows the header");
    if (!descr || !fortran_order || !shape) {
      corrupt("the header lacks one of descr, fortran_order and shape");
    }
    return {*descr, *fortran_order, std::move(*shape)};
  }

 private:
  static constexpr std::size_t max_dimensions = 32;  // NumPy's own limit

  /// The next character behind spaces; NUL at the end.
  char peek() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool accept(char wanted) {
    if (peek() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) corrupt(fmt::format("the header lacks a '{}'", wanted));
  }

  std::string_view string() {
    const char mark = peek();
    if (mark != '\'' && mark != '"') corrupt("the header lacks a string");
    const std::size_t end = rest_.find(mark, 1);
    if (end == std::string_view::npos) corrupt("the header has a string without an end");
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }

  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return word == "True";
    }
    corrupt("fortran_order is neither True nor False");
  }

  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> values;
    expect('(');
    while (!accept(')')) {
      if (values.size() == max_dimensions) corrupt("shape has too many dimensions");
      values.push_back(number());
      if (!accept(',') && peek() != ')') corrupt("shape lacks a comma");
    }
    return values;
  }

  std::uint64_t number() {
    peek();
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (failure != std::errc{}) corrupt("shape holds something that is not a size");
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view rest_;
};

struct File {
  std::string_view header;
  std::span<const std::uint8_t> data;
};

File split(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t version_end = magic.size() + 2;
  if (bytes.size() < version_end) corrupt("truncated before the version");
  const int major = bytes[magic.size()];
  if (major < 1 || major > 3) {
    fail(ErrorCode::unsupported, fmt::format("format version {} (1, 2 and 3 are read)", major));
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  if (bytes.size() < version_end + length_bytes) corrupt("truncated before the header");
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + version_end, length_bytes);
  if (size > max_npy_header_bytes) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("a header of {} bytes is above the limit of {}", size, max_npy_header_bytes));
  }
  const auto rest = bytes.subspan(version_end + length_bytes);
  if (size > rest.size()) {
    corrupt(fmt::format("truncated: {} of {} bytes of header", rest.size(), size));
  }
  return {{reinterpret_cast<const char*>(rest.data()), size}, rest.subspan(size)};
}

/// "<f4" and its like: byte order, kind and size.
struct ElementType {
  SampleType type;
  bool swap = false;
};

ElementType parse_type(std::string_view descr) {
  constexpr std::array<std::string_view, 11> numbers = {"f2", "f4", "f8", "u1", "u2", "u4",
                                                        "u8", "i1", "i2", "i4", "i8"};
  const std::string_view kind = descr.substr(std::min<std::size_t>(1, descr.size()));
  const bool ordered = descr.starts_with('<') || descr.starts_with('>') ||
                       (descr.starts_with('|') && kind.ends_with('1'));
  if (!ordered || std::ranges::count(numbers, kind) == 0) {
    fail(ErrorCode::unsupported,
         fmt::format("elements of type {} (read are {})", quote(descr), fmt::join(numbers, ", ")));
  }
  return {{kind.front(), static_cast<std::size_t>(kind.back() - '0')}, descr.front() == '>'};
}

std::string text_of(const std::vector<std::uint64_t>& shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

/// Height and width: what is left without the sides of 1 in front, then behind.
std::pair<std::uint64_t, std::uint64_t> picture_size(const std::vector<std::uint64_t>& shape) {
  std::span<const std::uint64_t> sides = shape;
  while (sides.size() > 2 && sides.front() == 1) sides = sides.subspan(1);
  while (sides.size() > 2 && sides.back() == 1) sides = sides.first(sides.size() - 1);
  if (sides.size() != 2) {
    fail(ErrorCode::unsupported,
         fmt::format("an array of shape {}: depth is (height, width), or (1, height, width)",
                     text_of(shape)));
  }
  return {sides[0], sides[1]};
}

}  // namespace

NpyHeader read_npy_header(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  if (bytes.size() < magic.size() || std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) {
    corrupt("it does not begin as an array does");
  }
  const File file = split(bytes);
  const Header header = HeaderParser(file.header).parse();
  const ElementType element = parse_type(header.descr);
  const auto [height, width] = picture_size(header.shape);
  const std::size_t pixels = checked_pixels(width, height, options);
  unit_of(element.type, options);  // so that a file whose values mean nothing costs nothing
  NpyHeader result;
  result.width = static_cast<int>(width);
  result.height = static_cast<int>(height);
  result.type = element.type;
  result.layout = header.fortran_order ? SampleLayout{0, 1, result.height, element.swap}
                                       : row_by_row(result.width, element.swap);
  result.data_at = bytes.size() - file.data.size();
  result.data_size = pixels * element.type.bytes;
  return result;
}

Plane read_npy(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  const NpyHeader header = read_npy_header(bytes, options);
  const auto data = bytes.subspan(header.data_at);
  if (data.size() != header.data_size) {
    corrupt(fmt::format("{} bytes of data where {} x {} elements of {} bytes take {}", data.size(),
                        header.height, header.width, header.type.bytes, header.data_size));
  }
  Plane plane{header.width, header.height, {}};
  convert_samples(data, header.type, header.layout, options, plane);
  return plane;
}

namespace {

/// Values of which `channels` make a pixel: [height, width] or [height, width, channels].
std::vector<std::uint8_t> encode_array(std::span<const float> values, int width, int height,
                                       int channels) try {
  std::string header = fmt::format(
      "{}{}{}__{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}{}), }}", magic, '\x01',
      '\0', height, width, channels == 1 ? "" : fmt::format(", {}", channels));
  // The data begin at a multiple of 64 behind spaces and a line end.
  const std::size_t length_at = magic.size() + 2;
  const std::size_t header_at = length_at + 2;
  header.resize((header.size() + 1 + 63) / 64 * 64 - 1, ' ');
  header += '\n';
  const auto length = static_cast<std::uint16_t>(header.size() - header_at);
  std::memcpy(header.data() + length_at, &length, sizeof length);

  std::vector<std::uint8_t> bytes;
  bytes.reserve(header.size() + values.size_bytes());
  bytes.assign(header.begin(), header.end());
  const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
  bytes.insert(bytes.end(), data, data + values.size_bytes());
  return bytes;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, fmt::format("no memory for {} x {} values", width, height));
}

}  // namespace

std::vector<std::uint8_t> encode_npy(std::span<const float> values, int width, int height) {
  check_plane(values, width, height);
  return encode_array(values, width, height, 1);
}

std::vector<std::uint8_t> encode_npy_normals(std::span<const float> normals, int width,
                                             int height) {
  if (normals.size() % 3 != 0) {
    throw Error(ErrorCode::invalid_argument, Stage::file,
                fmt::format("{} values of normals are not three a pixel", normals.size()));
  }
  check_plane(normals.first(normals.size() / 3), width, height);
  return encode_array(normals, width, height, 3);
}

}  // namespace depthcloud
