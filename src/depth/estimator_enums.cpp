// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/estimator.hpp>

#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<Precision, 5> precisions{{"f32", "bf16", "f16", "int8", "auto"}};
constexpr EnumNames<ResizeMethod, 4> resize_methods{
    {"upper_bound_resize", "upper_bound_crop", "lower_bound_resize", "lower_bound_crop"}};
constexpr EnumNames<ReferenceView, 4> reference_views{
    {"saddle_balanced", "saddle_sim_range", "first", "middle"}};

}  // namespace

const char* to_string(Precision precision) noexcept { return precisions.to_string(precision); }
Precision parse_precision(std::string_view text) {
  return precisions.parse(text, "precision", Stage::load);
}
std::span<const char* const> precision_names() noexcept { return precisions.all(); }

const char* to_string(ResizeMethod method) noexcept { return resize_methods.to_string(method); }
ResizeMethod parse_resize_method(std::string_view text) {
  return resize_methods.parse(text, "resize method", Stage::preprocess);
}
std::span<const char* const> resize_method_names() noexcept { return resize_methods.all(); }

const char* to_string(ReferenceView view) noexcept { return reference_views.to_string(view); }
ReferenceView parse_reference_view(std::string_view text) {
  return reference_views.parse(text, "reference view", Stage::infer);
}
std::span<const char* const> reference_view_names() noexcept { return reference_views.all(); }

}  // namespace depthcloud
