// SPDX-License-Identifier: Apache-2.0
// Compiles as it stands; with one MISTAKE_ macro it must not.
#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/point_cloud.hpp>

int main() {
  const depthcloud::Image image(2, 2);
  const depthcloud::ImageView view = image.view();
#ifdef MISTAKE_image_view
  const auto dangling = depthcloud::Image(2, 2).view();
#endif
#ifdef MISTAKE_depth_view
  const auto dangling = depthcloud::DepthMap().view();
#endif
#ifdef MISTAKE_cloud_view
  const auto dangling = depthcloud::PointCloud().view();
#endif
  return view.width - 2;
}
