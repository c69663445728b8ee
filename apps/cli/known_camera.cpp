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

double view_degrees(double focal, int pixels) {
  return 2 * std::atan(pixels / 2.0 / focal) * 180 / std::numbers::pi;
}

/// How far the principal point is from the centre, as a share of the picture.
double off_centre(const Intrinsics& k, const Size& size) {
  return std::max(std::abs(k.cx / size.width - 0.5), std::abs(k.cy / size.height - 0.5));
}

/// A lens of a camera that a pinhole can stand for.
bool has_usual_view(const Intrinsics& k, const Size& size) {
  const auto usual = [](double degrees) { return degrees > 2 && degrees < 170; };
  return usual(view_degrees(k.fx, size.width)) && usual(view_degrees(k.fy, size.height));
}

/// The camera of a picture, where it counts in pixels of that picture.
class Pictures {
 public:
  Pictures(const Size& depth, int orientation)
      : depth_(depth),
        upright_(swaps_axes(orientation) ? transposed(depth) : depth),
        back_(inverse_orientation(orientation)) {}

  /// From a picture that lies as the depth map does.
  Intrinsics of_stored(const Intrinsics& k, const Size& size) const {
    return k.scaled_to(size.width, size.height, depth_.width, depth_.height);
  }
  /// From one that lies as the depth map will, once it is turned upright.
  Intrinsics of_upright(const Intrinsics& k, const Size& size) const {
    return turned(k.scaled_to(size.width, size.height, upright_.width, upright_.height), upright_,
                  back_);
  }
  const Size& upright() const { return upright_; }

 private:
  Size depth_;
  Size upright_;
  int back_;
};

DepthCamera of_named_size(const Intrinsics& k, const Size& size, const Size& photo,
                          const Size& depth, const Pictures& pictures) {
  const Size normalised{1, 1};
  const std::string origin = "--intrinsics, scaled from " + to_string(size);
  if (size == normalised || same_aspect(size, depth)) {
    return {pictures.of_stored(k, size), IntrinsicsSource::options, origin};
  }
  if (size == photo || same_aspect(size, pictures.upright())) {
    return {pictures.of_upright(k, size), IntrinsicsSource::options, origin};
  }
  throw std::runtime_error(
      fmt::format("--intrinsics-size {} is of another shape than the depth of {}", to_string(size),
                  to_string(depth)));
}

/// A way to read intrinsics.
struct Reading {
  Intrinsics in_depth;  ///< in pixels of the depth map
  std::string origin;
};

std::vector<Reading> readings_of(const Intrinsics& k, const depthcloud::PhotoInfo& photo,
                                 const Size& depth, const Pictures& pictures) {
  std::vector<Reading> readings = {{k, "--intrinsics, in pixels of the depth map"}};
  const Size upright{photo.width, photo.height};
  const bool turns = pictures.upright() != depth;
  if (upright.width > 0 && upright != pictures.upright()) {
    const std::string origin = "--intrinsics, scaled from the photo's ";
    readings.push_back({pictures.of_upright(k, upright), origin + to_string(upright)});
    if (turns) {
      const Size stored = transposed(upright);
      readings.push_back({pictures.of_stored(k, stored), origin + to_string(stored)});
    }
  } else if (turns) {
    readings.push_back({pictures.of_upright(k, upright), "--intrinsics, of the upright photo"});
  }
  return readings;
}

DepthCamera of_likely_size(const Intrinsics& k, const depthcloud::PhotoInfo& photo,
                           const Size& depth, const Pictures& pictures) {
  const std::vector<Reading> readings = readings_of(k, photo, depth, pictures);
  const auto is_central = [&](const Reading& reading) {
    return off_centre(reading.in_depth, depth) < 0.1 && has_usual_view(reading.in_depth, depth);
  };
  const Reading& of_depth = readings.front();
  const auto by_centre = [&](const Reading& a, const Reading& b) {
    return off_centre(a.in_depth, depth) < off_centre(b.in_depth, depth);
  };
  const auto nearest = std::ranges::min_element(readings, by_centre);
  const auto central = std::ranges::count_if(readings, is_central);
  const auto known = [](const Reading& reading) {
    return DepthCamera{reading.in_depth, IntrinsicsSource::options, reading.origin};
  };
  if (is_central(of_depth) && (central == 1 || nearest == readings.begin())) return known(of_depth);
  if (central == 1) return known(*std::ranges::find_if(readings, is_central));
  if (readings.size() == 1 && is_likely_camera(of_depth.in_depth, depth)) return known(of_depth);
  throw std::runtime_error(fmt::format(
      "--intrinsics {},{},{},{} {} in pixels of the depth map ({}){}: say in which picture's with "
      "--intrinsics-size WxH",
      k.fx, k.fy, k.cx, k.cy, central > 1 ? "may count" : "make no likely camera", to_string(depth),
      photo.width > 0 ? fmt::format(" {} of the photo ({} x {})", central > 1 ? "or" : "nor",
                                    photo.width, photo.height)
                      : ""));
}

}  // namespace

DepthCamera camera_of(const CameraSources& sources, const Size& depth, int orientation) {
  const Pictures pictures(depth, orientation);
  const Size& upright = pictures.upright();
  const depthcloud::PhotoInfo& photo = sources.photo;
  if (sources.options.intrinsics) {
    const Intrinsics& k = *sources.options.intrinsics;
    return sources.intrinsics_size ? of_named_size(k, *sources.intrinsics_size,
                                                   {photo.width, photo.height}, depth, pictures)
                                   : of_likely_size(k, photo, depth, pictures);
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

bool is_likely_camera(const Intrinsics& camera, const Size& size) {
  return off_centre(camera, size) < 0.5 && has_usual_view(camera, size);
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
