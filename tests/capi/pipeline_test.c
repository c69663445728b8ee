/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "check.h"

static size_t points_of(dcl_pipeline* pipeline) {
  dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
  dcl_frame* frame = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  REQUIRE(dcl_frame_get_cloud(frame, &cloud, &err));
  dcl_frame_free(frame);
  return cloud.size;
}

static void everything_of_a_frame(dcl_pipeline* pipeline) {
  dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_tag tag = DCL_TAG_INIT;
  dcl_tag echoed = DCL_TAG_INIT;
  dcl_frame* frame = NULL;
  size_t size;
  size_t packet_size = 0;
  const void* jpeg = photo(&size);
  const float* positions;
  size_t i;

  tag.fields = DCL_TAG_FRAME_ID | DCL_TAG_CAPTURE_TS;
  tag.frame_id = 7;
  tag.capture_ts = 1.5;
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, &tag, &frame, &err));
  REQUIRE(dcl_frame_get_tag(frame, &echoed, &err));
  CHECK(echoed.fields == tag.fields && echoed.frame_id == 7 && echoed.capture_ts == 1.5);
  REQUIRE(dcl_frame_get_cloud(frame, &cloud, &err));
  CHECK(cloud.size > 0 && cloud.axes == DCL_AXES_OPENCV && cloud.num_views == 0);
  for (i = 0; i < cloud.size; ++i) CHECK(cloud.positions[3 * i + 2] == 2.0f);
  REQUIRE(dcl_frame_get_depth(frame, &depth, &err));
  CHECK(depth.width > 0 && depth.height > 0 && depth.depth[0] == 2.0f && depth.is_metric == 1);
  CHECK(depth.confidence[0] == 1.0f && depth.sky == NULL && depth.intrinsics.fx > 0);
  CHECK(depth.region[0] == 0.0 && depth.region[2] == 1.0 && depth.region[3] == 1.0);
  REQUIRE(dcl_frame_get_times(frame, &times, &err));
  CHECK(times.decode > 0 && times.infer >= 0 && times.cloud >= 0 && times.pack >= 0);
  CHECK(dcl_frame_get_packet(frame, &packet_size) != NULL && packet_size > cloud.size);

  /* Views are of the frame itself: the same memory each time, nothing is copied. */
  positions = cloud.positions;
  REQUIRE(dcl_frame_get_cloud(frame, &cloud, &err));
  CHECK(cloud.positions == positions);
  dcl_frame_free(frame);

  REQUIRE(dcl_pipeline_get_latency(pipeline, DCL_STAGE_TOTAL, &summary, &err));
  CHECK(summary.count == 1 && summary.max >= summary.p99 && summary.p99 >= summary.p50);
  REQUIRE(dcl_pipeline_get_latency(pipeline, DCL_STAGE_DECODE, &summary, &err));
  CHECK_FAILS(dcl_pipeline_get_latency(pipeline, DCL_STAGE_LOAD, &summary, &err),
              DCL_E_INVALID_ARGUMENT, "load");
  CHECK_FAILS(dcl_pipeline_get_latency(pipeline, 42, &summary, &err), DCL_E_INVALID_ARGUMENT,
              "stage is 42");
}

static void pixels_and_stride(dcl_pipeline* pipeline) {
  uint8_t padded[3 * 20];
  dcl_image_view packed = small_image();
  dcl_image_view image = small_image();
  dcl_cloud_view a = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_view b = DCL_CLOUD_VIEW_INIT;
  dcl_frame* of_packed = NULL;
  dcl_frame* of_padded = NULL;
  int row;

  memset(padded, 255, sizeof padded);
  for (row = 0; row < 3; ++row) memcpy(padded + 20 * row, packed.data + 12 * row, 12);
  image.data = padded;
  image.stride = 20;
  REQUIRE(dcl_pipeline_process_image(pipeline, &packed, NULL, &of_packed, &err));
  REQUIRE(dcl_pipeline_process_image(pipeline, &image, NULL, &of_padded, &err));
  REQUIRE(dcl_frame_get_cloud(of_packed, &a, &err));
  REQUIRE(dcl_frame_get_cloud(of_padded, &b, &err));
  CHECK(a.size > 0 && a.size == b.size && memcmp(a.colors, b.colors, 3 * a.size) == 0);
  dcl_frame_free(of_padded);

  packed.stride = 12; /* zero means packed, not one row again and again */
  CHECK(small_image().stride == 0);
  of_padded = NULL;
  REQUIRE(dcl_pipeline_process_image(pipeline, &packed, NULL, &of_padded, &err));
  REQUIRE(dcl_frame_get_cloud(of_padded, &b, &err));
  CHECK(a.size == b.size && memcmp(a.colors, b.colors, 3 * a.size) == 0);
  dcl_frame_free(of_packed);
  dcl_frame_free(of_padded);
}

static void bad_frames(dcl_pipeline* pipeline) {
  static const char nonsense[] = "this is no photo";
  dcl_frame* frame = NULL;
  dcl_image_view image = small_image();
  size_t size;
  const void* jpeg = photo(&size);

  CHECK_FAILS(dcl_pipeline_process(pipeline, nonsense, sizeof nonsense, NULL, &frame, &err),
              DCL_E_UNSUPPORTED, "");
  CHECK(err.stage == DCL_STAGE_DECODE);
  CHECK_FAILS(dcl_pipeline_process(pipeline, jpeg, size / 2, NULL, &frame, &err),
              DCL_E_CORRUPT_DATA, "");
  CHECK(dcl_pipeline_process(pipeline, jpeg, 0, NULL, &frame, &err) < 0);
  image.data = NULL;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "no pixels");
  image = small_image();
  image.stride = 11; /* rows that overlap */
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "stride 11");
  image.stride = -12; /* from the last row up */
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "stride -12");
  CHECK(frame == NULL);
  CHECK(points_of(pipeline) > 0); /* good for the next frame */
}

static void options_have_effect(dcl_model* model) {
  dcl_pipeline_options options = DCL_PIPELINE_OPTIONS_INIT;
  dcl_cloud_options cloud = DCL_CLOUD_OPTIONS_INIT;
  dcl_pipeline* pipeline = create_pipeline(model, NULL);
  const size_t by_default = points_of(pipeline);
  size_t size;
  const void* jpeg = photo(&size);
  dcl_frame* frame = NULL;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;

  cloud.stride = 1;
  REQUIRE(dcl_pipeline_set_cloud_options(pipeline, &cloud, &err));
  CHECK(points_of(pipeline) > by_default);
  cloud.max_points = 5;
  REQUIRE(dcl_pipeline_set_cloud_options(pipeline, &cloud, &err));
  CHECK(points_of(pipeline) == 5);
  cloud.stride = -1;
  CHECK_FAILS(dcl_pipeline_set_cloud_options(pipeline, &cloud, &err), DCL_E_INVALID_ARGUMENT,
              "stride");
  CHECK(points_of(pipeline) == 5); /* nothing changed */
  REQUIRE(dcl_pipeline_set_cloud_options(pipeline, NULL, &err));
  CHECK(points_of(pipeline) == by_default);
  dcl_pipeline_free(pipeline);

  cloud.max_points = 0;
  for (cloud.keep_transparent = 0; cloud.keep_transparent < 2; ++cloud.keep_transparent) {
    dcl_image_view image = small_image();
    static const uint8_t invisible[64 * 64 * 4];
    image.format = DCL_PIXEL_RGBA;
    image.data = invisible;
    image.stride = 4 * (int64_t)image.width;
    CHECK(image.stride * image.height <= (int64_t)sizeof invisible);
    cloud.stride = 1;
    options.cloud = &cloud;
    pipeline = create_pipeline(model, &options);
    REQUIRE(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err));
    REQUIRE(dcl_frame_get_cloud(frame, &view, &err));
    CHECK((view.size > 0) == (cloud.keep_transparent == 1));
    dcl_frame_free(frame);
    frame = NULL;
    dcl_pipeline_free(pipeline);
  }
  cloud.keep_transparent = 0;
  cloud.stride = 3;
  cloud.axes = DCL_AXES_V1;
  options.cloud = &cloud;
  options.no_packet = 1;
  options.fast_decode = 1;
  options.ignore_orientation = 1;
  pipeline = create_pipeline(model, &options);
  CHECK(points_of(pipeline) < by_default);
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  CHECK(dcl_frame_get_packet(frame, &size) == NULL && size == 0);
  REQUIRE(dcl_frame_get_cloud(frame, &view, &err));
  CHECK(view.axes == DCL_AXES_V1);
  dcl_frame_free(frame);
  dcl_pipeline_free(pipeline);

  jpeg = photo(&size);
  frame = NULL;
  options.salvage = 1;
  pipeline = create_pipeline(model, &options);
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size - 20, NULL, &frame, &err));
  dcl_frame_free(frame);
  dcl_pipeline_free(pipeline);

  frame = NULL;
  options.salvage = 0;
  options.formats = DCL_PHOTO_PNG;
  pipeline = create_pipeline(model, &options);
  CHECK_FAILS(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err), DCL_E_UNSUPPORTED,
              "JPEG");
  dcl_pipeline_free(pipeline);
  options.formats = 0;
  pipeline = NULL;
  options.ignore_color_profile = 2;
  CHECK_FAILS(dcl_pipeline_create(model, &options, &pipeline, &err), DCL_E_INVALID_ARGUMENT,
              "ignore_color_profile is 2");
  options.ignore_color_profile = 0;
  options.salvage = -1;
  CHECK_FAILS(dcl_pipeline_create(model, &options, &pipeline, &err), DCL_E_INVALID_ARGUMENT,
              "salvage is -1");
  options.salvage = 0;
  options.reserved2 = 1;
  CHECK_FAILS(dcl_pipeline_create(model, &options, &pipeline, &err), DCL_E_INVALID_ARGUMENT,
              "reserved2 is 1");
  options.reserved2 = 0;
  options.max_pixels = 10;
  pipeline = create_pipeline(model, &options);
  CHECK_FAILS(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err), DCL_E_LIMIT_EXCEEDED,
              "");
  dcl_pipeline_free(pipeline);
  pipeline = NULL;
  cloud.axes = 4;
  CHECK_FAILS(dcl_pipeline_create(model, &options, &pipeline, &err), DCL_E_INVALID_ARGUMENT,
              "axes is 4");
  cloud.axes = 0;
  cloud.min_depth = -1;
  CHECK_FAILS(dcl_pipeline_create(model, &options, &pipeline, &err), DCL_E_INVALID_ARGUMENT,
              "min_depth");
  CHECK(pipeline == NULL);
}

/* What the key `stage` of stage_ms says in a packet: a float64 behind it, big-endian. */
static double stage_of_packet(const uint8_t* packet, size_t size, const char* stage) {
  const size_t length = strlen(stage);
  uint64_t bits = 0;
  double ms;
  size_t at, i;
  for (at = size - length - 9; at > 0; --at) {
    if (packet[at - 1] == 0xA0 + length && memcmp(packet + at, stage, length) == 0) break;
  }
  if (at == 0 || packet[at + length] != 0xCB) return -1;
  for (i = 0; i < 8; ++i) bits = bits << 8 | packet[at + length + 1 + i];
  memcpy(&ms, &bits, sizeof(ms));
  return ms;
}

static void stage_times_in(dcl_pipeline* pipeline) {
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_frame* frame = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  const uint8_t* packet;
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  REQUIRE(dcl_frame_get_times(frame, &times, &err));
  packet = dcl_frame_get_packet(frame, &size);
  CHECK(times.cloud > 0 && stage_of_packet(packet, size, "cloud") == times.cloud);
  CHECK(times.pack > 0 && stage_of_packet(packet, size, "pack") > 0 &&
        stage_of_packet(packet, size, "pack") <= times.pack);
  dcl_frame_free(frame);
}

static size_t packet_size_in(dcl_pipeline* pipeline, const dcl_wire_format* format) {
  dcl_frame* frame = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  REQUIRE(dcl_pipeline_set_wire_format(pipeline, format, &err));
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  dcl_frame_get_packet(frame, &size);
  dcl_frame_free(frame);
  return size;
}

static void encodings(dcl_model* model) {
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  dcl_pipeline* pipeline = create_pipeline(model, NULL);
  const size_t f32 = packet_size_in(pipeline, NULL);
  size_t q16;
  stage_times_in(pipeline);
  format.encoding = DCL_ENCODING_Q16;
  q16 = packet_size_in(pipeline, &format);
  stage_times_in(pipeline);
  format.encoding = DCL_ENCODING_DEPTH;
  format.grid_colors = DCL_GRID_COLORS_CLIENT;
  CHECK(q16 < f32 && packet_size_in(pipeline, &format) < q16);
  stage_times_in(pipeline);
  format.relative_error = 0.5;
  CHECK_FAILS(dcl_pipeline_set_wire_format(pipeline, &format, &err), DCL_E_INVALID_ARGUMENT, "0.5");
  format.encoding = 3;
  CHECK_FAILS(dcl_pipeline_set_wire_format(pipeline, &format, &err), DCL_E_INVALID_ARGUMENT,
              "encoding is 3");
  dcl_pipeline_free(pipeline);
}

/* Every layout of YUV, with its strides and its second plane given or not. */
static void yuv_is_rgb(dcl_pipeline* pipeline) {
  static const uint8_t packed[3 * 8] = {81, 90, 81, 240, 81, 90, 81, 240, 81, 90, 81, 240,
                                        81, 90, 81, 240, 81, 90, 81, 240, 81, 90, 81, 240};
  /* 3 x 3 pixels: Y, then two rows of two pairs. */
  static const uint8_t planar[9 + 8] = {81, 81,  81, 81,  81, 81,  81, 81, 81,
                                        90, 240, 90, 240, 90, 240, 90, 240};
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_frame* frame = NULL;
  int form;
  for (form = 0; form < 4; ++form) {
    image.format = form == 0 ? DCL_PIXEL_YUYV : DCL_PIXEL_NV12;
    image.data = form == 0 ? packed : planar;
    image.width = form == 0 ? 4 : 3;
    image.height = 3;
    image.chroma = form == 2 || form == 3 ? planar + 9 : NULL;
    image.chroma_stride = form == 3 ? 4 : 0;
    image.yuv_range = DCL_YUV_LIMITED;
    REQUIRE(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err));
    REQUIRE(dcl_frame_get_cloud(frame, &cloud, &err));
    REQUIRE(dcl_frame_get_times(frame, &times, &err));
    CHECK(cloud.size > 0 && cloud.colors[0] >= 254 && cloud.colors[1] <= 1);
    CHECK(times.decode > 0);
    dcl_frame_free(frame);
    image.yuv_range = DCL_YUV_FULL;
    image.yuv_matrix = DCL_YUV_BT709;
    REQUIRE(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err));
    REQUIRE(dcl_frame_get_cloud(frame, &cloud, &err));
    CHECK(cloud.colors[1] > 20); /* another range and matrix, another colour */
    dcl_frame_free(frame);
    image.yuv_matrix = DCL_YUV_BT601;
  }
  frame = NULL;
  image.chroma_stride = 3;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "stride 3 of the UV plane");
  image.chroma_stride = 0;
  image.stride = INT64_MAX;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "fit no memory");
  image.stride = -3;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "stride -3");
  image.stride = 0;
  image.yuv_matrix = 2;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "yuv_matrix is 2");
  image.yuv_matrix = 0;
  image.yuv_range = -1;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "yuv_range is -1");
  image.format = 7;
  CHECK_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err),
              DCL_E_INVALID_ARGUMENT, "pixel format is 7");
  CHECK(frame == NULL);
}

void test_pipeline(void) {
  dcl_model* model = open_constant("constant:2");
  dcl_pipeline* pipeline = create_pipeline(model, NULL);
  everything_of_a_frame(pipeline);
  pixels_and_stride(pipeline);
  bad_frames(pipeline);
  yuv_is_rgb(pipeline);
  options_have_effect(model);
  encodings(model);
  dcl_model_free(model); /* the pipeline keeps what it needs of it */
  CHECK(points_of(pipeline) > 0);
  dcl_pipeline_free(pipeline);
}
