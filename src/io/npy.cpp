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

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "byte order is relative to this");

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

/// A header of a 2-D array takes about a hundred bytes; NumPy reads at most this many, too.
constexpr std::size_t max_header_bytes = 10'000;

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
  if (size > max_header_bytes) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("a header of {} bytes is above the limit of {}", size, max_header_bytes));
  }
  const auto rest = bytes.subspan(version_end + length_bytes);
  if (size > rest.size()) {
    corrupt(fmt::format("truncated: {} of {} bytes of header", rest.size(), size));
  }
  return {{reinterpret_cast<const char*>(rest.data()), size}, rest.subspan(size)};
}

/// How the elements lie in the data: element (v, u) is at v * row + u * column.
struct Layout {
  std::size_t row;
  std::size_t column;
};

template <typename T>
T load(const std::uint8_t* source, bool swap) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::memcpy(bytes.data(), source, sizeof(T));
  if (swap) std::ranges::reverse(bytes);
  return std::bit_cast<T>(bytes);
}

template <typename T>
void convert(std::span<const std::uint8_t> data, bool swap, const Layout& layout, double scale,
             Plane& plane) {
  float* out = plane.values.data();
  for (std::size_t v = 0; v < static_cast<std::size_t>(plane.height); ++v) {
    for (std::size_t u = 0; u < static_cast<std::size_t>(plane.width); ++u) {
      const std::size_t index = v * layout.row + u * layout.column;
      const auto value = load<T>(data.data() + index * sizeof(T), swap);
      *out++ = static_cast<float>(static_cast<double>(value) * scale);
    }
  }
}

/// "<f4" and its like: byte order, kind and size.
struct ElementType {
  bool swap;
  std::string_view kind;
  std::size_t size;
};

ElementType parse_type(std::string_view descr) {
  const std::string_view kind = descr.substr(std::min<std::size_t>(1, descr.size()));
  const bool known = (descr.starts_with('<') || descr.starts_with('>')) &&
                     (kind == "f4" || kind == "f8" || kind == "u2");
  if (!known) {
    fail(ErrorCode::unsupported,
         fmt::format("elements of type {} (f4, f8 and u2 are read)", quote(descr)));
  }
  return {descr.front() == '>', kind, static_cast<std::size_t>(kind.back() - '0')};
}

}  // namespace

bool is_npy(std::span<const std::uint8_t> bytes) noexcept {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

Plane read_npy(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  const File file = split(bytes);
  const Header header = HeaderParser(file.header).parse();
  const ElementType type = parse_type(header.descr);
  if (header.shape.size() != 2) {
    fail(ErrorCode::unsupported,
         fmt::format("an array of {} dimensions (2: height and width)", header.shape.size()));
  }
  const std::size_t pixels = checked_pixels(header.shape[1], header.shape[0], options);
  if (file.data.size() != pixels * type.size) {
    corrupt(fmt::format("{} bytes of data where {} x {} elements of '{}' take {}", file.data.size(),
                        header.shape[0], header.shape[1], header.descr, pixels * type.size));
  }

  Plane plane;
  plane.height = static_cast<int>(header.shape[0]);
  plane.width = static_cast<int>(header.shape[1]);
  plane.values.resize(pixels);
  const Layout layout =
      header.fortran_order ? Layout{1, header.shape[0]} : Layout{header.shape[1], 1};
  if (type.kind == "f4") convert<float>(file.data, type.swap, layout, options.scale, plane);
  if (type.kind == "f8") convert<double>(file.data, type.swap, layout, options.scale, plane);
  if (type.kind == "u2") convert<std::uint16_t>(file.data, type.swap, layout, options.scale, plane);
  return plane;
}

std::vector<std::uint8_t> encode_npy(std::span<const float> values, int width, int height) try {
  check_plane(values, width, height);
  std::string header =
      fmt::format("{}{}{}__{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", magic,
                  '\x01', '\0', height, width);
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

}  // namespace depthcloud
