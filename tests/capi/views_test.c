/* SPDX-License-Identifier: Apache-2.0 */
/* Several views of a scene through an any-view network: the checkpoint that the environment
 * variable DEPTHCLOUD_TEST_CHECKPOINT names. */
#include <stdlib.h>

#include "check.h"

static dcl_image_view striped(uint8_t* pixels, int32_t width, int32_t height) {
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  int32_t i;
  for (i = 0; i < 3 * width * height; ++i) pixels[i] = (uint8_t)(i * 7);
  image.data = pixels;
  image.width = width;
  image.height = height;
  return image;
}

void test_views(void) {
  static uint8_t wide_pixels[3 * 80 * 60];
  static uint8_t tall_pixels[3 * 60 * 80];
  const char* checkpoint = getenv("DEPTHCLOUD_TEST_CHECKPOINT");
  dcl_image_view wide = striped(wide_pixels, 80, 60);
  dcl_image_view tall = striped(tall_pixels, 60, 80);
  const dcl_image_view* images[2];
  dcl_intrinsics cameras[2] = {{70, 70, 40, 30}, {70, 70, 30, 40}};
  double poses[24] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, -1, 0, 1, 0, 0, 0, 0, 1, 0};
  dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_views_options views = DCL_VIEWS_OPTIONS_INIT;
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_depth_map* maps[2] = {NULL, NULL};
  dcl_model* model = NULL;
  int i;
  images[0] = &wide;
  images[1] = &tall;

  options.device = "cpu";
  options.process_res = 56;
  REQUIRE(dcl_model_load(DCL_ABI_VERSION, checkpoint ? checkpoint : "", &options, &model, &err));
  REQUIRE(dcl_model_get_info(model, &info, &err));
  CHECK(info.is_multi_view == 1 && info.architecture[0] != 0 && info.memory_bytes > 0);

  REQUIRE(dcl_model_estimate_views(model, images, 2, NULL, maps, &err));
  for (i = 0; i < 2; ++i) {
    REQUIRE(dcl_depth_map_get_view(maps[i], &depth, &err));
    CHECK(depth.width > 0 && depth.height > 0 && depth.has_extrinsics == 1);
    CHECK(depth.intrinsics_source == DCL_INTRINSICS_MODEL && depth.region[2] > 0);
    dcl_depth_map_free(maps[i]);
    maps[i] = NULL;
  }

  views.intrinsics = cameras;
  views.extrinsics = poses;
  REQUIRE(dcl_model_estimate_views(model, images, 2, &views, maps, &err));
  REQUIRE(dcl_depth_map_get_view(maps[1], &depth, &err));
  CHECK(depth.extrinsics[3] == -1.0); /* known cameras come back */
  for (i = 0; i < 2; ++i) {
    dcl_depth_map_free(maps[i]);
    maps[i] = NULL;
  }

  poses[0] = 3; /* no rotation */
  CHECK_FAILS(dcl_model_estimate_views(model, images, 2, &views, maps, &err),
              DCL_E_INVALID_ARGUMENT, "");
  views.extrinsics = NULL;
  CHECK_FAILS(dcl_model_estimate_views(model, images, 2, &views, maps, &err),
              DCL_E_INVALID_ARGUMENT, "extrinsics is NULL");
  views.intrinsics = NULL;
  views.reference_view = 4;
  CHECK_FAILS(dcl_model_estimate_views(model, images, 2, &views, maps, &err),
              DCL_E_INVALID_ARGUMENT, "reference_view is 4");
  CHECK_FAILS(dcl_model_estimate_views(model, images, 0, NULL, maps, &err), DCL_E_INVALID_ARGUMENT,
              "");
  CHECK(maps[0] == NULL && maps[1] == NULL);
  dcl_model_free(model);
}
