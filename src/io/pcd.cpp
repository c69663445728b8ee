// SPDX-License-Identifier: Apache-2.0
// The format: https://pointclouds.org/documentation/tutorials/pcd_file_format.html.
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/memory_errors.hpp"
#include "core/quote.hpp"
#include "io/header_lines.hpp"
#include "io/lzf.hpp"
#include "io/point_values.hpp"
#include "io/scalar.hpp"
#include "io/value_text.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void corrupt(const std::string& problem) {
  throw Error(ErrorCode::corrupt_data, Stage::file, "PCD: " + problem);
}

struct Field {
  std::string_view name;
  Scalar type{};
  std::uint64_t count = 1;  ///< of numbers

  std::uint64_t size() const { return size_of(type) * count; }
};

enum class Body { text, binary, compressed };

struct Header {
  Axes axes = Axes::opengl;
  std::vector<Field> fields;
  std::uint64_t points = 0;
  Body body{};
  std::span<const std::uint8_t> data;

  std::uint64_t record_size() const {
    std::uint64_t size = 0;
    for (const Field& field : fields) size += field.size();
    return size;
  }
};

Scalar parse_type(std::string_view type, std::uint64_t size, const HeaderLines& lines) {
  struct Type {
    std::string_view name;
    std::uint64_t size;
    Scalar type;
  };
  constexpr Type types[] = {
      {"I", 1, Scalar::i8},  {"U", 1, Scalar::u8},  {"I", 2, Scalar::i16}, {"U", 2, Scalar::u16},
      {"I", 4, Scalar::i32}, {"U", 4, Scalar::u32}, {"I", 8, Scalar::i64}, {"U", 8, Scalar::u64},
      {"F", 4, Scalar::f32}, {"F", 8, Scalar::f64},
  };
  for (const Type& known : types) {
    if (type == known.name && size == known.size) return known.type;
  }
  lines.fail(fmt::format("there is no type {} of {} bytes", quote(type), size));
}

/// Reads the lines of the header up to DATA, each of which may stand there once.
class HeaderReader {
 public:
  explicit HeaderReader(std::span<const std::uint8_t> bytes) : lines_(bytes, "PCD") {}

  Header read() {
    while (!body_) read_line();
    Header header;
    header.axes = axes_.value_or(Axes::opengl);
    header.fields = fields();
    header.points = points();
    header.body = *body_;
    header.data = lines_.rest();
    return header;
  }

 private:
  using Words = std::vector<std::string_view>;
  static constexpr std::uint64_t longest_field = std::uint64_t{1} << 20;  // numbers

  void read_line() {
    const std::string_view line = lines_.next();
    if (line.starts_with('#')) {
      if (!axes_) axes_ = axes_of_comment(words_of(line.substr(1)));
      return;
    }
    Words words = words_of(line);
    if (words.empty()) return;
    const std::string_view key = words[0];
    words.erase(words.begin());
    if (key == "FIELDS" || key == "COLUMNS") {
      set(names_, std::move(words));
    } else if (key == "SIZE") {
      set(sizes_, numbers(words));
    } else if (key == "TYPE") {
      set(types_, std::move(words));
    } else if (key == "COUNT") {
      set(counts_, numbers(words));
    } else if (key == "WIDTH") {
      set(width_, number(words));
    } else if (key == "HEIGHT") {
      set(height_, number(words));
    } else if (key == "POINTS") {
      set(points_, number(words));
    } else if (key == "DATA") {
      set(body_, parse_body(words));
    } else if (key != "VERSION" && key != "VIEWPOINT") {
      lines_.fail("no line of a PCD header");
    }
  }

  template <typename T, typename Value>
  void set(std::optional<T>& value, Value&& given) {
    if (value) lines_.fail("stands there twice");
    value = std::forward<Value>(given);
  }

  std::vector<std::uint64_t> numbers(const Words& words) const {
    std::vector<std::uint64_t> result;
    for (const std::string_view word : words) result.push_back(lines_.number(word));
    return result;
  }

  std::uint64_t number(const Words& words) const {
    if (words.size() != 1) lines_.fail("one number is wanted");
    return lines_.number(words[0]);
  }

  Body parse_body(const Words& words) const {
    const std::string_view name = words.size() == 1 ? words[0] : std::string_view();
    if (name == "ascii") return Body::text;
    if (name == "binary") return Body::binary;
    if (name == "binary_compressed") return Body::compressed;
    lines_.fail("DATA is none of ascii, binary and binary_compressed");
  }

  std::vector<Field> fields() const {
    if (!names_ || !sizes_ || !types_) corrupt("the header lacks FIELDS, SIZE or TYPE");
    const std::size_t count = names_->size();
    if (sizes_->size() != count || types_->size() != count ||
        (counts_ && counts_->size() != count)) {
      corrupt("FIELDS, SIZE, TYPE and COUNT are not of equal length");
    }
    std::vector<Field> result;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t numbers = counts_ ? (*counts_)[i] : 1;
      if (numbers == 0 || numbers > longest_field) {
        corrupt(fmt::format("the field {} has {} numbers", quote((*names_)[i]), numbers));
      }
      result.push_back({(*names_)[i], parse_type((*types_)[i], (*sizes_)[i], lines_), numbers});
    }
    return result;
  }

  std::uint64_t points() const {
    const std::uint64_t height = height_.value_or(1);
    if (!width_ && !points_) corrupt("the header lacks WIDTH and POINTS");
    if (!width_) return *points_;
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    const bool is_countable = height == 0 || *width_ <= most / height;
    if (!is_countable || (points_ && *width_ * height != *points_)) {
      corrupt(fmt::format("WIDTH {} x HEIGHT {} are not the number of points", *width_, height));
    }
    return *width_ * height;
  }

  HeaderLines lines_;
  std::optional<Axes> axes_;
  std::optional<Words> names_;
  std::optional<Words> types_;
  std::optional<std::vector<std::uint64_t>> sizes_;
  std::optional<std::vector<std::uint64_t>> counts_;
  std::optional<std::uint64_t> width_;
  std::optional<std::uint64_t> height_;
  std::optional<std::uint64_t> points_;
  std::optional<Body> body_;
};

/// What a field is of a point, if it is.
std::optional<PointValue> value_of(const Field& field) {
  const auto value = point_value(field.name);
  if (!value || field.count != 1) return std::nullopt;
  if (value == PointValue::packed && size_of(field.type) != 4) return std::nullopt;
  return value;
}

using Layout = PointCollector::Layout;

Layout layout_of(const Header& header) {
  Layout layout("PCD");
  for (const Field& field : header.fields) {
    if (const auto value = value_of(field)) layout.add(*value, field.type);
  }
  layout.check();
  return layout;
}

/// Allocates memory for all points.
PointCollector collector_of(const Header& header, const Layout& layout) {
  return {static_cast<std::size_t>(header.points), layout, header.axes};
}

[[noreturn]] void fail_room(std::uint64_t points, std::size_t bytes) {
  corrupt(fmt::format("{} points do not fit in the {} bytes that follow", points, bytes));
}

/// A packed colour in a text. Of a float it is the bits, or, as PCL writes it, these as a whole
/// number.
double packed_color(const ValueText& text, std::string_view word, Scalar type) {
  const double number = text.number(word);
  const bool is_whole = word.find_first_not_of("0123456789") == std::string_view::npos;
  if (type == Scalar::f32 && !is_whole) {
    constexpr double white = 0xFFFFFF;  // of nan, which has lost its bits
    const bool is_float = std::abs(number) <= std::numeric_limits<float>::max();
    return is_float ? std::bit_cast<std::uint32_t>(static_cast<float>(number)) : white;
  }
  // A signed number has the highest byte, which means nothing, as its sign.
  if (!(std::abs(number) <= 4294967295.0)) return 0;
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(number));
}

PointCloud read_text(const Header& header, const Layout& layout) {
  std::uint64_t numbers = 0;
  for (const Field& field : header.fields) numbers += field.count;
  // A digit and a space for each number; the last needs no space.
  if (header.points > (header.data.size() + 1) / (2 * numbers)) {
    fail_room(header.points, header.data.size());
  }
  PointCollector points = collector_of(header, layout);
  ValueText text(header.data, "PCD");
  PointValues point{};
  for (std::uint64_t i = 0; i < header.points; ++i) {
    for (const Field& field : header.fields) {
      const auto value = value_of(field);
      for (std::uint64_t j = 0; j < field.count; ++j) {
        const std::string_view word = text.word();
        if (!value) continue;
        point[static_cast<std::size_t>(*value)] =
            value == PointValue::packed ? packed_color(text, word, field.type) : text.number(word);
      }
    }
    points.add(point);
  }
  return points.take();
}

/// A value of each point: the first, and the bytes from one to the next.
struct Column {
  std::size_t value;
  Scalar type;
  const std::uint8_t* first;
  std::size_t step;
};

/// Reads `bytes`, which hold header.points records, or, with `by_field`, the fields of all points
/// one after the other.
PointCloud read_columns(const Header& header, const Layout& layout,
                        std::span<const std::uint8_t> bytes, bool by_field) {
  const auto record_size = static_cast<std::size_t>(header.record_size());
  PointCollector points = collector_of(header, layout);
  std::vector<Column> columns;
  std::size_t at = 0;
  for (const Field& field : header.fields) {
    const auto size = static_cast<std::size_t>(field.size());
    if (const auto value = value_of(field)) {
      // The bits of a packed colour count, whatever type they are said to have.
      const Scalar type = value == PointValue::packed ? Scalar::u32 : field.type;
      columns.push_back({static_cast<std::size_t>(*value), type, bytes.data() + at,
                         by_field ? size : record_size});
    }
    at += by_field ? size * static_cast<std::size_t>(header.points) : size;
  }
  PointValues point{};
  for (std::size_t i = 0; i < header.points; ++i) {
    for (const Column& column : columns) {
      point[column.value] =
          load_scalar(column.type, column.first + i * column.step, std::endian::little);
    }
    points.add(point);
  }
  return points.take();
}

PointCloud read_binary(const Header& header, const Layout& layout) {
  const std::uint64_t record_size = header.record_size();
  if (header.points > header.data.size() / record_size) {
    fail_room(header.points, header.data.size());
  }
  return read_columns(header, layout, header.data, false);
}

#ifdef DEPTHCLOUD_WITH_LZF
PointCloud read_compressed(const Header& header, const Layout& layout) {
  constexpr std::size_t sizes = 8;  // of the compressed and of the uncompressed bytes
  if (header.data.size() < sizes) corrupt("the file ends before its points");
  const auto size_at = [&](std::size_t at) {
    return static_cast<std::size_t>(
        load_scalar(Scalar::u32, header.data.data() + at, std::endian::little));
  };
  const std::size_t compressed = size_at(0);
  const std::size_t size = size_at(4);
  const std::uint64_t record_size = header.record_size();
  if (header.points > size / record_size || header.points * record_size != size) {
    corrupt(fmt::format("{} points are not the {} bytes that are compressed", header.points, size));
  }
  if (compressed > header.data.size() - sizes) {
    corrupt(fmt::format("{} compressed bytes are more than the {} that follow", compressed,
                        header.data.size() - sizes));
  }
  const Buffer<std::uint8_t> bytes = decompress_lzf(header.data.subspan(sizes, compressed), size);
  return read_columns(header, layout, bytes.span(), true);
}
#else
PointCloud read_compressed(const Header&, const Layout&) {
  throw Error(ErrorCode::unavailable, Stage::file,
              "PCD: binary_compressed is read in builds with 'liblzf-dev' (Debian, Ubuntu) or "
              "'liblzf' (Homebrew)");
}
#endif

PointCloud read_body(const Header& header) {
  const Layout layout = layout_of(header);
  switch (header.body) {
    case Body::text:
      return read_text(header, layout);
    case Body::binary:
      return read_binary(header, layout);
    case Body::compressed:
      break;
  }
  return read_compressed(header, layout);
}

/// The comment that names the format is optional.
bool is_pcd(std::span<const std::uint8_t> bytes) {
  if (file_kind(bytes) == FileKind::pcd) return true;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("#") || text.starts_with("VERSION") || text.starts_with("FIELDS") ||
         text.starts_with("COLUMNS");
}

}  // namespace

PointCloud decode_pcd(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) corrupt("the file has no bytes");
  if (!is_pcd(bytes)) {
    throw Error(ErrorCode::unsupported, Stage::file,
                "not a PCD file but " + describe_file(bytes, "PCD"));
  }
  return with_memory_errors(Stage::file, "no memory for the points of a PCD file",
                            [&] { return read_body(HeaderReader(bytes).read()); });
}

}  // namespace depthcloud
