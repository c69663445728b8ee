// SPDX-License-Identifier: Apache-2.0
#include "known_metres.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/image.hpp>

#include "file_error.hpp"
#include "photo.hpp"
#include "standard_streams.hpp"
#include "utf8_text.hpp"

namespace cli {
namespace {

using Point = depthcloud::KnownDepth;
using depthcloud::Plane;

/// Whether the bytes may be lines of numbers: no format of depth begins with text but the netpbm
/// ones.
bool is_text(std::span<const std::uint8_t> bytes) {
  const auto start = bytes.first(std::min<std::size_t>(bytes.size(), 512));
  const bool is_netpbm = start.size() > 1 && start[0] == 'P' &&
                         std::string_view("25fF").find(char(start[1])) != std::string_view::npos;
  constexpr std::uint8_t first_printable = 32;
  return !is_netpbm && std::ranges::all_of(start, [](std::uint8_t byte) {
    return byte >= first_printable || byte == '\t' || byte == '\n' || byte == '\r';
  });
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view between = ",; \t\r";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(between); at != std::string_view::npos;
       at = line.find_first_not_of(between, at)) {
    const std::size_t end = std::min(line.find_first_of(between, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

/// The numbers of a line; nothing where a word is none.
std::optional<Point> point_of(const std::vector<std::string_view>& words) {
  std::array<double, 3> values{};
  if (words.size() != values.size()) return std::nullopt;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const char* const end = words[i].data() + words[i].size();
    const auto [stop, failure] = std::from_chars(words[i].data(), end, values[i]);
    if (failure != std::errc{} || stop != end || !std::isfinite(values[i])) return std::nullopt;
  }
  return Point{values[0], values[1], values[2]};
}

/// A first line without a number may name the columns.
bool is_heading(const std::vector<std::string_view>& words) {
  return std::ranges::none_of(words, [](std::string_view word) {
    return word.find_first_of("0123456789") != std::string_view::npos;
  });
}

std::vector<Point> read_points(std::string_view text) {
  std::vector<Point> points;
  bool may_be_heading = true;
  for_each_line(text, [&](int number, std::string_view line) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty() || words.front().starts_with('#')) return;
    const bool passed_over = std::exchange(may_be_heading, false) && is_heading(words);
    if (passed_over) return;
    const auto point = point_of(words);
    if (!point) {
      throw std::runtime_error(
          fmt::format("line {} is not x, y and metres, three finite numbers", number));
    }
    points.push_back(*point);
  });
  if (points.empty()) throw std::runtime_error("it lists no point: x, y and metres on each line");
  return points;
}

/// From pixels of the photo to those of its depth map, centres on centres.
class ToGrid {
 public:
  ToGrid(const depthcloud::DepthMap& depth, double width, double height)
      : scale_x_(depth.width() / (depth.info().region.width * width)),
        scale_y_(depth.height() / (depth.info().region.height * height)),
        left_(depth.info().region.x * width),
        top_(depth.info().region.y * height) {}

  Point operator()(const Point& point) const {
    return {(point.x + 0.5 - left_) * scale_x_ - 0.5, (point.y + 0.5 - top_) * scale_y_ - 0.5,
            point.metres};
  }

 private:
  double scale_x_;
  double scale_y_;
  double left_;
  double top_;
};

std::vector<Point> on_grid(const std::vector<Point>& points, const ToGrid& to_grid) {
  std::vector<Point> result;
  result.reserve(points.size());
  std::ranges::transform(points, std::back_inserter(result), to_grid);
  return result;
}

/// The pixels with depth of an image of the whole photo.
std::vector<Point> on_grid(const Plane& image, const ToGrid& to_grid) {
  std::vector<Point> result;
  const float* value = image.values.data();
  for (int v = 0; v < image.height; ++v) {
    for (int u = 0; u < image.width; ++u, ++value) {
      if (!(*value > 0 && std::isfinite(*value))) continue;
      result.push_back(to_grid({static_cast<double>(u), static_cast<double>(v), *value}));
    }
  }
  return result;
}

}  // namespace

KnownMetres::KnownMetres(const KnownMetresOptions& options) : options_(options) {
  with_file(options.file, [&] {
    const std::vector<std::uint8_t> bytes = read_input(options.file);
    if (!is_text(bytes)) {
      image_ = depthcloud::read_depth(bytes, options.image);
      return;
    }
    if (options.image.scale) {
      throw std::runtime_error("--known-depth-scale is of a depth image, and this is text");
    }
    points_ = read_points(utf8_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  });
}

std::optional<KnownMetres> KnownMetres::load(const KnownMetresOptions& options) {
  return options.file.empty() ? std::nullopt : std::optional<KnownMetres>(options);
}

depthcloud::ScaleFit KnownMetres::fit(const PhotoDepth& photo) const {
  return with_file(options_.file, [&] {
    const depthcloud::DepthMap depth = photo.depth.host();
    const depthcloud::PhotoInfo size = photo_of(photo.image);
    if (image_ && size.width > 0 &&
        !same_aspect({image_->width, image_->height}, {size.width, size.height})) {
      throw std::runtime_error(
          fmt::format("{} x {} pixels do not fit the photo of {} x {}: they differ in shape",
                      image_->width, image_->height, size.width, size.height));
    }
    const std::vector<Point> known =
        image_           ? on_grid(*image_, ToGrid(depth, image_->width, image_->height))
        : size.width > 0 ? on_grid(points_, ToGrid(depth, size.width, size.height))
                         : points_;  // no photo: pixels of the depth map
    return depthcloud::fit_scale(depth.view(), known, options_.fit);
  });
}

void KnownMetres::apply(PhotoDepth& photo) const { apply({&photo, 1}); }

void KnownMetres::apply(std::span<PhotoDepth> scene) const {
  const depthcloud::ScaleFit found = fit(scene.front());
  for (PhotoDepth& photo : scene) photo.depth = depthcloud::apply_scale(photo.depth, found);
  scene.front().fit = found;
}

}  // namespace cli
