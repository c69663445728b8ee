// SPDX-License-Identifier: Apache-2.0
// The format: G. Turk, "The PLY Polygon File Format", 1994.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/memory_errors.hpp"
#include "core/quote.hpp"
#include "io/header_lines.hpp"
#include "io/point_values.hpp"
#include "io/scalar.hpp"
#include "io/value_text.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void corrupt(const std::string& problem) {
  throw Error(ErrorCode::corrupt_data, Stage::file, "PLY: " + problem);
}

struct Property {
  std::string_view name;
  Scalar type{};
  std::optional<Scalar> count_type{};  ///< of a list
  std::optional<PointValue> value{};   ///< of a point
};

struct Element {
  std::string_view name;
  std::uint64_t count = 0;
  std::vector<Property> properties;
};

enum class Body { text, little_endian, big_endian };

struct Header {
  Body body{};
  Axes axes = Axes::opengl;
  std::vector<Element> elements;
  std::span<const std::uint8_t> data;
};

Body parse_body(std::string_view name, const HeaderLines& lines) {
  if (name == "ascii") return Body::text;
  if (name == "binary_little_endian") return Body::little_endian;
  if (name == "binary_big_endian") return Body::big_endian;
  lines.fail("the format is none of ascii, binary_little_endian and binary_big_endian");
}

Scalar parse_type(std::string_view name, const HeaderLines& lines) {
  struct Type {
    std::string_view name, other_name;
    Scalar type;
  };
  constexpr Type types[] = {
      {"char", "int8", Scalar::i8},      {"uchar", "uint8", Scalar::u8},
      {"short", "int16", Scalar::i16},   {"ushort", "uint16", Scalar::u16},
      {"int", "int32", Scalar::i32},     {"uint", "uint32", Scalar::u32},
      {"float", "float32", Scalar::f32}, {"double", "float64", Scalar::f64},
  };
  for (const Type& type : types) {
    if (name == type.name || name == type.other_name) return type.type;
  }
  lines.fail(quote(name) + " is no type of PLY");
}

Property parse_property(const std::vector<std::string_view>& words, const HeaderLines& lines) {
  if (words.size() == 5 && words[1] == "list") {
    const Scalar count_type = parse_type(words[2], lines);
    if (count_type == Scalar::f32 || count_type == Scalar::f64) {
      lines.fail("the length of a list is a whole number");
    }
    return {words[4], parse_type(words[3], lines), count_type, std::nullopt};
  }
  if (words.size() != 3) lines.fail("a property is 'property TYPE NAME'");
  return {words[2], parse_type(words[1], lines), std::nullopt, std::nullopt};
}

/// One line of the header but its first; false: it is the last.
bool read_line(HeaderLines& lines, Header& header, std::optional<Body>& body,
               std::optional<Axes>& axes) {
  const std::string_view line = lines.next();
  const std::vector<std::string_view> words = words_of(line);
  if (words.empty()) return true;
  if (words[0] == "end_header") return false;
  if (words[0] == "comment") {
    if (!axes) axes = axes_of_comment(std::span(words).subspan(1));
  } else if (words[0] == "format") {
    if (body || words.size() != 3) lines.fail("one format is named once, with its version");
    if (words[2] != "1.0") lines.fail("the version of the format is not 1.0");
    body = parse_body(words[1], lines);
  } else if (words[0] == "element") {
    if (words.size() != 3) lines.fail("an element is 'element NAME COUNT'");
    header.elements.push_back({words[1], lines.number(words[2]), {}});
  } else if (words[0] == "property") {
    if (header.elements.empty()) lines.fail("a property of no element");
    header.elements.back().properties.push_back(parse_property(words, lines));
  } else if (words[0] != "obj_info") {
    lines.fail("no line of a PLY header");
  }
  return true;
}

Header read_header(std::span<const std::uint8_t> bytes) {
  HeaderLines lines(bytes, "PLY");
  lines.next();  // the mark
  Header header;
  std::optional<Body> body;
  std::optional<Axes> axes;
  while (read_line(lines, header, body, axes)) continue;
  if (!body) corrupt("the header names no format");
  header.body = *body;
  header.axes = axes.value_or(Axes::opengl);
  header.data = lines.rest();
  return header;
}

/// The numbers of a binary body.
class BinaryValues {
 public:
  BinaryValues(std::span<const std::uint8_t> bytes, std::endian order)
      : bytes_(bytes), order_(order) {}

  /// Fewest bytes that one number and one element take.
  static std::size_t least(Scalar type) { return size_of(type); }
  std::size_t remaining() const { return bytes_.size() - at_; }

  double number(Scalar type) {
    const std::size_t at = at_;
    skip(type, 1);
    return load_scalar(type, bytes_.data() + at, order_);
  }
  void skip(Scalar type, std::uint64_t count) {
    if (count > remaining() / size_of(type)) corrupt("the file ends before its last point");
    at_ += static_cast<std::size_t>(count) * size_of(type);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::endian order_;
  std::size_t at_ = 0;
};

/// Those of a text.
class TextValues {
 public:
  explicit TextValues(std::span<const std::uint8_t> bytes) : text_(bytes, "PLY") {}

  static std::size_t least(Scalar) { return 2; }  // a digit and a space
  // The last number needs no space.
  std::size_t remaining() const { return text_.remaining() + 1; }

  double number(Scalar) { return text_.number(); }
  void skip(Scalar, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) text_.word();
  }

 private:
  ValueText text_;
};

/// Reads one element; the values of a point go to `values`.
template <typename Values>
void read_element(const Element& element, Values& values, PointValues& point) {
  for (const Property& property : element.properties) {
    if (property.count_type) {
      const double count = values.number(*property.count_type);
      if (!(count >= 0 && count <= 4294967295.0)) corrupt("a list of a negative length");
      values.skip(property.type, static_cast<std::uint64_t>(count));
    } else if (property.value) {
      point[static_cast<std::size_t>(*property.value)] = values.number(property.type);
    } else {
      values.skip(property.type, 1);
    }
  }
}

/// Throws unless what is left of the file can hold the elements, each of which takes a byte at
/// least.
template <typename Values>
void check_room(const Element& element, const Values& values) {
  std::size_t least = 0;
  for (const Property& property : element.properties) {
    least += Values::least(property.count_type.value_or(property.type));
  }
  if (element.count > values.remaining() / least) {
    corrupt(fmt::format("{} elements {} do not fit in the {} bytes that follow", element.count,
                        quote(element.name), values.remaining()));
  }
}

/// The types of a point's values, which are marked in `element`.
PointCollector::Layout layout_of(Element& element) {
  PointCollector::Layout layout("PLY");
  for (Property& property : element.properties) {
    property.value = property.count_type ? std::nullopt : point_value(property.name);
    // A packed colour is of PCD alone; what is called so here has no known meaning.
    if (property.value == PointValue::packed) property.value.reset();
    if (property.value) layout.add(*property.value, property.type);
  }
  layout.check();
  return layout;
}

template <typename Values>
PointCloud read_points(Header& header, Values values) {
  PointValues point{};
  for (Element& element : header.elements) {
    const bool is_vertex = element.name == "vertex";
    if (!is_vertex && element.properties.empty()) continue;
    const auto layout =
        is_vertex ? std::optional(layout_of(element)) : std::optional<PointCollector::Layout>();
    check_room(element, values);
    if (is_vertex) {
      PointCollector points(static_cast<std::size_t>(element.count), *layout, header.axes);
      for (std::uint64_t i = 0; i < element.count; ++i) {
        read_element(element, values, point);
        points.add(point);
      }
      return points.take();
    }
    for (std::uint64_t i = 0; i < element.count; ++i) read_element(element, values, point);
  }
  corrupt("the file has no element 'vertex'");
}

PointCloud read_body(Header header) {
  switch (header.body) {
    case Body::text:
      return read_points(header, TextValues(header.data));
    case Body::little_endian:
      return read_points(header, BinaryValues(header.data, std::endian::little));
    case Body::big_endian:
      break;
  }
  return read_points(header, BinaryValues(header.data, std::endian::big));
}

}  // namespace

PointCloud decode_ply(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) corrupt("the file has no bytes");
  if (file_kind(bytes) != FileKind::ply) {
    throw Error(ErrorCode::unsupported, Stage::file,
                "not a PLY file but " + describe_file(bytes, "PLY"));
  }
  return with_memory_errors(Stage::file, "no memory for the points of a PLY file",
                            [&] { return read_body(read_header(bytes)); });
}

}  // namespace depthcloud
