/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

static dcl_cloud* unpacked(const dcl_packet* packet, const dcl_image_view* kept,
                           dcl_packet_info* info) {
  dcl_cloud* cloud = NULL;
  size_t size;
  const uint8_t* bytes = dcl_packet_get_data(packet, &size);
  REQUIRE(dcl_packet_unpack(bytes, size, NULL, kept, &cloud, info, &err));
  return cloud;
}

static void there_and_back(const dcl_cloud_view* view, int32_t encoding) {
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  dcl_packet_info info = DCL_PACKET_INFO_INIT;
  dcl_cloud_view back = DCL_CLOUD_VIEW_INIT;
  dcl_tag tag = DCL_TAG_INIT;
  dcl_packet* packet = NULL;
  dcl_cloud* cloud;
  format.encoding = encoding;
  tag.fields = DCL_TAG_FRAME_ID;
  tag.frame_id = 9;
  REQUIRE(dcl_cloud_pack(view, &format, &tag, &packet, &err));
  cloud = unpacked(packet, NULL, &info);
  REQUIRE(dcl_cloud_get_view(cloud, &back, &err));
  CHECK(info.encoding == encoding && info.fields == DCL_TAG_FRAME_ID && info.frame_id == 9);
  CHECK(info.width == 0 && info.is_metric == -1);
  CHECK(strchr(info.timestamp, 'T') != NULL);
  CHECK(back.size == view->size && back.axes == DCL_AXES_V1);
  CHECK(memcmp(back.colors, view->colors, 3 * view->size) == 0);
  CHECK(back.positions[1] - 0.5f < 0.001f && back.positions[1] - 0.5f > -0.001f);
  dcl_cloud_free(cloud);
  dcl_packet_free(packet);
}

/* The grid of an RGB-D camera, whose colours the reader keeps. */
static void depth_grid(dcl_cloud_builder* builder) {
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_packet_info info = DCL_PACKET_INFO_INIT;
  dcl_cloud_view white = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_view colored = DCL_CLOUD_VIEW_INIT;
  dcl_packet* packet = NULL;
  dcl_cloud* without;
  dcl_cloud* with;
  format.encoding = DCL_ENCODING_DEPTH;
  format.grid_colors = DCL_GRID_COLORS_CLIENT;
  REQUIRE(dcl_cloud_builder_pack(builder, &depth, &image, &format, NULL, &packet, &err));
  without = unpacked(packet, NULL, &info);
  with = unpacked(packet, &image, NULL);
  REQUIRE(dcl_cloud_get_view(without, &white, &err));
  REQUIRE(dcl_cloud_get_view(with, &colored, &err));
  CHECK(info.encoding == DCL_ENCODING_DEPTH && info.fields == 0);
  CHECK(info.width == depth.width && info.height == depth.height);
  CHECK(memcmp(&info.intrinsics, &depth.intrinsics, sizeof info.intrinsics) == 0);
  CHECK(white.size == 12 && white.colors[0] == 255 && white.colors[1] == 255);
  CHECK(colored.size == 12 && memcmp(colored.colors, image.data, 36) == 0);
  dcl_cloud_free(without);
  dcl_cloud_free(with);
  dcl_packet_free(packet);

  packet = NULL;
  format.grid_colors = DCL_GRID_COLORS_JPEG;
  format.jpeg_quality = 101;
  CHECK_FAILS(dcl_cloud_builder_pack(builder, &depth, &image, &format, NULL, &packet, &err),
              DCL_E_INVALID_ARGUMENT, "101");
  format.grid_colors = 2;
  CHECK_FAILS(dcl_cloud_builder_pack(builder, &depth, &image, &format, NULL, &packet, &err),
              DCL_E_INVALID_ARGUMENT, "grid_colors is 2");
  CHECK(packet == NULL);
}

enum { columns = 40, rows = 30, pixels = columns * rows };

/* The size of a packet of noise under these options; no depth in it is off by more than the share.
 */
static size_t size_within(const dcl_wire_format* format, double bound) {
  static float plane[pixels];
  static uint8_t rgb[3 * pixels];
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_packet* packet = NULL;
  dcl_cloud* cloud;
  uint32_t random = 1;
  size_t size;
  int within = 1;
  int i;
  for (i = 0; i < pixels; ++i) {
    random = random * 1664525u + 1013904223u;
    plane[i] = 1 + (float)(random >> 16) / 16384;
    rgb[3 * i] = (uint8_t)(random >> 24);
  }
  depth.depth = plane;
  image.data = rgb;
  depth.width = image.width = columns;
  depth.height = image.height = rows;
  depth.intrinsics.fx = depth.intrinsics.fy = 40;
  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  REQUIRE(dcl_cloud_builder_pack(builder, &depth, &image, format, NULL, &packet, &err));
  cloud = unpacked(packet, NULL, NULL);
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == pixels);
  for (i = 0; i < pixels; ++i) {
    const double off = view.positions[3 * i + 2] / (double)plane[i] - 1;
    within &= off <= bound && -off <= bound;
  }
  CHECK(within);
  dcl_packet_get_data(packet, &size);
  dcl_cloud_free(cloud);
  dcl_packet_free(packet);
  dcl_cloud_builder_free(builder);
  return size;
}

static void options_of_depth_have_their_effect(void) {
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  size_t by_default, exact, loose, poor, good;
  format.encoding = DCL_ENCODING_DEPTH;
  format.grid_colors = DCL_GRID_COLORS_CLIENT;
  by_default = size_within(&format, 0.001);
  format.relative_error = 0.0001;
  exact = size_within(&format, 0.0001);
  format.relative_error = 0.1;
  loose = size_within(&format, 0.1);
  CHECK(exact > by_default && by_default > loose);
  format.grid_colors = DCL_GRID_COLORS_JPEG;
  format.jpeg_quality = 10;
  poor = size_within(&format, 0.1);
  format.jpeg_quality = 95;
  good = size_within(&format, 0.1);
  CHECK(poor > loose && good > poor);
}

static void limits_hold(const dcl_packet* packet) {
  dcl_unpack_limits limits = DCL_UNPACK_LIMITS_INIT;
  dcl_cloud* cloud = NULL;
  size_t size;
  const uint8_t* bytes = dcl_packet_get_data(packet, &size);
  uint64_t* const fields[] = {&limits.max_bytes, &limits.max_points, &limits.max_keys,
                              &limits.max_string};
  size_t i;
  for (i = 0; i < sizeof fields / sizeof *fields; ++i) {
    *fields[i] = 1;
    CHECK(dcl_packet_unpack(bytes, size, &limits, NULL, &cloud, NULL, &err) ==
          DCL_E_LIMIT_EXCEEDED);
    *fields[i] = 0;
  }
  limits.max_depth = 1;
  CHECK(dcl_packet_unpack(bytes, size, &limits, NULL, &cloud, NULL, &err) >= 0);
  dcl_cloud_free(cloud);
}

void test_wire(void) {
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  dcl_cloud* none = NULL;
  dcl_packet* packet = NULL;
  dcl_packet* no_packet = NULL;
  const uint8_t* bytes;
  size_t size;

  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  there_and_back(&view, DCL_ENCODING_F32);
  there_and_back(&view, DCL_ENCODING_Q16);
  depth_grid(builder);
  options_of_depth_have_their_effect();

  format.encoding = DCL_ENCODING_DEPTH; /* a cloud has no grid */
  CHECK_FAILS(dcl_cloud_pack(&view, &format, NULL, &no_packet, &err), DCL_E_INVALID_ARGUMENT, "");
  REQUIRE(dcl_cloud_pack(&view, NULL, NULL, &packet, &err));
  limits_hold(packet);
  bytes = dcl_packet_get_data(packet, &size);
  CHECK_FAILS(dcl_packet_unpack(bytes, size - 1, NULL, NULL, &none, NULL, &err), DCL_E_CORRUPT_DATA,
              "");
  CHECK_FAILS(dcl_packet_unpack("nonsense", 8, NULL, NULL, &none, NULL, &err), DCL_E_CORRUPT_DATA,
              "");
  CHECK(none == NULL && no_packet == NULL);
  dcl_packet_free(packet);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
}
