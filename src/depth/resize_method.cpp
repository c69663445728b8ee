// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/estimator.hpp>

#include "core/quote.hpp"

namespace depthcloud {

const char* name(ResizeMethod method) noexcept {
  switch (method) {
    case ResizeMethod::upper_bound_resize:
      return "upper_bound_resize";
    case ResizeMethod::upper_bound_crop:
      return "upper_bound_crop";
    case ResizeMethod::lower_bound_resize:
      return "lower_bound_resize";
    case ResizeMethod::lower_bound_crop:
      return "lower_bound_crop";
  }
  return "unknown";
}

ResizeMethod parse_resize_method(std::string_view text) {
  constexpr std::array methods = {ResizeMethod::upper_bound_resize, ResizeMethod::upper_bound_crop,
                                  ResizeMethod::lower_bound_resize, ResizeMethod::lower_bound_crop};
  for (const ResizeMethod method : methods) {
    if (text == name(method)) return method;
  }
  throw Error(ErrorCode::invalid_argument, Stage::preprocess,
              fmt::format("{} is not a resize method (upper_bound_resize, upper_bound_crop, "
                          "lower_bound_resize, lower_bound_crop)",
                          quote(text)));
}

}  // namespace depthcloud
