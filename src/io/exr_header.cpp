// SPDX-License-Identifier: Apache-2.0
#include "io/exr_header.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/text.hpp"
#include "io/plane_size.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t magic_bytes = 4;
constexpr std::size_t max_channels = 1024;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "EXR: " + message);
}

/// Reads the parts of a header one after the other.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  std::span<const std::uint8_t> rest() const { return rest_; }

  std::span<const std::uint8_t> bytes(std::size_t size) {
    if (size > rest_.size()) fail(ErrorCode::corrupt_data, "the header is truncated");
    const auto part = rest_.first(size);
    rest_ = rest_.subspan(size);
    return part;
  }

  template <typename T>
  T value() {
    T value{};
    std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
    return value;
  }

  /// Text up to a NUL, which an empty one ends a list with.
  std::string_view text() {
    constexpr std::size_t longest = 255;
    const auto within = rest_.first(std::min(rest_.size(), longest + 1));
    const auto end = std::ranges::find(within, std::uint8_t{0});
    if (end == within.end()) fail(ErrorCode::corrupt_data, "the header has a name without an end");
    const auto size = static_cast<std::size_t>(end - within.begin());
    const auto text = bytes(size + 1);
    return {reinterpret_cast<const char*>(text.data()), size};
  }

 private:
  std::span<const std::uint8_t> rest_;
};

std::vector<ExrChannel> read_channels(Reader list) {
  constexpr SampleType types[] = {{'u', 4}, {'f', 2}, {'f', 4}};
  std::vector<ExrChannel> channels;
  for (std::string_view name = list.text(); !name.empty(); name = list.text()) {
    if (channels.size() == max_channels) {
      fail(ErrorCode::limit_exceeded, fmt::format("more than {} channels", max_channels));
    }
    const auto type = list.value<std::uint32_t>();
    if (type >= std::size(types)) fail(ErrorCode::corrupt_data, "a channel of no known type");
    list.bytes(4);
    const auto x_step = list.value<std::int32_t>();
    const auto y_step = list.value<std::int32_t>();
    channels.push_back({std::string(name), types[type], x_step != 1 || y_step != 1});
  }
  if (!list.rest().empty()) fail(ErrorCode::corrupt_data, "the list of channels has another size");
  return channels;
}

/// Corners, both within.
ExrHeader::Window read_window(Reader box, const DepthFileOptions& options) {
  const std::int64_t left = box.value<std::int32_t>();
  const std::int64_t top = box.value<std::int32_t>();
  const std::int64_t width = box.value<std::int32_t>() - left + 1;
  const std::int64_t height = box.value<std::int32_t>() - top + 1;
  checked_pixels(static_cast<std::uint64_t>(std::max<std::int64_t>(width, 0)),
                 static_cast<std::uint64_t>(std::max<std::int64_t>(height, 0)), options);
  return {static_cast<int>(left), static_cast<int>(top), static_cast<int>(width),
          static_cast<int>(height)};
}

/// Each chunk has 8 bytes in a table of the file; what OpenEXR takes for one at a time is bounded.
void check_chunks(const ExrHeader& header, std::size_t file_bytes,
                  const DepthFileOptions& options) {
  constexpr std::uint64_t lines_of_a_chunk = 256;  // most: of the compression DWAB
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
  std::uint64_t pixel_bytes = 0;
  for (const ExrChannel& channel : header.channels) pixel_bytes += channel.type.bytes;
  const auto width = static_cast<std::uint64_t>(header.data.width);
  const auto height = static_cast<std::uint64_t>(header.data.height);
  std::uint64_t chunks = (height + lines_of_a_chunk - 1) / lines_of_a_chunk;
  std::uint64_t chunk_bytes = width * lines_of_a_chunk * pixel_bytes;
  if (const auto& tile = header.tile) {
    chunk_bytes = checked_pixels(tile->width, tile->height, options) * pixel_bytes;
    chunks =
        ((width + tile->width - 1) / tile->width) * ((height + tile->height - 1) / tile->height);
  }
  if (chunk_bytes > most_bytes) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("its parts unpack to {} bytes each, above the limit of {}", chunk_bytes,
                     most_bytes));
  }
  if (chunks > file_bytes / 8) fail(ErrorCode::corrupt_data, "truncated");
}

/// The attributes that OpenEXR is let look into.
struct KnownAttribute {
  std::string_view name;
  std::string_view type;
  std::size_t size;  ///< 0: any
};

constexpr KnownAttribute known_attributes[] = {
    {"channels", "chlist", 0},        {"compression", "compression", 1},
    {"dataWindow", "box2i", 16},      {"displayWindow", "box2i", 16},
    {"lineOrder", "lineOrder", 1},    {"pixelAspectRatio", "float", 4},
    {"screenWindowCenter", "v2f", 8}, {"screenWindowWidth", "float", 4},
    {"tiles", "tiledesc", 9},
};

/// The names of those that were met.
class KnownAttributes {
 public:
  /// Whether OpenEXR looks into this one. Throws where it is met again or not what it must be.
  bool meet(std::string_view name, std::string_view type, std::size_t size) {
    const auto* const known = std::ranges::find(known_attributes, name, &KnownAttribute::name);
    if (known == std::end(known_attributes)) return false;
    if (type != known->type || (known->size != 0 && size != known->size)) {
      fail(ErrorCode::corrupt_data,
           fmt::format("{} of type {} with {} bytes", quote(name), quote(type), size));
    }
    if (std::ranges::find(met_, name) != met_.end()) {
      fail(ErrorCode::corrupt_data, fmt::format("{} stands twice", quote(name)));
    }
    met_.push_back(name);
    return true;
  }

 private:
  std::vector<std::string_view> met_;
};

void check_version(std::uint32_t version) {
  constexpr std::uint32_t deep = 0x800;
  constexpr std::uint32_t multi_part = 0x1000;
  if ((version & 0xFF) != 2) {
    fail(ErrorCode::unsupported, fmt::format("version {} (2 is read)", version & 0xFF));
  }
  if ((version & (deep | multi_part)) != 0) {
    fail(ErrorCode::unsupported, "a deep picture, or one of several parts");
  }
}

/// Blender calls its depth "ViewLayer.Depth.Z" or "Depth.V", others "Z" or "depth.Z".
bool is_called_depth(const ExrChannel& channel) {
  const std::string name = lower_case(channel.name);
  return name == "z" || name == "depth" || name.ends_with(".z") || name.ends_with(".depth") ||
         name == "depth.v" || name.ends_with(".depth.v");
}

std::string names_of(const std::vector<ExrChannel>& channels) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(channels.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + quote(channels[i].name);
  }
  return channels.size() > most ? text + ", ..." : text;
}

std::string which_channel(const std::vector<ExrChannel>& channels) {
  return fmt::format("say which of its channels is depth (on the command line --depth-array): {}",
                     names_of(channels));
}

}  // namespace

ExrHeader read_exr_header(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  Reader reader(bytes);
  reader.bytes(magic_bytes);
  check_version(reader.value<std::uint32_t>());
  ExrHeader header;
  KnownAttributes known;
  std::vector<std::size_t> opaque;  // where the types of the others begin
  for (std::string_view name = reader.text(); !name.empty(); name = reader.text()) {
    const std::size_t type_at = bytes.size() - reader.rest().size();
    const std::string_view type = reader.text();
    if (type.empty()) fail(ErrorCode::corrupt_data, "an attribute without a type");
    const Reader value(reader.bytes(reader.value<std::uint32_t>()));
    if (!known.meet(name, type, value.rest().size())) opaque.push_back(type_at);
    if (name == "channels") header.channels = read_channels(value);
    if (name == "dataWindow") header.data = read_window(value, options);
    if (name == "displayWindow") header.display = read_window(value, options);
    if (name == "tiles") {
      Reader sizes = value;
      ExrHeader::Tile tile;
      tile.width = sizes.value<std::uint32_t>();
      tile.height = sizes.value<std::uint32_t>();
      header.tile = tile;
    }
    if (name == "compression") {
      header.compression = static_cast<ExrCompression>(
          std::min<int>(value.rest().front(), static_cast<int>(ExrCompression::other)));
    }
  }
  if (header.channels.empty() || header.data.width == 0) {
    fail(ErrorCode::corrupt_data, "the header lacks channels or dataWindow");
  }
  if (header.display.width == 0) header.display = header.data;
  header.bytes.assign(bytes.begin(),
                      bytes.end() - static_cast<std::ptrdiff_t>(reader.rest().size()));
  for (const std::size_t type_at : opaque) header.bytes[type_at] = '?';
  check_chunks(header, bytes.size(), options);
  return header;
}

const ExrChannel& depth_channel(const ExrHeader& header, const DepthFileOptions& options) {
  const auto& channels = header.channels;
  if (options.array.empty() && channels.size() == 1) return channels.front();
  const auto is_it = [&](const ExrChannel& channel) {
    return options.array.empty() ? is_called_depth(channel) : channel.name == options.array;
  };
  const auto found = std::ranges::find_if(channels, is_it);
  if (found == channels.end()) {
    fail(ErrorCode::invalid_argument, options.array.empty()
                                          ? which_channel(channels)
                                          : fmt::format("no channel is called {}, only {}",
                                                        quote(options.array), names_of(channels)));
  }
  if (options.array.empty() && std::ranges::count_if(channels, is_it) > 1) {
    fail(ErrorCode::invalid_argument, which_channel(channels));
  }
  return *found;
}

}  // namespace depthcloud
