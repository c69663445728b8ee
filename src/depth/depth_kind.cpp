// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_kind.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/enum_names.hpp"
#include "depth/is_depth.hpp"
#include "depth/pinhole.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<DepthKind, 4> kinds{{"z", "ray", "inverse", "disparity"}};

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::file, message);
}

/// Rounded to float, where a depth beyond all floats is none.
float depth_or_none(double z) {
  const auto rounded = static_cast<float>(z);
  return is_depth(z) && is_depth(rounded) ? rounded : 0.0f;
}

/// Replaces each value by what `depth` makes of it and of where it is.
template <typename Depth>
void replace(std::span<float> values, std::size_t width, Depth depth) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = depth_or_none(depth(values[i], i % width, i / width));
  }
}

void replace_rays(std::span<float> values, std::size_t width, const Intrinsics& k) {
  std::vector<double> square_x(width);
  for (std::size_t u = 0; u < width; ++u) {
    const double x = (static_cast<double>(u) - k.cx) / k.fx;
    square_x[u] = x * x;
  }
  replace(values, width, [&](double r, std::size_t u, std::size_t v) {
    const double y = (static_cast<double>(v) - k.cy) / k.fy;
    return r / std::sqrt(square_x[u] + y * y + 1);
  });
}

}  // namespace

const char* to_string(DepthKind kind) noexcept { return kinds.to_string(kind); }
DepthKind parse_depth_kind(std::string_view text) {
  return kinds.parse(text, "depth kind", Stage::file);
}
std::span<const char* const> depth_kind_names() noexcept { return kinds.all(); }

void validate(const DepthMeaning& meaning) {
  if (!std::isfinite(meaning.disparity_offset)) {
    fail(fmt::format("a disparity offset of {} pixels", meaning.disparity_offset));
  }
  const bool needs_baseline = meaning.kind == DepthKind::disparity;
  if (!std::isfinite(meaning.baseline) || meaning.baseline < 0 ||
      (needs_baseline && meaning.baseline == 0)) {
    fail(fmt::format("a baseline of {}: disparity needs one above 0", meaning.baseline));
  }
}

void convert_to_depth(std::span<float> values, int width, const DepthMeaning& meaning,
                      const Intrinsics& camera) {
  validate(meaning);
  if (!camera.valid()) fail(not_pinhole(camera));
  if (width <= 0 || values.size() % static_cast<std::size_t>(width) != 0) {
    fail(fmt::format("{} values are not rows of {}", values.size(), width));
  }
  const auto columns = static_cast<std::size_t>(width);
  switch (meaning.kind) {
    case DepthKind::z:
      return;
    case DepthKind::ray:
      return replace_rays(values, columns, camera);
    case DepthKind::inverse:
      return replace(values, columns,
                     [](double value, std::size_t, std::size_t) { return 1 / value; });
    case DepthKind::disparity:
      const double product = meaning.baseline * camera.fx;
      const double offset = meaning.disparity_offset;
      // A matcher writes 0 or less where it found nothing, whatever the offset.
      return replace(values, columns, [=](double value, std::size_t, std::size_t) {
        return value > 0 ? product / (value + offset) : 0.0;
      });
  }
}

}  // namespace depthcloud
