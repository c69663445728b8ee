// SPDX-License-Identifier: Apache-2.0
// What compare_encodings.cpp measures, on the built-in network's depth of real photos: the middle
// of each, at 504 x 378.
#include <algorithm>
#include <memory>
#include <string>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/decode.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/files.hpp>

#include "compare_encodings.hpp"

namespace {

/// The largest part of 4 : 3 around an image's centre.
depthcloud::ImageView middle(const depthcloud::Image& image) {
  depthcloud::ImageView view = image.view();
  const int width = std::min(view.width, view.height * 4 / 3);
  const int height = std::min(view.height, view.width * 3 / 4);
  view.data += (view.height - height) / 2 * view.stride +
               std::ptrdiff_t{(view.width - width) / 2} * channels(view.format);
  view.width = width;
  view.height = height;
  view.photo = {};
  return view;
}

const bool registered = [] {
  auto estimator =
      depthcloud::DepthEstimator::load("builtin", {.device = "cpu", .process_res = 504});
  depthcloud::CloudBuilder builder;
  for (const char* name : {"coffee", "astronaut"}) {
    const depthcloud::Image photo = depthcloud::decode_image(
        depthcloud::read_file(std::string(DEPTHCLOUD_BENCH_PHOTOS) + "/" + name + ".jpg"));
    const depthcloud::ImageView view = middle(photo);
    add_wire_scene("network_" + std::string(name),
                   std::make_shared<depthcloud::DepthGrid>(
                       builder.build_grid(estimator.estimate(view), view)));
  }
  return true;
}();

}  // namespace
