/* SPDX-License-Identifier: Apache-2.0 */
/* NULL where an object or a place for a result must be: an error that names it, never a crash. */
#include "check.h"

#define NULL_FAILS(call, name) CHECK_FAILS(call, DCL_E_INVALID_ARGUMENT, name " is NULL")

static int32_t keep_going(dcl_frame* frame, void* user) {
  (void)user;
  dcl_frame_free(frame);
  return 0;
}

static void frees_take_null(void) {
  dcl_photo_free(NULL);
  dcl_model_free(NULL);
  dcl_pipeline_free(NULL);
  dcl_frame_free(NULL);
  dcl_depth_map_free(NULL);
  dcl_cloud_builder_free(NULL);
  dcl_cloud_free(NULL);
  dcl_packet_free(NULL);
  dcl_gate_free(NULL);
  dcl_ticket_free(NULL);
  dcl_stream_free(NULL);
  dcl_latency_free(NULL);
}

static void nothing_is_something(void) {
  size_t size = 5;
  CHECK(dcl_frame_get_packet(NULL, &size) == NULL && size == 0);
  CHECK(dcl_frame_get_packet(NULL, NULL) == NULL);
  size = 5;
  CHECK(dcl_packet_get_data(NULL, &size) == NULL && size == 0);
  CHECK(dcl_packet_get_data(NULL, NULL) == NULL);
  CHECK(dcl_ticket_get_frame(NULL) == NULL);
  CHECK(dcl_stream_get_result(NULL) == 0);
}

void test_nulls(void) {
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_tag tag = DCL_TAG_INIT;
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  const dcl_image_view* images[2] = {NULL, NULL};
  dcl_photo* decoded = NULL;
  dcl_depth_map* map = NULL;
  dcl_depth_map* resized = NULL;
  dcl_pipeline* pipeline = NULL;
  dcl_frame* frame = NULL;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  dcl_packet* packet = NULL;
  dcl_gate* gate = NULL;
  dcl_ticket* ticket = NULL;
  dcl_stream* stream = NULL;
  dcl_latency* latency = NULL;
  dcl_model* model = open_constant("constant:2");
  dcl_alignment_target target = DCL_ALIGNMENT_TARGET_INIT;
  dcl_scale_fit fit = DCL_SCALE_FIT_INIT;
  const double known[3] = {0, 0, 1};
  size_t size;
  const void* jpeg = photo(&size);

  frees_take_null();
  nothing_is_something();

  NULL_FAILS(dcl_device_get_count(NULL, &err), "count");
  NULL_FAILS(dcl_device_get_info(0, NULL, &err), "dcl_device_info");
  NULL_FAILS(dcl_model_load(DCL_ABI_VERSION, NULL, NULL, &model, &err), "source");
  NULL_FAILS(dcl_model_load(DCL_ABI_VERSION, "constant", NULL, NULL, &err), "model");
  NULL_FAILS(dcl_model_get_info(NULL, &info, &err), "model");
  NULL_FAILS(dcl_model_get_info(model, NULL, &err), "dcl_model_info");
  NULL_FAILS(dcl_model_warm_up(NULL, 8, 8, &err), "model");
  NULL_FAILS(dcl_model_cancel(NULL, &err), "model");
  NULL_FAILS(dcl_model_estimate(NULL, &image, &map, &err), "model");
  NULL_FAILS(dcl_model_estimate(model, NULL, &map, &err), "image");
  NULL_FAILS(dcl_model_estimate(model, &image, NULL, &err), "depth");
  NULL_FAILS(dcl_model_estimate_views(NULL, images, 1, NULL, &map, &err), "model");
  NULL_FAILS(dcl_model_estimate_views(model, NULL, 1, NULL, &map, &err), "views");
  NULL_FAILS(dcl_model_estimate_views(model, images, 1, NULL, &map, &err), "view");
  NULL_FAILS(dcl_model_estimate_views(model, images, 1, NULL, NULL, &err), "depths");
  NULL_FAILS(dcl_model_estimate_batch(NULL, images, 1, &map, &err), "model");
  NULL_FAILS(dcl_model_estimate_batch(model, NULL, 1, &map, &err), "images");
  NULL_FAILS(dcl_model_estimate_batch(model, images, 1, &map, &err), "image");
  NULL_FAILS(dcl_model_estimate_batch(model, images, 1, NULL, &err), "depths");
  NULL_FAILS(dcl_depth_map_get_view(NULL, &depth, &err), "map");
  NULL_FAILS(dcl_depth_map_resize(NULL, 8, 8, &resized, &err), "map");
  REQUIRE(dcl_model_estimate(model, &image, &map, &err));
  NULL_FAILS(dcl_depth_map_get_view(map, NULL, &err), "dcl_depth_view");
  NULL_FAILS(dcl_depth_map_resize(map, 8, 8, NULL, &err), "resized");
  NULL_FAILS(dcl_depth_map_apply_scale(NULL, &fit, &resized, &err), "map");
  NULL_FAILS(dcl_depth_map_apply_scale(map, NULL, &resized, &err), "fit");
  NULL_FAILS(dcl_depth_map_apply_scale(map, &fit, NULL, &err), "scaled");
  dcl_depth_map_free(map);
  map = NULL;
  NULL_FAILS(dcl_depth_fit_scale(NULL, known, 1, NULL, &fit, &err), "depth");
  NULL_FAILS(dcl_depth_fit_scale(&depth, NULL, 1, NULL, &fit, &err), "known");
  NULL_FAILS(dcl_depth_fit_scale(&depth, known, 1, NULL, NULL, &err), "fit");
  NULL_FAILS(dcl_depth_fit_scale_image(NULL, &depth, NULL, &fit, &err), "depth");
  NULL_FAILS(dcl_depth_fit_scale_image(&depth, NULL, NULL, &fit, &err), "known");
  NULL_FAILS(dcl_depth_fit_scale_image(&depth, &depth, NULL, NULL, &err), "fit");
  NULL_FAILS(dcl_depth_align(NULL, &target, &map, &err), "depth");
  NULL_FAILS(dcl_depth_align(&depth, NULL, &map, &err), "target");
  NULL_FAILS(dcl_depth_align(&depth, &target, NULL, &err), "aligned");

  NULL_FAILS(dcl_photo_decode(NULL, 3, NULL, &decoded, &err), "bytes");
  NULL_FAILS(dcl_photo_decode(jpeg, size, NULL, NULL, &err), "photo");
  NULL_FAILS(dcl_photo_get_view(NULL, &image, &err), "photo");
  REQUIRE(dcl_photo_decode(jpeg, size, NULL, &decoded, &err));
  NULL_FAILS(dcl_photo_get_view(decoded, NULL, &err), "dcl_image_view");
  dcl_photo_free(decoded);

  NULL_FAILS(dcl_pipeline_create(NULL, NULL, &pipeline, &err), "model");
  NULL_FAILS(dcl_pipeline_create(model, NULL, NULL, &err), "pipeline");
  pipeline = create_pipeline(model, NULL);
  NULL_FAILS(dcl_pipeline_process(NULL, jpeg, size, NULL, &frame, &err), "pipeline");
  NULL_FAILS(dcl_pipeline_process(pipeline, NULL, size, NULL, &frame, &err), "bytes");
  NULL_FAILS(dcl_pipeline_process(pipeline, jpeg, size, NULL, NULL, &err), "frame");
  NULL_FAILS(dcl_pipeline_process_image(NULL, &image, NULL, &frame, &err), "pipeline");
  NULL_FAILS(dcl_pipeline_process_image(pipeline, NULL, NULL, &frame, &err), "image");
  NULL_FAILS(dcl_pipeline_process_image(pipeline, &image, NULL, NULL, &err), "frame");
  NULL_FAILS(dcl_pipeline_set_cloud_options(NULL, NULL, &err), "pipeline");
  NULL_FAILS(dcl_pipeline_set_wire_format(NULL, NULL, &err), "pipeline");
  NULL_FAILS(dcl_pipeline_get_latency(NULL, DCL_STAGE_TOTAL, &summary, &err), "pipeline");
  NULL_FAILS(dcl_pipeline_get_latency(pipeline, DCL_STAGE_TOTAL, NULL, &err),
             "dcl_latency_summary");
  NULL_FAILS(dcl_frame_get_cloud(NULL, &view, &err), "frame");
  NULL_FAILS(dcl_frame_get_depth(NULL, &depth, &err), "frame");
  NULL_FAILS(dcl_frame_get_times(NULL, &times, &err), "frame");
  NULL_FAILS(dcl_frame_get_tag(NULL, &tag, &err), "frame");
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  NULL_FAILS(dcl_frame_get_cloud(frame, NULL, &err), "dcl_cloud_view");
  NULL_FAILS(dcl_frame_get_depth(frame, NULL, &err), "dcl_depth_view");
  NULL_FAILS(dcl_frame_get_times(frame, NULL, &err), "dcl_stage_times");
  NULL_FAILS(dcl_frame_get_tag(frame, NULL, &err), "dcl_tag");

  NULL_FAILS(dcl_cloud_builder_create(NULL, NULL, &err), "builder");
  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  NULL_FAILS(dcl_cloud_builder_build(NULL, &depth, &image, &cloud, &err), "builder");
  NULL_FAILS(dcl_cloud_builder_build(builder, NULL, &image, &cloud, &err), "depth");
  NULL_FAILS(dcl_cloud_builder_build(builder, &depth, &image, NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_builder_rebuild(builder, &depth, &image, NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_builder_rebuild(NULL, &depth, &image, cloud, &err), "builder");
  NULL_FAILS(dcl_cloud_get_view(NULL, &view, &err), "cloud");
  NULL_FAILS(dcl_cloud_merge(NULL, NULL, 1, NULL, &cloud, &err), "views");
  NULL_FAILS(dcl_cloud_merge(NULL, NULL, 0, NULL, NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_write_ply(NULL, &view, &err), "path");
  NULL_FAILS(dcl_cloud_write_ply("x.ply", NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_write_file(NULL, &view, NULL, &err), "path");
  NULL_FAILS(dcl_cloud_write_file("x.ply", NULL, NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_write_pcd(NULL, &view, &err), "path");
  NULL_FAILS(dcl_cloud_write_pcd("x.pcd", NULL, &err), "cloud");
  NULL_FAILS(dcl_cloud_read_file(NULL, 0, &cloud, &err), "path");
  NULL_FAILS(dcl_cloud_read_file("x.ply", 0, NULL, &err), "cloud");
  view.size = 3;
  CHECK_FAILS(dcl_cloud_write_ply("x.ply", &view, &err), DCL_E_INVALID_ARGUMENT, "positions");
  NULL_FAILS(dcl_cloud_pack(NULL, NULL, NULL, &packet, &err), "cloud");
  NULL_FAILS(dcl_cloud_pack(&view, NULL, NULL, NULL, &err), "packet");
  NULL_FAILS(dcl_cloud_builder_pack(NULL, &depth, &image, NULL, NULL, &packet, &err), "builder");
  NULL_FAILS(dcl_cloud_builder_pack(builder, NULL, &image, NULL, NULL, &packet, &err), "depth");
  NULL_FAILS(dcl_cloud_builder_pack(builder, &depth, NULL, NULL, NULL, &packet, &err), "image");
  NULL_FAILS(dcl_cloud_builder_pack(builder, &depth, &image, NULL, NULL, NULL, &err), "packet");
  NULL_FAILS(dcl_packet_unpack(NULL, 3, NULL, NULL, &cloud, NULL, &err), "bytes");
  NULL_FAILS(dcl_packet_unpack(jpeg, size, NULL, NULL, NULL, NULL, &err), "cloud");

  NULL_FAILS(dcl_gate_create(NULL, NULL, NULL, NULL, &err), "gate");
  REQUIRE(dcl_gate_create(NULL, NULL, NULL, &gate, &err));
  NULL_FAILS(dcl_gate_offer(NULL, &size, 0, &err), "gate");
  NULL_FAILS(dcl_gate_offer(gate, NULL, 0, &err), "frame");
  NULL_FAILS(dcl_gate_take(NULL, &ticket, &err), "gate");
  NULL_FAILS(dcl_gate_take(gate, NULL, &err), "ticket");
  NULL_FAILS(dcl_gate_take_wait(NULL, &ticket, &err), "gate");
  NULL_FAILS(dcl_gate_take_wait(gate, NULL, &err), "ticket");
  NULL_FAILS(dcl_gate_close(NULL, &err), "gate");
  NULL_FAILS(dcl_gate_get_counters(NULL, &counters, &err), "gate");
  NULL_FAILS(dcl_gate_get_counters(gate, NULL, &err), "dcl_gate_counters");

  NULL_FAILS(dcl_stream_create(NULL, NULL, NULL, keep_going, NULL, NULL, &stream, &err), "model");
  NULL_FAILS(dcl_stream_create(model, NULL, NULL, NULL, NULL, NULL, &stream, &err), "on_frame");
  NULL_FAILS(dcl_stream_create(model, NULL, NULL, keep_going, NULL, NULL, NULL, &err), "stream");
  REQUIRE(dcl_stream_create(model, NULL, NULL, keep_going, NULL, NULL, &stream, &err));
  NULL_FAILS(dcl_stream_offer(NULL, jpeg, size, NULL, 0, &err), "stream");
  NULL_FAILS(dcl_stream_offer(stream, NULL, size, NULL, 0, &err), "bytes");
  NULL_FAILS(dcl_stream_offer_image(NULL, &image, NULL, 0, NULL, NULL, &err), "stream");
  NULL_FAILS(dcl_stream_offer_image(stream, NULL, NULL, 0, NULL, NULL, &err), "image");
  NULL_FAILS(dcl_stream_get_counters(NULL, &counters, &err), "stream");
  NULL_FAILS(dcl_stream_get_counters(stream, NULL, &err), "dcl_gate_counters");
  NULL_FAILS(dcl_stream_get_latency(NULL, DCL_STAGE_TOTAL, &summary, &err), "stream");
  NULL_FAILS(dcl_stream_get_latency(stream, DCL_STAGE_TOTAL, NULL, &err), "dcl_latency_summary");
  NULL_FAILS(dcl_stream_stop(NULL, &err), "stream");

  NULL_FAILS(dcl_latency_create(0, NULL, &err), "latency");
  REQUIRE(dcl_latency_create(0, &latency, &err));
  NULL_FAILS(dcl_latency_record(NULL, &times, &err), "latency");
  NULL_FAILS(dcl_latency_record(latency, NULL, &err), "dcl_stage_times");
  NULL_FAILS(dcl_latency_get_summary(NULL, DCL_STAGE_TOTAL, &summary, &err), "latency");
  NULL_FAILS(dcl_latency_get_summary(latency, DCL_STAGE_TOTAL, NULL, &err), "dcl_latency_summary");

  CHECK(map == NULL && resized == NULL && cloud == NULL && packet == NULL && ticket == NULL);
  dcl_latency_free(latency);
  dcl_stream_free(stream);
  dcl_gate_free(gate);
  dcl_cloud_builder_free(builder);
  dcl_frame_free(frame);
  dcl_model_free(model); /* before what was made of it */
  dcl_pipeline_free(pipeline);
}
