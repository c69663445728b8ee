// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <depthcloud/point_cloud.hpp>

#include "io/scalar.hpp"

namespace depthcloud {

/// What a value of a cloud file is of its point. `packed` is a colour 0x00RRGGBB; what stands in
/// its highest byte has no effect.
enum class PointValue { x, y, z, red, green, blue, packed, nx, ny, nz };
inline constexpr std::size_t point_value_count = 10;

/// The values of one point, by PointValue.
using PointValues = std::array<double, point_value_count>;

/// Returns what a property or field of this name is, if it is one of a point.
std::optional<PointValue> point_value(std::string_view name);

/// The axes that the words of a comment, "axes NAME", name; nothing for any other comment.
std::optional<Axes> axes_of_comment(std::span<const std::string_view> words);

/// Makes a cloud of the values that a file has of its points. Points with a coordinate that is not
/// finite as float32 are dropped. Colours of 8 bits count as they are, those of 16 bits by their
/// upper 8, floats from 0 to 1; other types are clamped to 0 to 255.
class PointCollector {
 public:
  /// Which values the file has, and their types. Throws Error{corrupt_data, stage file}, which
  /// `format` begins, for a type twice or a cloud without x, y or z.
  class Layout {
   public:
    explicit Layout(std::string_view format) : format_(format) {}
    void add(PointValue value, Scalar type);
    void check() const;
    const std::optional<Scalar>& operator[](PointValue value) const {
      return types_[static_cast<std::size_t>(value)];
    }

   private:
    std::string_view format_;
    std::array<std::optional<Scalar>, point_value_count> types_{};
  };

  /// Allocates memory for `count` points.
  PointCollector(std::size_t count, const Layout& layout, Axes axes);
  void add(const PointValues& values);
  PointCloud take();

 private:
  enum class Colors { none, channels, packed };

  PointCloud cloud_;
  std::size_t kept_ = 0;
  Colors colors_ = Colors::none;
  std::array<Scalar, 3> types_{};  // of the channels
  bool has_normals_ = false;
};

}  // namespace depthcloud
