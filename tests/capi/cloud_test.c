/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "check.h"

static const double identity[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

static void builds(dcl_cloud_builder* builder) {
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud* cloud = NULL;

  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 12 && view.axes == DCL_AXES_OPENCV);
  CHECK(view.positions[0] == -1.0f && view.positions[1] == -0.5f && view.positions[2] == 2.0f);
  CHECK(memcmp(view.colors, image.data, 36) == 0);

  depth.height = image.height = 1;
  REQUIRE(dcl_cloud_builder_rebuild(builder, &depth, &image, cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 4);
  dcl_cloud_free(cloud);
}

static void bad_depth(dcl_cloud_builder* builder) {
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud* cloud = NULL;
  depth.depth = NULL;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "");
  depth = small_depth();
  depth.width = -4;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "");
  depth = small_depth();
  depth.intrinsics.fx = 0;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "");
  CHECK(cloud == NULL);
}

/* Every option of the builder, seen in the number of points. */
static size_t points_with(const dcl_cloud_options* options, const dcl_depth_view* depth) {
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  REQUIRE(dcl_cloud_builder_create(options, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
  return view.size;
}

static void options_have_effect(void) {
  static const float slope[12] = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
  static const float confidence[12] = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
  dcl_cloud_options options = DCL_CLOUD_OPTIONS_INIT;
  dcl_depth_view depth = small_depth();
  depth.depth = slope;
  depth.confidence = confidence;
  CHECK(points_with(NULL, &depth) == 12);
  options.stride = 2;
  CHECK(points_with(&options, &depth) == 4);
  options.stride = 0;
  options.min_confidence = 2;
  CHECK(points_with(&options, &depth) == 8);
  options.min_confidence = 0;
  options.confidence_percentile = 50;
  CHECK(points_with(&options, &depth) < 12);
  options.confidence_percentile = 0;
  options.min_depth = 2.5f;
  CHECK(points_with(&options, &depth) == 4);
  options.min_depth = 0;
  options.max_depth = 1.5f;
  CHECK(points_with(&options, &depth) == 4);
  options.max_depth = 0;
  options.edge_threshold = 0.1f;
  CHECK(points_with(&options, &depth) < 12);
  options.edge_threshold = 0;
  options.max_points = 3;
  CHECK(points_with(&options, &depth) == 3);
}

static void intrinsics_and_axes(void) {
  dcl_cloud_options options = DCL_CLOUD_OPTIONS_INIT;
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  options.axes = DCL_AXES_OPENGL;
  options.intrinsics.fx = options.intrinsics.fy = 1;
  REQUIRE(dcl_cloud_builder_create(&options, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.axes == DCL_AXES_OPENGL && view.positions[3] == 2.0f && view.positions[2] == -2.0f);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
}

static void merges(const dcl_cloud_view* view) {
  double moved[24];
  const dcl_cloud_view* views[2];
  dcl_merge_options options = DCL_MERGE_OPTIONS_INIT;
  dcl_cloud_view merged = DCL_CLOUD_VIEW_INIT;
  dcl_cloud* cloud = NULL;
  memcpy(moved, identity, sizeof identity);
  memcpy(moved + 12, identity, sizeof identity);
  moved[12 + 3] = -10; /* the second camera stands at x = 10 */
  views[0] = views[1] = view;

  REQUIRE(dcl_cloud_merge(views, moved, 2, NULL, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &merged, &err));
  CHECK(merged.size == 2 * view->size && merged.num_views == 2);
  CHECK(merged.positions[0] == view->positions[0]);
  CHECK(merged.positions[3 * view->size] == view->positions[0] + 10);
  dcl_cloud_free(cloud);

  options.max_points = 3;
  options.axes = DCL_AXES_V1;
  REQUIRE(dcl_cloud_merge(views, moved, 2, &options, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &merged, &err));
  CHECK(merged.size == 3 && merged.axes == DCL_AXES_V1);
  dcl_cloud_free(cloud);

  REQUIRE(dcl_cloud_merge(NULL, NULL, 0, NULL, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &merged, &err));
  CHECK(merged.size == 0);
  dcl_cloud_free(cloud);

  cloud = NULL;
  moved[0] = 5;
  CHECK_FAILS(dcl_cloud_merge(views, moved, 2, NULL, &cloud, &err), DCL_E_INVALID_ARGUMENT, "");
  CHECK_FAILS(dcl_cloud_merge(views, NULL, 2, NULL, &cloud, &err), DCL_E_INVALID_ARGUMENT,
              "extrinsics is NULL");
  CHECK_FAILS(dcl_cloud_merge(views, identity, 100000, NULL, &cloud, &err), DCL_E_INVALID_ARGUMENT,
              "4096");
  CHECK(cloud == NULL);
}

/* Whether the beginning of a file, with zeros in place of what is no text, contains a text. */
static int head_contains(const char* path, const char* text) {
  char head[256] = "";
  FILE* file = fopen(path, "rb");
  size_t size = file != NULL ? fread(head, 1, sizeof head - 1, file) : 0;
  if (file != NULL) fclose(file);
  head[size] = '\0';
  return strstr(head, text) != NULL;
}

static void writes_in_axes(const dcl_cloud_view* view) {
  dcl_cloud_file_options options = DCL_CLOUD_FILE_OPTIONS_INIT;
  CHECK(head_contains(out_path("cloud.ply"), "comment axes opengl"));
  CHECK(head_contains(out_path("cloud.pcd"), "# axes opengl"));
  REQUIRE(dcl_cloud_write_file(out_path("default.ply"), view, NULL, &err));
  CHECK(head_contains(out_path("default.ply"), "comment axes opengl"));
  options.axes = DCL_AXES_ROS;
  REQUIRE(dcl_cloud_write_file(out_path("ros.ply"), view, &options, &err));
  CHECK(head_contains(out_path("ros.ply"), "comment axes ros"));
  options.format = DCL_CLOUD_PCD;
  REQUIRE(dcl_cloud_write_file(out_path("ros.pcd"), view, &options, &err));
  CHECK(head_contains(out_path("ros.pcd"), "# axes ros"));
  options.axes = 4;
  CHECK_FAILS(dcl_cloud_write_file(out_path("a.ply"), view, &options, &err), DCL_E_INVALID_ARGUMENT,
              "axes is 4");
  options.axes = DCL_AXES_V1;
  options.format = 2;
  CHECK_FAILS(dcl_cloud_write_file(out_path("a.ply"), view, &options, &err), DCL_E_INVALID_ARGUMENT,
              "format is 2");
}

static void writes(dcl_cloud_view view) {
  CHECK(dcl_cloud_write_ply(out_path("cloud.ply"), &view, &err) == DCL_OK);
  CHECK(file_exists(out_path("cloud.ply")));
  CHECK(dcl_cloud_write_pcd(out_path("cloud.pcd"), &view, &err) == DCL_OK);
  CHECK(file_exists(out_path("cloud.pcd")));
  writes_in_axes(&view);
  CHECK(dcl_cloud_write_ply(out_path("no/such/folder/a.ply"), &view, &err) < 0);
  CHECK(err.stage == DCL_STAGE_FILE);
  view.size = SIZE_MAX / 2;
  CHECK_FAILS(dcl_cloud_write_ply(out_path("large.ply"), &view, &err), DCL_E_INVALID_ARGUMENT,
              "fits no memory");
  view.size = 12;
  view.axes = 7;
  CHECK_FAILS(dcl_cloud_write_pcd(out_path("axes.pcd"), &view, &err), DCL_E_INVALID_ARGUMENT,
              "axes is 7");
  CHECK(!file_exists(out_path("large.ply")) && !file_exists(out_path("axes.pcd")));
}

void test_cloud(void) {
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;

  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  builds(builder);
  bad_depth(builder);
  options_have_effect();
  intrinsics_and_axes();
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  merges(&view);
  writes(view);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
}
