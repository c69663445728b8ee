// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/estimator.hpp>

#include "core/quote.hpp"

namespace depthcloud {

const char* name(ReferenceView view) noexcept {
  switch (view) {
    case ReferenceView::saddle_balanced:
      return "saddle_balanced";
    case ReferenceView::saddle_sim_range:
      return "saddle_sim_range";
    case ReferenceView::first:
      return "first";
    case ReferenceView::middle:
      return "middle";
  }
  return "unknown";
}

ReferenceView parse_reference_view(std::string_view text) {
  constexpr std::array views = {ReferenceView::saddle_balanced, ReferenceView::saddle_sim_range,
                                ReferenceView::first, ReferenceView::middle};
  for (const ReferenceView view : views) {
    if (text == name(view)) return view;
  }
  throw Error(ErrorCode::invalid_argument, Stage::infer,
              fmt::format("{} is not a reference view (saddle_balanced, saddle_sim_range, first, "
                          "middle)",
                          quote(text)));
}

}  // namespace depthcloud
