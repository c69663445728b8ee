// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/depth_scale.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

#include "network.hpp"

namespace cli {

/// The pixels and the depth of a photo.
struct PhotoDepth {
  depthcloud::Image image;
  depthcloud::DepthMap depth;
  depthcloud::StageTimes times;
  std::vector<std::string> notes;           ///< what its user should know of it
  std::string camera;                       ///< which one was used, in words
  std::optional<depthcloud::ScaleFit> fit;  ///< what made metres of it, see KnownMetres
};

/// The photo's own size, which the image may be a reduction of, and its focal length.
depthcloud::PhotoInfo photo_of(const depthcloud::Image& image);

/// The network's depth of a photo; upsampled to the photo's size with `full_size`.
PhotoDepth estimate_photo(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
                          const std::filesystem::path& photo, bool full_size);

/// The same of a picture that is decoded already.
PhotoDepth estimate_image(const depthcloud::EstimatorSource& network, const NetworkOptions& options,
                          depthcloud::Image&& image, bool full_size);

/// The network's depth of photos that show one scene, in one pass: one scale, one world frame. The
/// stage times of the network are those of all photos, in the first.
std::vector<PhotoDepth> estimate_views(const depthcloud::EstimatorSource& network,
                                       const NetworkOptions& options,
                                       const std::vector<std::filesystem::path>& photos,
                                       const SceneOptions& scene, bool full_size);

/// Brings the depth to the size of what it shows of the photo.
void upsample(PhotoDepth& photo);

/// How many pixels have depth: a finite one above 0.
std::size_t pixels_with_depth(const depthcloud::DepthMap& depth);

/// Whether the depth map's confidence says anything: it is 1 everywhere where there is none.
bool has_confidence(const depthcloud::DepthMap& depth);

/// What to say where no pixel has depth. `model`: what made the depth; empty: it was known.
std::string no_depth(const std::string& model);

/// What to say where the cloud of this depth map has no point: there is no depth, or these filters
/// drop it.
std::string no_points(const depthcloud::DepthMap& depth, const depthcloud::CloudOptions& filters,
                      const std::string& model);

/// "504x378 depth, decode 1.2 infer 30.5 ms": the size, and the stages that took time.
std::string summary(const depthcloud::DepthMap& depth, const depthcloud::StageTimes& times);

/// "\nNAME: " and what made metres of its depth and how well it fits; empty: there is no fit.
std::string metres_line(const PhotoDepth& photo, const std::filesystem::path& name);

}  // namespace cli
