// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/preprocess.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <new>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "image/color_order.hpp"
#include "image/cubic.hpp"
#include "image/exact_area.hpp"

namespace depthcloud {
namespace {

constexpr int patch = 14;
constexpr int max_process_res = 8192;
/// An image longer than this, in its shorter sides, would make a grid of any length where the
/// shorter side is bound: its longer side is bound instead, to as many times process_res.
constexpr int longest_strip = 4;

// Of ImageNet, as every DINOv2 network was trained.
constexpr std::array<double, 3> mean = {0.485, 0.456, 0.406};
constexpr std::array<double, 3> deviation = {0.229, 0.224, 0.225};

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::preprocess, message);
}

void check_sizes(int width, int height, int process_res) {
  if (width <= 0 || height <= 0) {
    fail(ErrorCode::invalid_argument,
         fmt::format("image size {} x {} is not positive", width, height));
  }
  if (process_res < patch || process_res > max_process_res) {
    fail(ErrorCode::invalid_argument, fmt::format("process_res {} does not lie between {} and {}",
                                                  process_res, patch, max_process_res));
  }
}

/// A grid whose sides are whole but perhaps too many for int.
Grid to_grid(const Grid& image, double width, double height) {
  if (!(width * height <= static_cast<double>(max_grid_pixels))) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("an image of {} x {} makes a grid of {} x {}, more than {} pixels",
                     image.width, image.height, width, height, max_grid_pixels));
  }
  return {static_cast<int>(width), static_cast<int>(height)};
}

bool is_crop(ResizeMethod method) {
  return method == ResizeMethod::upper_bound_crop || method == ResizeMethod::lower_bound_crop;
}

bool is_upper_bound(ResizeMethod method) {
  return method == ResizeMethod::upper_bound_resize || method == ResizeMethod::upper_bound_crop;
}

bool is_strip(const Grid& image) {
  const std::int64_t shorter = std::min(image.width, image.height);
  return std::max(image.width, image.height) > longest_strip * shorter;
}

Grid bounded_grid(const Grid& image, int process_res, ResizeMethod method) {
  const int longer = std::max(image.width, image.height);
  const int shorter = std::min(image.width, image.height);
  const bool strip = !is_upper_bound(method) && is_strip(image);
  const int size = strip ? longest_strip * process_res : process_res;
  const int bound = strip || is_upper_bound(method) ? longer : shorter;
  if (bound == size) return to_grid(image, image.width, image.height);
  const double scale = size / static_cast<double>(bound);
  const auto scaled = [&](int side) { return std::max(1.0, std::nearbyint(side * scale)); };
  return to_grid(image, scaled(image.width), scaled(image.height));
}

int floor_multiple(int side) { return side / patch * patch; }

/// Ties go up.
int nearest_multiple(int side) {
  const int down = floor_multiple(side);
  const int up = down + patch;
  return std::max(patch, up - side <= side - down ? up : down);
}

/// The smallest multiple that is no smaller than `least`, unless the nearest is.
double lower_bounded_multiple(double side, int least) {
  const double nearest = patch * std::nearbyint(side / patch);
  return nearest < least ? patch * std::ceil(side / patch) : nearest;
}

void check_fits(const ImageView& image, const GridPlan& plan, std::span<const float> planes) {
  validate(image);
  if (image.width != plan.image.width || image.height != plan.image.height) {
    fail(ErrorCode::invalid_argument,
         fmt::format("an image of {} x {} is not of the planned size {} x {}", image.width,
                     image.height, plan.image.width, plan.image.height));
  }
  const auto needed =
      3 * static_cast<std::size_t>(plan.grid.width) * static_cast<std::size_t>(plan.grid.height);
  if (planes.size() != needed) {
    fail(ErrorCode::invalid_argument,
         fmt::format("{} values cannot hold the {} of the planes", planes.size(), needed));
  }
}

/// Cubic if either side grows, else by area; into `out` unless the size is right already.
ImageView resized(const ImageView& image, const Grid& size, Image& out) {
  if (image.width == size.width && image.height == size.height) return image;
  if (size.width > image.width || size.height > image.height) {
    resize_cubic(image, size.width, size.height, out);
  } else {
    resize_area_exact(image, size.width, size.height, out);
  }
  return out.view();
}

/// Normalised values of the 256 grey levels of each channel.
std::array<std::array<float, 256>, 3> normalised_levels() {
  std::array<std::array<float, 256>, 3> levels{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (int level = 0; level < 256; ++level) {
      const float unit = static_cast<float>(level) / 255.0f;
      levels[c][static_cast<std::size_t>(level)] =
          (unit - static_cast<float>(mean[c])) / static_cast<float>(deviation[c]);
    }
  }
  return levels;
}

void normalise(const ImageView& image, const GridPlan& plan, std::span<float> planes) {
  static const auto levels = normalised_levels();
  const ColorOrder order = color_order(image.format);
  const int offsets[] = {order.red, order.green, order.blue};
  const auto width = static_cast<std::size_t>(plan.grid.width);
  const auto plane = width * static_cast<std::size_t>(plan.grid.height);
  const auto step = static_cast<std::size_t>(channels(image.format));
  for (int v = 0; v < plan.grid.height; ++v) {
    const std::uint8_t* from =
        image.row(v + plan.crop_y) + static_cast<std::size_t>(plan.crop_x) * step;
    float* to = planes.data() + static_cast<std::size_t>(v) * width;
    for (std::size_t u = 0; u < width; ++u, from += step, ++to) {
      for (std::size_t c = 0; c < 3; ++c) to[c * plane] = levels[c][from[offsets[c]]];
    }
  }
}

template <typename Work>
void translating_out_of_memory(Work&& work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    fail(ErrorCode::out_of_memory, "not enough memory to prepare the image");
  }
}

/// A plan's planes, filled by `prepare`.
template <typename Prepare>
PreparedImage prepared(const ImageView& image, const GridPlan& plan, Prepare&& prepare) {
  PreparedImage result;
  result.plan = plan;
  translating_out_of_memory([&] {
    result.planes.resize(3 * static_cast<std::size_t>(plan.grid.width) *
                         static_cast<std::size_t>(plan.grid.height));
  });
  prepare(image, plan, result.planes.span());
  return result;
}

}  // namespace

GridPlan plan_da3(int width, int height, int process_res, ResizeMethod method) {
  check_sizes(width, height, process_res);
  GridPlan plan;
  plan.image = {width, height};
  plan.bounded = bounded_grid(plan.image, process_res, method);
  if (is_crop(method)) {
    plan.resized = {std::max(patch, plan.bounded.width), std::max(patch, plan.bounded.height)};
    plan.grid = plan.resized;
    return cropped_to(plan, {floor_multiple(plan.resized.width),  //
                             floor_multiple(plan.resized.height)});
  }
  plan.resized = {nearest_multiple(plan.bounded.width), nearest_multiple(plan.bounded.height)};
  plan.grid = to_grid(plan.image, plan.resized.width, plan.resized.height);
  return plan;
}

GridPlan plan_da2(int width, int height, int size) {
  check_sizes(width, height, size);
  GridPlan plan;
  plan.image = {width, height};
  const bool strip = is_strip(plan.image);
  const double scale = strip ? longest_strip * size / static_cast<double>(std::max(width, height))
                             : size / static_cast<double>(std::min(width, height));
  const int least = strip ? patch : size;
  plan.grid = to_grid(plan.image, lower_bounded_multiple(scale * width, least),
                      lower_bounded_multiple(scale * height, least));
  plan.bounded = plan.resized = plan.grid;
  return plan;
}

GridPlan cropped_to(const GridPlan& plan, const Grid& grid) {
  GridPlan result = plan;
  result.crop_x += (plan.grid.width - grid.width) / 2;
  result.crop_y += (plan.grid.height - grid.height) / 2;
  result.grid = grid;
  return result;
}

Intrinsics map_intrinsics(const Intrinsics& of_image, const GridPlan& plan) {
  Intrinsics k = of_image;
  const auto resize = [&k](const Grid& from, const Grid& to) {
    const double x = to.width / static_cast<double>(from.width);
    const double y = to.height / static_cast<double>(from.height);
    k = {k.fx * x, k.fy * y, k.cx * x, k.cy * y};
  };
  resize(plan.image, plan.bounded);
  resize(plan.bounded, plan.resized);
  k.cx -= plan.crop_x;
  k.cy -= plan.crop_y;
  return k;
}

void prepare_da3(const ImageView& image, const GridPlan& plan, std::span<float> planes) {
  check_fits(image, plan, planes);
  translating_out_of_memory([&] {
    Image first;
    Image second;
    const ImageView bounded = resized(image, plan.bounded, first);
    normalise(resized(bounded, plan.resized, second), plan, planes);
  });
}

void prepare_da2(const ImageView& image, const GridPlan& plan, std::span<float> planes) {
  check_fits(image, plan, planes);
  const auto width = static_cast<std::size_t>(plan.grid.width);
  const auto plane = width * static_cast<std::size_t>(plan.grid.height);
  const auto store = [&](int v, std::span<const double> rgb) {
    float* to = planes.data() + static_cast<std::size_t>(v) * width;
    for (std::size_t u = 0; u < width; ++u) {
      for (std::size_t c = 0; c < 3; ++c) {
        to[c * plane + u] = static_cast<float>((rgb[3 * u + c] - mean[c]) / deviation[c]);
      }
    }
  };
  translating_out_of_memory(
      [&] { resize_cubic_unit(image, plan.grid.width, plan.grid.height, store); });
}

PreparedImage prepare_da3(const ImageView& image, int process_res, ResizeMethod method) {
  validate(image);
  return prepared(image, plan_da3(image.width, image.height, process_res, method),
                  [](const auto&... arguments) { prepare_da3(arguments...); });
}

PreparedImage prepare_da2(const ImageView& image, int size) {
  validate(image);
  return prepared(image, plan_da2(image.width, image.height, size),
                  [](const auto&... arguments) { prepare_da2(arguments...); });
}

}  // namespace depthcloud
