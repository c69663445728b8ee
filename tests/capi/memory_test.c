/* SPDX-License-Identifier: Apache-2.0 */
/* Every call with its first, second, ... allocation refused, until it needs no more: each time it
 * says so, changes nothing and leaks nothing (AddressSanitizer looks). */
#include "check.h"

static dcl_model* model;
static dcl_depth_map* map;
static dcl_pipeline* pipeline;
static dcl_cloud_builder* builder;
static dcl_cloud* cloud;
static dcl_gate* gate;
static dcl_latency* latency;
static dcl_stream* closed_stream; /* skips every frame, on the thread that offers it */
static int gate_frame;

/* Each does one call and undoes it; NULL came out exactly when it failed. */
static dcl_status open_model(void) {
  dcl_model* out = NULL;
  const dcl_status status = dcl_model_load(DCL_ABI_VERSION, "constant:2", NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_model_free(out);
  return status;
}

static dcl_status estimate(void) {
  dcl_image_view image = small_image();
  dcl_depth_map* out = NULL;
  const dcl_status status = dcl_model_estimate(model, &image, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_depth_map_free(out);
  return status;
}

static dcl_status estimate_batch(void) {
  dcl_image_view image = small_image();
  const dcl_image_view* images[2];
  dcl_depth_map* out[2] = {NULL, NULL};
  dcl_status status;
  images[0] = images[1] = &image;
  status = dcl_model_estimate_batch(model, images, 2, out, &err);
  CHECK((status < 0) == (out[0] == NULL) && (status < 0) == (out[1] == NULL));
  dcl_depth_map_free(out[0]);
  dcl_depth_map_free(out[1]);
  return status;
}

static dcl_status resize(void) {
  dcl_depth_map* out = NULL;
  const dcl_status status = dcl_depth_map_resize(map, 9, 7, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_depth_map_free(out);
  return status;
}

static dcl_status decode(void) {
  size_t size;
  const void* jpeg = photo(&size);
  dcl_photo* out = NULL;
  const dcl_status status = dcl_photo_decode(jpeg, size, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_photo_free(out);
  return status;
}

static dcl_status make_pipeline(void) {
  dcl_pipeline* out = NULL;
  const dcl_status status = dcl_pipeline_create(model, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_pipeline_free(out);
  return status;
}

static dcl_status process(void) {
  size_t size;
  const void* jpeg = photo(&size);
  dcl_frame* out = NULL;
  const dcl_status status = dcl_pipeline_process(pipeline, jpeg, size, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_frame_free(out);
  return status;
}

static dcl_status process_image(void) {
  dcl_image_view image = small_image();
  dcl_frame* out = NULL;
  const dcl_status status = dcl_pipeline_process_image(pipeline, &image, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_frame_free(out);
  return status;
}

static dcl_status make_builder(void) {
  dcl_cloud_builder* out = NULL;
  const dcl_status status = dcl_cloud_builder_create(NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_cloud_builder_free(out);
  return status;
}

static dcl_status build(void) {
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud* out = NULL;
  const dcl_status status = dcl_cloud_builder_build(builder, &depth, &image, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_cloud_free(out);
  return status;
}

static dcl_status merge(void) {
  static const double identity[12] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  const dcl_cloud_view* views[1];
  dcl_cloud* out = NULL;
  dcl_status status;
  views[0] = &view;
  dcl_cloud_get_view(cloud, &view, NULL);
  status = dcl_cloud_merge(views, identity, 1, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_cloud_free(out);
  return status;
}

static dcl_status write_file(void) {
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_get_view(cloud, &view, NULL);
  return dcl_cloud_write_ply(out_path("memory.ply"), &view, &err);
}

static dcl_status read_cloud_file(void) {
  dcl_cloud* out = NULL;
  const dcl_status status = dcl_cloud_read_file(out_path("memory.ply"), 0, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_cloud_free(out);
  return status;
}

static dcl_status pack_and_unpack(void) {
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_packet* packet = NULL;
  dcl_cloud* out = NULL;
  size_t size;
  const uint8_t* bytes;
  dcl_status status;
  dcl_cloud_get_view(cloud, &view, NULL);
  status = dcl_cloud_pack(&view, NULL, NULL, &packet, &err);
  CHECK((status < 0) == (packet == NULL));
  if (status >= 0) {
    bytes = dcl_packet_get_data(packet, &size);
    status = dcl_packet_unpack(bytes, size, NULL, NULL, &out, NULL, &err);
    CHECK((status < 0) == (out == NULL));
  }
  dcl_cloud_free(out);
  dcl_packet_free(packet);
  return status;
}

static dcl_status make_gate(void) {
  dcl_gate* out = NULL;
  const dcl_status status = dcl_gate_create(NULL, NULL, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_gate_free(out);
  return status;
}

/* A frame that was let in is not lost when the ticket finds no memory. */
static dcl_status take(void) {
  dcl_ticket* out = NULL;
  dcl_status status = dcl_gate_offer(gate, &gate_frame, 0, &err);
  if (status < 0) return status;
  status = dcl_gate_take(gate, &out, &err);
  if (status < 0) {
    dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
    dcl_gate_get_counters(gate, &counters, NULL);
    CHECK(counters.waiting == 1 && counters.in_flight == 0);
  }
  CHECK((status < 0) == (out == NULL));
  dcl_ticket_free(out);
  return status;
}

static int32_t on_frame(dcl_frame* frame, void* user) {
  (void)user;
  dcl_frame_free(frame);
  return 0;
}

static dcl_status open_stream(void) {
  dcl_stream* out = NULL;
  const dcl_status status = dcl_stream_create(model, NULL, NULL, on_frame, NULL, NULL, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_stream_free(out);
  return status;
}

static int released;
static void release(void* frame, void* user) {
  (void)frame;
  (void)user;
  ++released;
}

/* A lent frame stays the caller's where there is no memory for it. */
static dcl_status offer_image(void) {
  dcl_image_view image = small_image();
  dcl_status status;
  released = 0;
  status = dcl_stream_offer_image(closed_stream, &image, NULL, 0, release, NULL, &err);
  CHECK(released == (status < 0 ? 0 : 1));
  return status;
}

static dcl_status align(void) {
  dcl_depth_view depth = small_depth();
  dcl_alignment_target target = DCL_ALIGNMENT_TARGET_INIT;
  dcl_depth_map* out = NULL;
  dcl_status status;
  target.width = target.height = 3;
  target.intrinsics = depth.intrinsics;
  status = dcl_depth_align(&depth, &target, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_depth_map_free(out);
  return status;
}

static dcl_status scale(void) {
  dcl_depth_view depth = small_depth();
  dcl_scale_fit fit = DCL_SCALE_FIT_INIT;
  dcl_depth_map* out = NULL;
  dcl_status status = dcl_depth_fit_scale_image(&depth, &depth, NULL, &fit, &err);
  CHECK((status < 0) == (fit.scale == 0));
  if (status < 0) return status;
  status = dcl_depth_map_apply_scale(map, &fit, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_depth_map_free(out);
  return status;
}

static dcl_status make_latency(void) {
  dcl_latency* out = NULL;
  const dcl_status status = dcl_latency_create(4, &out, &err);
  CHECK((status < 0) == (out == NULL));
  dcl_latency_free(out);
  return status;
}

static dcl_status summarize(void) {
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  const dcl_status status = dcl_latency_get_summary(latency, DCL_STAGE_TOTAL, &summary, &err);
  CHECK((status < 0) == (summary.count == 0));
  return status;
}

static dcl_status fail_with_message(void) {
  const dcl_status status = dcl_gate_offer(NULL, &gate_frame, 0, &err);
  return status == DCL_E_INVALID_ARGUMENT ? DCL_OK : status;
}

static void starve(dcl_status (*call)(void)) {
  enum { most = 5000 };
  long allowed;
  call(); /* what is allocated once and for all is allocated */
  for (allowed = 0; allowed < most; ++allowed) {
    dcl_status status;
    long failed;
    fail_allocation_after(allowed);
    status = call();
    failed = failed_allocations();
    fail_allocation_after(-1);
    if (failed == 0) break;
    /* Memory may run out where the work can do without: then the call succeeds. */
    CHECK(status >= 0 || status == DCL_E_OUT_OF_MEMORY);
  }
  CHECK(allowed < most && call() >= 0);
}

void test_memory(void) {
  static dcl_status (*const calls[])(void) = {
      decode,          open_model,        estimate,     estimate_batch, resize,      make_pipeline,
      process,         process_image,     make_builder, build,          merge,       write_file,
      read_cloud_file, pack_and_unpack,   make_gate,    take,           open_stream, make_latency,
      summarize,       fail_with_message, offer_image,  align,          scale};
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  size_t i;

  model = open_constant("constant:2");
  REQUIRE(dcl_model_estimate(model, &image, &map, &err));
  pipeline = create_pipeline(model, NULL);
  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_gate_create(NULL, NULL, NULL, &gate, &err));
  REQUIRE(dcl_latency_create(4, &latency, &err));
  REQUIRE(dcl_latency_record(latency, &times, &err));
  REQUIRE(dcl_stream_create(model, NULL, NULL, on_frame, NULL, NULL, &closed_stream, &err));
  REQUIRE(dcl_stream_stop(closed_stream, &err));
  for (i = 0; i < sizeof calls / sizeof *calls; ++i) starve(calls[i]);
  dcl_stream_free(closed_stream);
  dcl_latency_free(latency);
  dcl_gate_free(gate);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
  dcl_pipeline_free(pipeline);
  dcl_depth_map_free(map);
  dcl_model_free(model);
}
