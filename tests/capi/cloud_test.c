/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
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
  REQUIRE(dcl_cloud_builder_rebuild(builder, &depth, NULL, cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 4 && view.colors == NULL);
  dcl_cloud_free(cloud);
}

/* Normals of the depth become those of the points where they are asked for. */
static void gives_normals(void) {
  static float normals[36];
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_options options = DCL_CLOUD_OPTIONS_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  int i;
  for (i = 0; i < 36; ++i) normals[i] = (float)i;
  options.normals = 1;
  options.axes = DCL_AXES_OPENGL;
  REQUIRE(dcl_cloud_builder_create(&options, &builder, &err));
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "the depth map has none");
  depth.normals = normals;
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 12 && view.normals != NULL && view.normals[33] == 33.0f &&
        view.normals[34] == -34.0f);
  dcl_cloud_free(cloud);
  cloud = NULL;
  dcl_cloud_builder_free(builder);
  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.normals == NULL);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
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
  depth = small_depth();
  image.stride = 11; /* rows that overlap */
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "stride 11");
  image.stride = -12; /* from the last row up */
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "stride -12");
  CHECK(cloud == NULL);
}

/* Strides and sizes that no memory has, and what no photo and no option can be. */
static void impossible_inputs(dcl_cloud_builder* builder) {
  static const int64_t strides[] = {(int64_t)1 << 46, (int64_t)1 << 48, (int64_t)1 << 56,
                                    INT64_MAX};
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_options options = DCL_CLOUD_OPTIONS_INIT;
  dcl_cloud_builder* other = NULL;
  dcl_cloud* cloud = NULL;
  size_t i;
  for (i = 0; i < sizeof strides / sizeof *strides; ++i) {
    image.stride = strides[i];
    CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
                DCL_E_INVALID_ARGUMENT, "fit no memory");
  }
  image = small_image();
  image.photo_width = -5;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "photo is of -5 x 0 pixels");
  image = small_image();
  image.focal_px = -3;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "focal length");
  image = small_image();
  depth.width = depth.height = INT32_MAX;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "fits no memory");
  options.keep_transparent = 7;
  CHECK_FAILS(dcl_cloud_builder_create(&options, &other, &err), DCL_E_INVALID_ARGUMENT,
              "keep_transparent is 7, must be 0 or 1");
  options.keep_transparent = 0;
  options.reserved = 1;
  CHECK_FAILS(dcl_cloud_builder_create(&options, &other, &err), DCL_E_INVALID_ARGUMENT,
              "reserved is 1, must be 0");
  options.struct_size = offsetof(dcl_cloud_options, keep_transparent);
  REQUIRE(
      dcl_cloud_builder_create(&options, &other, &err)); /* an older program has no such field */
  dcl_cloud_builder_free(other);
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
  options.max_points = 0;
  options.voxel_size = 100; /* the voxels meet at the origin: left and right, above and below */
  CHECK(points_with(&options, &depth) == 4);
  options.voxel_size = -1;
  {
    dcl_cloud_builder* builder = NULL;
    CHECK_FAILS(dcl_cloud_builder_create(&options, &builder, &err), DCL_E_INVALID_ARGUMENT,
                "voxel_size");
    CHECK(builder == NULL);
  }
}

/* Depth of 16 bits gives the points of its floats; one view has one depth. */
static void depth_of_16_bits(dcl_cloud_builder* builder) {
  static const uint16_t steps[12] = {1000, 2000, 0, 4000, 1000, 2000, 3000, 4000, 1, 2, 3, 65535};
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud* cloud = NULL;
  dcl_packet* packet = NULL;
  depth.depth16 = steps;
  CHECK_FAILS(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err),
              DCL_E_INVALID_ARGUMENT, "depth and depth16");
  depth.depth = NULL;
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 11 && view.positions[2] == 1.0f && view.positions[5] == 2.0f);
  depth.depth_scale = 0.5f;
  REQUIRE(dcl_cloud_builder_rebuild(builder, &depth, &image, cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.positions[2] == 500.0f);
  REQUIRE(dcl_cloud_builder_pack(builder, &depth, &image, NULL, NULL, &packet, &err));
  depth.depth_scale = -1;
  CHECK_FAILS(dcl_cloud_builder_rebuild(builder, &depth, &image, cloud, &err),
              DCL_E_INVALID_ARGUMENT, "depth scale -1");
  dcl_packet_free(packet);
  dcl_cloud_free(cloud);
}

/* Colours from YUV, and clouds that have none. */
static void colors_of_all_kinds(dcl_cloud_builder* builder) {
  static const uint8_t red[4 * 3 + 2 * 4] = {81, 81, 81, 81,  81, 81,  81, 81,  81, 81,
                                             81, 81, 90, 240, 90, 240, 90, 240, 90, 240};
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_view merged = DCL_CLOUD_VIEW_INIT;
  const dcl_cloud_view* views[2];
  double poses[24];
  dcl_cloud* cloud = NULL;
  dcl_cloud* both = NULL;
  dcl_packet* packet = NULL;
  image.format = DCL_PIXEL_NV12;
  image.data = red;
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 12 && view.colors[0] >= 254 && view.colors[1] <= 1 && view.colors[2] <= 1);

  memcpy(poses, identity, sizeof identity);
  memcpy(poses + 12, identity, sizeof identity);
  merged = view;
  merged.colors = NULL;
  views[0] = &view;
  views[1] = &merged;
  CHECK_FAILS(dcl_cloud_merge(views, poses, 2, NULL, &both, &err), DCL_E_INVALID_ARGUMENT,
              "view 0 has colours and view 1 has none");
  CHECK(both == NULL);
  view.colors = NULL;
  REQUIRE(dcl_cloud_merge(views, poses, 2, NULL, &both, &err));
  REQUIRE(dcl_cloud_get_view(both, &merged, &err));
  CHECK(merged.size == 24 && merged.colors == NULL);
  REQUIRE(dcl_cloud_write_ply(out_path("plain.ply"), &merged, &err));
  REQUIRE(dcl_cloud_pack(&merged, NULL, NULL, &packet, &err));
  dcl_packet_free(packet);
  dcl_cloud_free(both);
  dcl_cloud_free(cloud);
}

static void aligns(void) {
  static const uint16_t steps[2] = {2000, 3000};
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_depth_view out = DCL_DEPTH_VIEW_INIT;
  dcl_alignment_target target = DCL_ALIGNMENT_TARGET_INIT;
  dcl_depth_map* aligned = NULL;
  depth.width = 2;
  depth.height = 1;
  depth.depth16 = steps;
  depth.intrinsics.fx = depth.intrinsics.fy = 2;
  target.width = 4;
  target.height = 2;
  target.intrinsics.fx = target.intrinsics.fy = 4;
  REQUIRE(dcl_depth_align(&depth, &target, &aligned, &err));
  REQUIRE(dcl_depth_map_get_view(aligned, &out, &err));
  CHECK(out.width == 4 && out.height == 2 && out.is_metric == 1 && out.intrinsics.fx == 4);
  /* Pixels 0 and 1 lie at 0 and 2, and fill what lies less than one pixel before, too. */
  CHECK(out.depth[0] == 2.0f && out.depth[1] == 3.0f && out.depth[2] == 3.0f && out.depth[3] == 0);
  dcl_depth_map_free(aligned);
  target.no_splat = 1;
  memcpy(target.extrinsics, identity, sizeof identity);
  target.extrinsics[11] = 1;
  REQUIRE(dcl_depth_align(&depth, &target, &aligned, &err));
  REQUIRE(dcl_depth_map_get_view(aligned, &out, &err));
  CHECK(out.depth[0] == 3.0f && out.depth[1] == 4.0f && out.depth[2] == 0 && out.depth[3] == 0);
  dcl_depth_map_free(aligned);
  aligned = NULL;
  target.extrinsics[0] = 3;
  CHECK_FAILS(dcl_depth_align(&depth, &target, &aligned, &err), DCL_E_INVALID_ARGUMENT, "rotation");
  target.width = -1;
  CHECK_FAILS(dcl_depth_align(&depth, &target, &aligned, &err), DCL_E_INVALID_ARGUMENT, "-1 x 2");
  CHECK(aligned == NULL);
}

static int near(double a, double b) { return a - b < 1e-5 && b - a < 1e-5; }

static void metres_of_known_depths(void) {
  static const float planes[4] = {1, 2, 4, 8};
  static const double known[12] = {0, 0, 3, 1, 0, 6, 0, 1, 12, 1, 1, 999};
  static const uint16_t steps[4] = {5000, 8000, 14000, 0};
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_depth_view sparse = DCL_DEPTH_VIEW_INIT;
  dcl_scale_options options = DCL_SCALE_OPTIONS_INIT;
  dcl_scale_fit fit = DCL_SCALE_FIT_INIT;
  depth.width = depth.height = 2;
  depth.depth = planes;
  depth.intrinsics.fx = depth.intrinsics.fy = 2;
  sparse = depth;
  sparse.depth = NULL;
  sparse.depth16 = steps;
  REQUIRE(dcl_depth_fit_scale(&depth, known, 4, NULL, &fit, &err));
  CHECK(fit.model == DCL_SCALE_SCALE && near(fit.scale, 3) && fit.shift == 0);
  CHECK(fit.points == 4 && fit.inliers == 3 && near(fit.error, 0));
  options.model = DCL_SCALE_DEPTH;
  REQUIRE(dcl_depth_fit_scale_image(&depth, &sparse, &options, &fit, &err));
  CHECK(fit.model == DCL_SCALE_DEPTH && near(fit.scale, 3) && near(fit.shift, 2));
  CHECK(fit.points == 3 && fit.inliers == 3);
  CHECK_FAILS(dcl_depth_fit_scale(&depth, known, 1, &options, &fit, &err), DCL_E_INVALID_ARGUMENT,
              "'depth' needs 2");
  CHECK_FAILS(dcl_depth_fit_scale(&depth, NULL, 0, NULL, &fit, &err), DCL_E_INVALID_ARGUMENT,
              "0 known points");
  CHECK(near(fit.scale, 3));
  options.inlier_error = 2;
  CHECK_FAILS(dcl_depth_fit_scale(&depth, known, 4, &options, &fit, &err), DCL_E_INVALID_ARGUMENT,
              "inlier_error");
  options.model = 3;
  CHECK_FAILS(dcl_depth_fit_scale(&depth, known, 4, &options, &fit, &err), DCL_E_INVALID_ARGUMENT,
              "model");
}

static void makes_metres(void) {
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_scale_fit fit = DCL_SCALE_FIT_INIT;
  dcl_image_view image = small_image();
  dcl_model* model = open_constant("constant:2");
  dcl_depth_map* map = NULL;
  dcl_depth_map* scaled = NULL;
  REQUIRE(dcl_model_estimate(model, &image, &map, &err));
  REQUIRE(dcl_depth_map_get_view(map, &depth, &err));
  CHECK(depth.metres_source == DCL_METRES_MODEL);
  CHECK_FAILS(dcl_depth_map_apply_scale(map, &fit, &scaled, &err), DCL_E_INVALID_ARGUMENT,
              "scale 0");
  CHECK(scaled == NULL);
  fit.scale = 3;
  REQUIRE(dcl_depth_map_apply_scale(map, &fit, &scaled, &err));
  REQUIRE(dcl_depth_map_get_view(scaled, &depth, &err));
  CHECK(depth.depth[0] == 6 && depth.is_metric == 1);
  CHECK(depth.metres_source == DCL_METRES_KNOWN_DEPTH);
  dcl_depth_map_free(scaled);
  dcl_depth_map_free(map);
  dcl_model_free(model);
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

  options.max_points = 0;
  options.voxel_size = 100;
  REQUIRE(dcl_cloud_merge(views, moved, 2, &options, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &merged, &err));
  CHECK(merged.size < 2 * view->size && merged.size > 0);
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

static void write_text(const char* path, const char* text) {
  FILE* file = fopen(path, "wb");
  if (file == NULL) return;
  fputs(text, file);
  fclose(file);
}

static void reads(const dcl_cloud_view* view) {
  dcl_cloud_view read = DCL_CLOUD_VIEW_INIT;
  dcl_cloud* cloud = NULL;
  const char* names[] = {"cloud.ply", "cloud.pcd"};
  int i;
  for (i = 0; i < 2; ++i) {
    REQUIRE(dcl_cloud_read_file(out_path(names[i]), 0, &cloud, &err));
    REQUIRE(dcl_cloud_get_view(cloud, &read, &err));
    CHECK(read.size == view->size && read.axes == DCL_AXES_OPENGL && read.num_views == 0);
    CHECK(memcmp(read.colors, view->colors, 3 * view->size) == 0);
    CHECK(read.positions[0] == view->positions[0] && read.positions[2] == -view->positions[2]);
    dcl_cloud_free(cloud);
  }
  REQUIRE(dcl_cloud_read_file(out_path("plain.ply"), 0, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &read, &err));
  CHECK(read.size == 24 && read.colors == NULL);
  dcl_cloud_free(cloud);
  REQUIRE(dcl_cloud_read_file(out_path("ros.pcd"), 0, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &read, &err));
  CHECK(read.axes == DCL_AXES_ROS);
  dcl_cloud_free(cloud);

  cloud = NULL;
  CHECK_FAILS(dcl_cloud_read_file(out_path("none.ply"), 0, &cloud, &err), DCL_E_NOT_FOUND, "none");
  CHECK_FAILS(dcl_cloud_read_file(out_path("cloud.ply"), 100, &cloud, &err), DCL_E_LIMIT_EXCEEDED,
              "cloud.ply");
  write_text(out_path("text.ply"), "no cloud at all");
  CHECK_FAILS(dcl_cloud_read_file(out_path("text.ply"), 0, &cloud, &err), DCL_E_UNSUPPORTED,
              "text.ply");
  write_text(out_path("cut.pcd"), "VERSION 0.7\nFIELDS x y z\n");
  CHECK_FAILS(dcl_cloud_read_file(out_path("cut.pcd"), 0, &cloud, &err), DCL_E_CORRUPT_DATA,
              "cut.pcd");
  CHECK(err.stage == DCL_STAGE_FILE && cloud == NULL);
}

static void writes(dcl_cloud_view view) {
  CHECK(dcl_cloud_write_ply(out_path("cloud.ply"), &view, &err) == DCL_OK);
  CHECK(file_exists(out_path("cloud.ply")));
  CHECK(dcl_cloud_write_pcd(out_path("cloud.pcd"), &view, &err) == DCL_OK);
  CHECK(file_exists(out_path("cloud.pcd")));
  writes_in_axes(&view);
  reads(&view);
  CHECK(dcl_cloud_write_ply(out_path("no/such/folder/a.ply"), &view, &err) < 0);
  CHECK(err.stage == DCL_STAGE_FILE);
  view.size = SIZE_MAX / 2;
  CHECK_FAILS(dcl_cloud_write_ply(out_path("large.ply"), &view, &err), DCL_E_INVALID_ARGUMENT,
              "fits no memory");
  view.size = (size_t)1 << 44;
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
  impossible_inputs(builder);
  options_have_effect();
  gives_normals();
  intrinsics_and_axes();
  depth_of_16_bits(builder);
  colors_of_all_kinds(builder);
  aligns();
  metres_of_known_depths();
  makes_metres();
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  merges(&view);
  writes(view);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
}
