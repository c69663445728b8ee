// SPDX-License-Identifier: Apache-2.0
#include "known_depth.hpp"

#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "turn.hpp"

namespace cli {
namespace {

/// The photo before and after it was turned.
struct Sizes {
  Size stored;
  Size upright;
};

Sizes sizes_of(const depthcloud::PhotoInfo& photo) {
  const Size upright{photo.width, photo.height};
  return {swaps_axes(photo.orientation) ? transposed(upright) : upright, upright};
}

[[noreturn]] void fail(const std::string& message) { throw std::runtime_error(message); }

void check_aspect(const Size& depth, const Size& photo, const char* which, bool stretch) {
  if (stretch || same_aspect(depth, photo)) return;
  fail(fmt::format("depth of {} does not fit the {} of {}: {}", to_string(depth), which,
                   to_string(photo),
                   same_aspect(transposed(depth), photo)
                       ? "one of them lies on its side"
                       : "they differ in shape, so that they do not show the same; --stretch lays "
                         "one on the other all the same"));
}

}  // namespace

int orientation_of_depth(const depthcloud::PhotoInfo& photo, const Size& depth,
                         const KnownDepth& known) {
  const auto [stored, upright] = sizes_of(photo);
  if (photo.orientation == 1) {
    check_aspect(depth, upright, "photo", known.stretch);
    return 1;
  }
  if (known.as_stored) {
    *known.as_stored ? check_aspect(depth, stored, "photo as it was stored", known.stretch)
                     : check_aspect(depth, upright, "upright photo", known.stretch);
    return *known.as_stored ? photo.orientation : 1;
  }
  const bool fits_stored = same_aspect(depth, stored);
  const bool fits_upright = same_aspect(depth, upright);
  if (fits_stored == fits_upright) {
    if (!fits_stored) check_aspect(depth, upright, "upright photo", /*stretch=*/false);
    fail(
        fmt::format("the photo was turned (EXIF orientation {}), and depth of {} may lie either "
                    "way: say --depth-orientation stored or upright",
                    photo.orientation, to_string(depth)));
  }
  return fits_stored ? photo.orientation : 1;
}

}  // namespace cli
