/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

static void options_are_read(void) {
  dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
  dcl_model* model = NULL;

  options.device = "nonsense";
  CHECK(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err) < 0);
  options.device = NULL;
  options.precision = 5;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "precision is 5");
  options.precision = -1;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "precision is -1");
  options.precision = 0;
  options.resize_method = 9;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "resize_method is 9");
  options.resize_method = 0;
  options.tokens = 40001;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "40001 tokens");
  options.tokens = 100;
  options.resolution_level = DCL_RESOLUTION_LEVEL(0); /* a level, not the default */
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "more than one of");
  options.tokens = 0;
  options.resolution_level = DCL_RESOLUTION_LEVEL(10);
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "resolution level 10");
  options.resolution_level = 0;
  options.normals = 2;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "normals is 2");
  options.normals = 0;
  CHECK(model == NULL);
}

/* AUTO is a choice: what was taken is told. */
static void auto_precision_is_resolved(void) {
  dcl_error err = DCL_ERROR_INIT;
  dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_model* model = NULL;
  options.precision = DCL_PRECISION_AUTO;
  REQUIRE(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err));
  info.precision = DCL_PRECISION_AUTO;
  REQUIRE(dcl_model_get_info(model, &info, &err));
  CHECK(info.precision == DCL_PRECISION_F32);
  CHECK(info.tokens == 0 && info.has_normals == 0);
  dcl_model_free(model);
}

/* A model that was cancelled computes no more, for whoever holds it. */
static void cancel_ends_passes(void) {
  dcl_image_view image = small_image();
  dcl_depth_map* map = NULL;
  dcl_frame* frame = NULL;
  dcl_pipeline* pipeline = NULL;
  dcl_model* model = open_constant("constant:2,60000"); /* a minute a pass */
  REQUIRE(dcl_pipeline_create(model, NULL, &pipeline, &err));
  REQUIRE(dcl_model_cancel(model, &err));
  REQUIRE(dcl_model_cancel(model, &err));
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_CANCELLED, "stopped");
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err), DCL_E_CANCELLED,
              "stopped");
  CHECK(err.stage == DCL_STAGE_INFER && map == NULL && frame == NULL);
  dcl_pipeline_free(pipeline);
  dcl_model_free(model);
}

/* Images of two sizes in one call come back in their order, or not at all. */
static void estimates_batches(dcl_model* model) {
  static uint8_t wide_pixels[3 * 12 * 3];
  dcl_image_view small = small_image();
  dcl_image_view wide = DCL_IMAGE_VIEW_INIT;
  dcl_image_view empty = DCL_IMAGE_VIEW_INIT;
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_depth_map* maps[3] = {NULL, NULL, NULL};
  const dcl_image_view* images[3];
  int i;
  wide.data = wide_pixels;
  wide.width = 12;
  wide.height = 3;
  images[0] = &small;
  images[1] = &wide;
  images[2] = &empty;
  CHECK_FAILS(dcl_model_estimate_batch(model, images, 3, maps, &err), DCL_E_INVALID_ARGUMENT, "");
  CHECK(maps[0] == NULL && maps[1] == NULL && maps[2] == NULL);
  images[2] = &small;
  REQUIRE(dcl_model_estimate_batch(model, images, 3, maps, &err));
  for (i = 0; i < 3; ++i) {
    REQUIRE(dcl_depth_map_get_view(maps[i], &depth, &err));
    CHECK((depth.width > 2 * depth.height) == (i == 1) && depth.depth[0] == 2.5f);
    dcl_depth_map_free(maps[i]);
  }
  REQUIRE(dcl_model_estimate_batch(model, images, 0, maps, &err));
  CHECK_FAILS(dcl_model_estimate_batch(model, images, 4097, maps, &err), DCL_E_INVALID_ARGUMENT,
              "more than 4096");
}

static void names_what_makes_no_metres(void) {
  dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
  dcl_model* model = NULL;
  options.metric_model = "constant";
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "gives metres itself");
  options.metric_model = NULL;
  options.metric_interval = 3;
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", &options, &model, &err),
              DCL_E_INVALID_ARGUMENT, "no metric model");
  options.metric_interval = 0;
  CHECK(model == NULL);
}

static void resizes(const dcl_depth_map* map, const dcl_depth_view* depth) {
  dcl_depth_view large = DCL_DEPTH_VIEW_INIT;
  dcl_depth_map* resized = NULL;
  CHECK_FAILS(dcl_depth_map_resize(map, 0, 8, &resized, &err), DCL_E_INVALID_ARGUMENT, "0 x 8");
  CHECK(resized == NULL);
  REQUIRE(dcl_depth_map_resize(map, 2 * depth->width, 3 * depth->height, &resized, &err));
  REQUIRE(dcl_depth_map_get_view(resized, &large, &err));
  CHECK(large.width == 2 * depth->width && large.height == 3 * depth->height);
  CHECK(large.depth[6 * depth->width * depth->height - 1] == 2.5f && large.is_metric == 1);
  CHECK(large.intrinsics.fx == 2 * depth->intrinsics.fx);
  dcl_depth_map_free(resized);
}

void test_model(void) {
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_image_view image = small_image();
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  const dcl_image_view* views[1];
  dcl_depth_map* map = NULL;
  dcl_model* model = NULL;
  views[0] = &image;

  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION + 1, "constant", NULL, &model, &err), DCL_E_ABI,
              "ABI version");
  CHECK_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant:-2", NULL, &model, &err),
              DCL_E_INVALID_ARGUMENT, "METRES");
  CHECK(dcl_model_load(DCL_ABI_VERSION, "/no/such/model.safetensors", NULL, &model, &err) ==
        DCL_E_NOT_FOUND);
  CHECK(model == NULL);
  options_are_read();
  auto_precision_is_resolved();
  cancel_ends_passes();
  names_what_makes_no_metres();

  model = open_constant("constant:2.5");
  REQUIRE(dcl_model_get_info(model, &info, &err));
  CHECK(strcmp(info.name, "constant") == 0 && strcmp(info.backend, "constant") == 0);
  CHECK(strcmp(info.device, "cpu") == 0 && info.license[0] == 0);
  CHECK(info.has_sky == 0 && strcmp(info.metric_model, "") == 0);
  CHECK(info.confidence_low == 1 && info.confidence_high == 1 && info.edge_threshold > 0);
  CHECK(info.is_metric == 1 && info.process_res > 0 && info.precision == DCL_PRECISION_F32);
  CHECK(info.is_multi_view == 0 && info.memory_bytes == 0);
  CHECK(info.architecture != NULL && info.input != NULL);
  REQUIRE(dcl_model_warm_up(model, 32, 24, &err));
  CHECK(dcl_model_warm_up(model, 0, -1, &err) == DCL_E_INVALID_ARGUMENT);

  REQUIRE(dcl_model_estimate(model, &image, &map, &err));
  REQUIRE(dcl_depth_map_get_view(map, &depth, &err));
  CHECK(depth.width > 0 && depth.height > 0 && depth.depth[0] == 2.5f);
  CHECK(depth.confidence[0] == 1.0f && depth.sky == NULL && depth.is_metric == 1);
  CHECK(depth.intrinsics.fx > 0 && depth.has_extrinsics == 0 && depth.region[2] == 1.0);
  resizes(map, &depth);
  dcl_depth_map_free(map);
  estimates_batches(model);

  map = NULL;
  CHECK_FAILS(dcl_model_estimate_views(model, views, 1, NULL, &map, &err), DCL_E_UNSUPPORTED, "");
  CHECK(map == NULL);
  image.width = 0;
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_INVALID_ARGUMENT, "0 x 3");
  image = small_image();
  image.format = 7;
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_INVALID_ARGUMENT,
              "pixel format is 7");
  image = small_image();
  image.stride = 11; /* rows that overlap */
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_INVALID_ARGUMENT, "stride 11");
  image.stride = -12; /* from the last row up */
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_INVALID_ARGUMENT, "stride -12");
  image.stride = INT64_MAX;
  CHECK_FAILS(dcl_model_estimate(model, &image, &map, &err), DCL_E_INVALID_ARGUMENT, "no memory");
  image.stride = INT64_MIN;
  CHECK(dcl_model_estimate(model, &image, &map, &err) == DCL_E_INVALID_ARGUMENT);
  image = small_image();
  image.width = INT32_MAX; /* wider than the stride */
  image.stride = INT32_MAX;
  CHECK(dcl_model_estimate(model, &image, &map, &err) == DCL_E_INVALID_ARGUMENT);
  CHECK(map == NULL);
  dcl_model_free(model);
}
