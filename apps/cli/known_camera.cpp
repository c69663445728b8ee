// SPDX-License-Identifier: Apache-2.0
#include "known_camera.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

#include "turn.hpp"

namespace cli {
namespace {

using depthcloud::Intrinsics;
using depthcloud::IntrinsicsSource;

constexpr double widest = 150;
constexpr double narrowest = 5;
constexpr double most_unequal = 3;  ///< fx to fy, in a picture that was not stretched
constexpr double central = 0.1;     ///< how far from the centre of a picture that is not cropped
constexpr double middle = 0.2;      ///< farther from it other pixels may be meant

double view_degrees(double focal, int pixels) {
  return 2 * std::atan(pixels / 2.0 / focal) * 180 / std::numbers::pi;
}

/// How far the principal point is from the centre, as a share of the picture.
double off_centre(const Intrinsics& k, const Size& size) {
  return std::max(std::abs(k.cx / size.width - 0.5), std::abs(k.cy / size.height - 0.5));
}

/// Why no lens sees so, whatever its principal point; empty: one may. A strip may be narrow on one
/// side.
std::string odd_view(const Intrinsics& k, const Size& size) {
  const double wide = view_degrees(k.fx, size.width);
  const double high = view_degrees(k.fy, size.height);
  constexpr double highest = 170;  // of an upright picture of that width
  if (wide <= widest && high <= highest && std::max(wide, high) >= narrowest) return "";
  return fmt::format("their view is {:.3g} degrees wide and {:.3g} high, not {:g} to {:g}", wide,
                     high, narrowest, widest);
}

std::string odd_pixels(const Intrinsics& k) {
  const double ratio = std::max(k.fx / k.fy, k.fy / k.fx);
  if (ratio <= most_unequal) return "";
  return fmt::format("one focal length is {:.3g} times the other", ratio);
}

/// Whether two cameras of a picture differ by less than its pixels show.
bool is_near(const Intrinsics& a, const Intrinsics& b, const Size& size) {
  const double most = 1e-6 * std::max(size.width, size.height);
  return std::abs(a.fx - b.fx) < most && std::abs(a.fy - b.fy) < most &&
         std::abs(a.cx - b.cx) < most && std::abs(a.cy - b.cy) < most;
}

/// A way to read intrinsics.
struct Reading {
  Intrinsics told;      ///< in pixels of the picture in which they count
  Intrinsics in_depth;  ///< in pixels of the depth map, as it is in its file
  std::string origin;
  bool turned = false;  ///< the picture lay otherwise than the depth map

  std::string oddity(const Size& depth) const {
    const std::string view = odd_view(in_depth, depth);
    return view.empty() ? odd_pixels(told) : view;
  }
};

/// The camera of a picture of the same view, where it counts in pixels of that picture.
class Pictures {
 public:
  /// `turn`: by what the depth map will be turned upright; `photo_turn`: what EXIF turned the photo
  /// by.
  Pictures(const Size& depth, int turn, int photo_turn)
      : depth_(depth),
        upright_(swaps_axes(turn) ? transposed(depth) : depth),
        turn_(turn),
        photo_turn_(photo_turn) {}

  /// From a picture that lies as the depth map does.
  Intrinsics of_depth(const Intrinsics& k, const Size& size) const {
    return k.scaled_to(size.width, size.height, depth_.width, depth_.height);
  }
  /// From one that lies as the depth map will, once it is turned upright.
  Intrinsics of_upright(const Intrinsics& k, const Size& size) const {
    return turned(k.scaled_to(size.width, size.height, upright_.width, upright_.height), upright_,
                  inverse_orientation(turn_));
  }
  /// From one that lies as the photo did before EXIF turned it on its side.
  Intrinsics of_stored(const Intrinsics& k, const Size& size) const {
    if (turn_ != 1) return of_depth(k, size);
    const Size stored = this->stored();
    return turned(k.scaled_to(size.width, size.height, stored.width, stored.height), stored,
                  photo_turn_);
  }

  const Size& upright() const { return upright_; }
  Size stored() const { return lies_otherwise() ? transposed(upright_) : upright_; }
  /// Whether the photo was turned on its side, so that it lay otherwise before.
  bool lies_otherwise() const { return swaps_axes(photo_turn_); }
  bool depth_is_upright() const { return turn_ == 1; }

 private:
  Size depth_;
  Size upright_;
  int turn_;
  int photo_turn_;
};

std::string text_of(const Intrinsics& k) {
  return fmt::format("--intrinsics {},{},{},{}", k.fx, k.fy, k.cx, k.cy);
}

Reading reading_of_named_size(const Intrinsics& k, const Size& size, const CameraSources& sources,
                              const Size& depth, const Pictures& pictures) {
  const Size normalised{1, 1};
  const Size photo{sources.photo.width, sources.photo.height};
  const std::string origin = "--intrinsics, scaled from " + to_string(size);
  if (size == normalised) {
    const Intrinsics in_depth = pictures.of_depth(k, size);
    return {in_depth, in_depth, origin};
  }
  if (same_aspect(size, depth)) return {k, pictures.of_depth(k, size), origin};
  if (size == photo || same_aspect(size, pictures.upright())) {
    return {k, pictures.of_upright(k, size), origin, !pictures.depth_is_upright()};
  }
  if (pictures.lies_otherwise() &&
      (size == transposed(photo) || same_aspect(size, pictures.stored()))) {
    return {k, pictures.of_stored(k, size), origin, pictures.depth_is_upright()};
  }
  throw std::runtime_error(fmt::format("--intrinsics-size {} is of another shape than the {} of {}",
                                       to_string(size), sources.picture, to_string(depth)));
}

DepthCamera of_named_size(const Intrinsics& k, const Size& size, const CameraSources& sources,
                          const Size& depth, const Pictures& pictures) {
  const Reading reading = reading_of_named_size(k, size, sources, depth, pictures);
  const double off = off_centre(reading.in_depth, depth);
  const std::string oddity =
      off < 0.5 ? reading.oddity(depth) : "their principal point is not within it";
  if (!oddity.empty()) {
    throw std::runtime_error(
        fmt::format("{} make no likely camera of a picture of {}: {}; --intrinsics-size is the "
                    "size of the picture in whose pixels they count",
                    text_of(k), to_string(size), oddity));
  }
  DepthCamera camera{reading.in_depth, IntrinsicsSource::options, reading.origin};
  camera.turned = reading.turned;
  if (off >= middle) {
    camera.remark = fmt::format(
        "the principal point of --intrinsics is far from the centre of the picture of {}, as in a "
        "crop",
        to_string(size));
  }
  return camera;
}

std::vector<Reading> readings_of(const Intrinsics& k, const CameraSources& sources,
                                 const Size& depth, const Pictures& pictures) {
  std::vector<Reading> readings = {
      {k, k, fmt::format("--intrinsics, in pixels of the {}", sources.picture)}};
  const Size photo{sources.photo.width, sources.photo.height};
  if (photo.width <= 0) return readings;
  const auto add = [&](const Intrinsics& in_depth, const std::string& origin, bool turned) {
    const bool is_new = std::ranges::none_of(
        readings, [&](const Reading& other) { return is_near(other.in_depth, in_depth, depth); });
    if (is_new) readings.push_back({k, in_depth, "--intrinsics, " + origin, turned});
  };
  if (photo != pictures.upright()) {
    add(pictures.of_upright(k, photo), "scaled from the photo's " + to_string(photo),
        !pictures.depth_is_upright());
  }
  if (!pictures.lies_otherwise()) return readings;
  const bool turned = pictures.depth_is_upright();
  const Size stored = transposed(photo);
  add(pictures.of_upright(k, pictures.upright()), "of the upright photo", !turned);
  add(pictures.of_stored(k, stored),
      fmt::format("{} the photo's {}", turned ? "turned from" : "scaled from", to_string(stored)),
      turned);
  add(pictures.of_stored(k, pictures.stored()),
      "turned from a picture of " + to_string(pictures.stored()), turned);
  return readings;
}

/// What is odd about the first reading, the plain one.
std::string doubt(const Reading& plain, const Size& depth) {
  std::string oddity = plain.oddity(depth);
  if (!oddity.empty()) return oddity;
  return off_centre(plain.in_depth, depth) < 0.5
             ? "their principal point is far from the centre, as in a smaller or larger picture"
             : "their principal point is not within it";
}

DepthCamera of_likely_size(const Intrinsics& k, const CameraSources& sources, const Size& depth,
                           const Pictures& pictures) {
  const std::vector<Reading> readings = readings_of(k, sources, depth, pictures);
  const auto is_within = [&](double most) {
    return [&depth, most](const Reading& reading) {
      return off_centre(reading.in_depth, depth) < most && reading.oddity(depth).empty();
    };
  };
  const auto by_centre = [&](const Reading& a, const Reading& b) {
    return off_centre(a.in_depth, depth) < off_centre(b.in_depth, depth);
  };
  const auto known = [](const Reading& reading) {
    DepthCamera camera{reading.in_depth, IntrinsicsSource::options, reading.origin};
    camera.turned = reading.turned;
    return camera;
  };
  const Reading& plain = readings.front();
  const auto count = std::ranges::count_if(readings, is_within(central));
  const bool plain_is_nearest = std::ranges::min_element(readings, by_centre) == readings.begin();
  if (is_within(central)(plain) && (count == 1 || plain_is_nearest)) return known(plain);
  if (count == 1) return known(*std::ranges::find_if(readings, is_within(central)));
  if (count == 0 && is_within(middle)(plain) &&
      std::ranges::count_if(readings, is_within(middle)) == 1) {
    return known(plain);
  }
  const depthcloud::PhotoInfo& photo = sources.photo;
  const bool may = count > 1 || is_within(middle)(plain);
  const std::string of_photo =
      photo.width > 0 && sources.depth_is_apart
          ? fmt::format(" {} of the photo ({} x {})", may ? "or" : "nor", photo.width, photo.height)
          : "";
  throw std::runtime_error(fmt::format(
      "{} {} in pixels of the {} ({}){}{}: say in which picture's with --intrinsics-size WxH",
      text_of(k), may ? "may count" : "make no likely camera", sources.picture, to_string(depth),
      of_photo, may ? "" : ", " + doubt(plain, depth)));
}

}  // namespace

DepthCamera camera_of(const CameraSources& sources, const Size& depth, int orientation) {
  const Pictures pictures(depth, orientation, sources.photo.orientation);
  const Size& upright = pictures.upright();
  const depthcloud::PhotoInfo& photo = sources.photo;
  if (sources.options.intrinsics) {
    const Intrinsics& k = *sources.options.intrinsics;
    return sources.intrinsics_size
               ? of_named_size(k, *sources.intrinsics_size, sources, depth, pictures)
               : of_likely_size(k, sources, depth, pictures);
  }
  const auto of_view = [&](double degrees) {
    return pictures.of_upright(Intrinsics::from_fov(degrees, upright.width, upright.height),
                               upright);
  };
  if (sources.options.fov_degrees) {
    return {of_view(*sources.options.fov_degrees), IntrinsicsSource::options, "--fov"};
  }
  if (photo.focal_px > 0) {
    const Intrinsics of_photo{photo.focal_px, photo.focal_px, photo.width / 2.0,
                              photo.height / 2.0};
    return {pictures.of_upright(of_photo, {photo.width, photo.height}), IntrinsicsSource::exif,
            origin_of(IntrinsicsSource::exif)};
  }
  return {of_view(depthcloud::default_horizontal_fov_degrees), IntrinsicsSource::default_fov,
          origin_of(IntrinsicsSource::default_fov)};
}

PhotoCamera camera_of_photo(const depthcloud::EstimatorOptions& options,
                            const std::optional<Size>& intrinsics_size,
                            const depthcloud::PhotoInfo& photo) {
  const Size upright{photo.width, photo.height};
  const CameraSources sources{options, intrinsics_size, photo, "photo", /*depth_is_apart=*/false};
  const DepthCamera camera = camera_of(sources, upright, /*orientation=*/1);
  if (camera.turned) {
    const Intrinsics& k = camera.intrinsics;
    throw std::runtime_error(
        fmt::format("{} fit the photo as it was stored, of {}, which EXIF turned: of the upright "
                    "one, of {}, they are {:.10g},{:.10g},{:.10g},{:.10g}",
                    text_of(options.intrinsics.value()), to_string(transposed(upright)),
                    to_string(upright), k.fx, k.fy, k.cx, k.cy));
  }
  return {intrinsics_size.value_or(upright), camera.origin, camera.remark};
}

std::string oddity_of_camera(const Intrinsics& camera, const Size& size) {
  if (off_centre(camera, size) >= 0.5) return "the principal point is not within the picture";
  const std::string view = odd_view(camera, size);
  return view.empty() ? odd_pixels(camera) : view;
}

std::string camera_line(const depthcloud::DepthMap& depth, const std::string& origin) {
  const Intrinsics& k = depth.intrinsics();
  return fmt::format(
      "camera fx {:.5g} fy {:.5g} cx {:.5g} cy {:.5g} of {} x {} ({:.1f} degrees "
      "wide): {}",
      k.fx, k.fy, k.cx, k.cy, depth.width(), depth.height(), view_degrees(k.fx, depth.width()),
      origin);
}

const char* origin_of(IntrinsicsSource source) {
  switch (source) {
    case IntrinsicsSource::options:
      return "of the options";
    case IntrinsicsSource::model:
      return "the network's own";
    case IntrinsicsSource::exif:
      return "the photo's EXIF record";
    case IntrinsicsSource::default_fov:
      break;
  }
  return "assumed, nothing is known of it";
}

}  // namespace cli
