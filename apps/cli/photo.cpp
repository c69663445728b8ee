// SPDX-License-Identifier: Apache-2.0
#include "photo.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/decode.hpp>

#include "camera_json.hpp"
#include "file_error.hpp"
#include "known_camera.hpp"
#include "remarks.hpp"
#include "standard_streams.hpp"
#include "timed.hpp"

namespace cli {
namespace {

using depthcloud::IntrinsicsSource;
using depthcloud::Stage;

bool is_depth(float z) { return std::isfinite(z) && z > 0; }

bool is_jpeg(const std::vector<std::uint8_t>& bytes) {
  return bytes.size() > 1 && bytes[0] == 0xFF && bytes[1] == 0xD8;
}

/// At full size, or no larger than the network needs where it is trained for that.
void decode(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
            const std::filesystem::path& photo, bool full_size, PhotoDepth& result) {
  const Remarks remarks(photo);
  with_file(photo, [&] {
    const std::vector<std::uint8_t> bytes = read_input(photo);
    if (full_size) {
      result.times[Stage::decode] =
          timed([&] { result.image = depthcloud::decode_image(bytes, options.decode); });
    } else {
      depthcloud::DecodedFrame decoded = network.decode(bytes);
      result.image = std::move(decoded.image);
      result.times[Stage::decode] = decoded.decode_ms;
    }
    if (options.fast_decode && !is_jpeg(bytes)) {
      result.notes.emplace_back(
          "--fast-decode has no effect: only a JPEG is decoded at a reduced scale");
    }
  });
}

/// The pixels as a network takes them: with the size in whose pixels --intrinsics counts as that of
/// the photo, from which the library scales them.
depthcloud::ImageView view_of(const NetworkOptions& options, PhotoDepth& photo) {
  depthcloud::ImageView view = std::as_const(photo.image).view();
  if (!options.estimator.intrinsics) return view;
  const PhotoCamera camera =
      camera_of_photo(options.estimator, options.intrinsics_size, photo_of(photo.image));
  view.photo.width = camera.picture.width;
  view.photo.height = camera.picture.height;
  photo.camera = camera.origin;
  if (!camera.remark.empty()) photo.notes.push_back(camera.remark);
  return view;
}

/// Brings the depth to the size that is wanted, and says which camera was used.
void finish(PhotoDepth& photo, const NetworkOptions& options, bool full_size) {
  if (full_size) upsample(photo);
  if (!options.estimator.metric_model.empty() && !photo.depth.is_metric()) {
    photo.notes.emplace_back("depth has no metres: --metric-model found no scale in this picture");
  }
  const IntrinsicsSource source = photo.depth.info().intrinsics_source;
  const bool is_told = source == IntrinsicsSource::options && !photo.camera.empty();
  photo.camera = camera_line(photo.depth, is_told ? photo.camera : origin_of(source));
}

void estimate(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
              bool full_size, PhotoDepth& photo) {
  photo.depth = network.estimator().estimate(view_of(options, photo), &photo.times);
  finish(photo, options, full_size);
}

}  // namespace

depthcloud::PhotoInfo photo_of(const depthcloud::Image& image) {
  depthcloud::PhotoInfo photo = image.photo();
  if (photo.width == 0) {
    photo.width = image.width();
    photo.height = image.height();
  }
  return photo;
}

void upsample(PhotoDepth& result) {
  const depthcloud::PhotoInfo photo = photo_of(result.image);
  const depthcloud::ImageRegion& region = result.depth.info().region;
  const auto share = [](double part, int size) {
    return std::max(static_cast<int>(std::lround(part * size)), 1);
  };
  result.depth = result.depth.host().resized(share(region.width, photo.width),
                                             share(region.height, photo.height));
}

PhotoDepth estimate_photo(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
                          const std::filesystem::path& photo, bool full_size) {
  PhotoDepth result;
  decode(network, options, photo, full_size, result);
  estimate(network, options, full_size, result);
  return result;
}

PhotoDepth estimate_image(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
                          depthcloud::Image&& image, bool full_size) {
  PhotoDepth result;
  result.image = std::move(image);
  estimate(network, options, full_size, result);
  return result;
}

std::vector<PhotoDepth> estimate_views(const depthcloud::EstimatorSource& network,
                                       const NetworkOptions& options,
                                       const std::vector<std::filesystem::path>& photos,
                                       const SceneOptions& scene, bool full_size) {
  std::vector<PhotoDepth> results(photos.size());
  std::vector<depthcloud::ImageView> views;
  std::vector<depthcloud::PhotoInfo> sizes;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    decode(network, options, photos[i], full_size, results[i]);
    views.push_back(with_file(photos[i], [&] {
      return scene.cameras ? std::as_const(results[i].image).view() : view_of(options, results[i]);
    }));
    sizes.push_back(photo_of(results[i].image));
  }
  depthcloud::ViewsOptions of_scene{.reference_view = scene.reference_view};
  if (scene.cameras) {
    for (PhotoDepth& result : results) result.camera = "--cameras";
    with_file(*scene.cameras, [&] { of_scene.cameras = read_cameras(*scene.cameras, sizes); });
  }
  depthcloud::StageTimes times;
  const std::vector<depthcloud::DepthMap> maps =
      network.estimator().estimate_views(views, of_scene, &times);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].depth = maps[i];
    finish(results[i], options, full_size);
  }
  for (const Stage stage : {Stage::preprocess, Stage::infer, Stage::metric}) {
    results.front().times[stage] = times[stage];  // of all views together
  }
  return results;
}

std::size_t pixels_with_depth(const depthcloud::DepthMap& depth) {
  const depthcloud::DepthMap map = depth.host();
  return static_cast<std::size_t>(std::ranges::count_if(map.depth(), is_depth));
}

bool has_confidence(const depthcloud::DepthMap& depth) {
  const depthcloud::DepthMap map = depth.host();
  return std::ranges::any_of(map.confidence(), [](float value) { return value != 1; });
}

std::string no_depth(const std::string& model) {
  constexpr const char* depth_is = "a depth that is finite and above 0";
  return model.empty()
             ? fmt::format("nothing was written: no pixel has {}", depth_is)
             : fmt::format("nothing was written: '{}' gives no pixel {}", model, depth_is);
}

std::string no_points(const depthcloud::DepthMap& depth, const depthcloud::CloudOptions& filters,
                      const std::string& model) {
  const std::size_t pixels = pixels_with_depth(depth);
  if (pixels == 0) return no_depth(model);
  std::string text =
      fmt::format("nothing was written: of {} pixels with depth the filters left no point", pixels);
  const depthcloud::DepthMap map = depth.host();
  if (filters.min_depth > 0 || std::isfinite(filters.max_depth)) {
    float nearest = std::numeric_limits<float>::infinity();
    float farthest = 0;
    for (const float z : map.depth()) {
      if (!is_depth(z)) continue;
      nearest = std::min(nearest, z);
      farthest = std::max(farthest, z);
    }
    text += fmt::format(" (depth goes from {:.3g} to {:.3g})", nearest, farthest);
  }
  if (filters.min_confidence > 0 && has_confidence(depth)) {
    const auto [least, most] = std::ranges::minmax_element(map.confidence());
    text += fmt::format(
        " (confidence goes from {:.3g} to {:.3g}; --confidence-percentile drops "
        "a share of the pixels, whatever it is)",
        *least, *most);
  }
  return text;
}

std::string summary(const depthcloud::DepthMap& depth, const depthcloud::StageTimes& times) {
  std::string text = fmt::format("{}x{} depth,", depth.width(), depth.height());
  for (const Stage stage : depthcloud::timed_stages) {
    if (times[stage] > 0) text += fmt::format(" {} {:.1f}", to_string(stage), times[stage]);
  }
  return text + " ms";
}

std::string metres_line(const PhotoDepth& photo, const std::filesystem::path& name) {
  if (!photo.fit) return "";
  const depthcloud::ScaleFit& fit = *photo.fit;
  std::string text =
      fmt::format("\n{}: metres by {} {:.6g}", name.string(), to_string(fit.model), fit.scale);
  if (fit.model != depthcloud::ScaleModel::scale) text += fmt::format(" shift {:.6g}", fit.shift);
  return text + fmt::format(", {} of {} known depths agree, median error {:.2g} %", fit.inliers,
                            fit.points, 100 * fit.error);
}

}  // namespace cli
