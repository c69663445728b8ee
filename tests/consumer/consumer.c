/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else's, in C: known depth becomes a PLY file. consumer OUT.ply */
#include <stdio.h>

#include <depthcloud/depthcloud.h>

int main(int argc, char** argv) {
  static const float depth[6] = {1, 1, 1, 2, 2, 2};
  static const uint8_t gray[6] = {10, 20, 30, 40, 50, 60};
  dcl_error err = DCL_ERROR_INIT;
  dcl_depth_view plane = DCL_DEPTH_VIEW_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  int ok;

  if (argc != 2) return 2;
  plane.width = image.width = 3;
  plane.height = image.height = 2;
  plane.depth = depth;
  plane.intrinsics.fx = plane.intrinsics.fy = 3;
  image.data = gray;
  image.format = DCL_PIXEL_GRAY;

  ok = dcl_abi_check(DCL_ABI_VERSION, &err) >= 0 &&
       dcl_cloud_builder_create(NULL, &builder, &err) >= 0 &&
       dcl_cloud_builder_build(builder, &plane, &image, &cloud, &err) >= 0 &&
       dcl_cloud_get_view(cloud, &view, &err) >= 0 &&
       dcl_cloud_write_ply(argv[1], &view, &err) >= 0;
  if (!ok) fprintf(stderr, "%s\n", err.message);
  printf("depthcloud %s: %d points\n", dcl_version(), (int)view.size);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
  return !ok;
}
