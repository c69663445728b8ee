/* SPDX-License-Identifier: Apache-2.0 */
/* struct_size: forgotten, too short, too long with and without fields that nobody knows. */
#include <stddef.h>
#include <string.h>

#include "check.h"

/* A struct as a later release might have it. */
struct longer_gate_options {
  dcl_gate_options now;
  uint64_t later;
};

static void takes_only_what_it_knows(void) {
  struct longer_gate_options options = {DCL_GATE_OPTIONS_INIT, 0};
  dcl_gate* gate = NULL;
  options.now.struct_size = sizeof options;
  REQUIRE(dcl_gate_create(&options.now, NULL, NULL, &gate, &err)); /* it asks for nothing new */
  dcl_gate_free(gate);
  gate = NULL;
  options.later = 1;
  CHECK_FAILS(dcl_gate_create(&options.now, NULL, NULL, &gate, &err), DCL_E_UNSUPPORTED,
              "dcl_gate_options");
  CHECK(gate == NULL);
}

/* An older program's struct is shorter: what it lacks counts as zero. */
static void reads_what_an_older_program_has(void) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_photo* decoded = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  options.struct_size = offsetof(dcl_decode_options, salvage);
  options.salvage = 1; /* beyond its end */
  CHECK(dcl_photo_decode(jpeg, size - 20, &options, &decoded, &err) == DCL_E_CORRUPT_DATA);
  options.struct_size = sizeof options;
  REQUIRE(dcl_photo_decode(jpeg, size - 20, &options, &decoded, &err));
  dcl_photo_free(decoded);
}

/* The views and options of an older program end before what was appended since. */
static void reads_no_further_than_an_older_program_wrote(void) {
  static const uint16_t steps[12] = {1000};
  dcl_depth_view depth = small_depth();
  dcl_image_view image = small_image();
  dcl_cloud_options options = DCL_CLOUD_OPTIONS_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  options.voxel_size = 100;
  options.struct_size = offsetof(dcl_cloud_options, voxel_size);
  depth.depth16 = steps; /* beyond the end: else an error, there are two depths */
  depth.struct_size = offsetof(dcl_depth_view, depth16);
  image.yuv_matrix = 77;
  image.struct_size = offsetof(dcl_image_view, chroma);
  REQUIRE(dcl_cloud_builder_create(&options, &builder, &err));
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  CHECK(view.size == 12);
  dcl_cloud_free(cloud);
  dcl_cloud_builder_free(builder);
}

/* A newer program's struct is filled in as far as this library knows, an error struct as well. */
static void fills_only_what_it_knows(void) {
  struct {
    dcl_gate_counters now;
    uint64_t later;
  } counters = {DCL_GATE_COUNTERS_INIT, 77};
  struct {
    dcl_error now;
    uint64_t later;
  } error = {DCL_ERROR_INIT, 88};
  dcl_gate* gate = NULL;
  counters.now.struct_size = sizeof counters;
  error.now.struct_size = sizeof error;
  REQUIRE(dcl_gate_create(NULL, NULL, NULL, &gate, &err));
  REQUIRE(dcl_gate_get_counters(gate, &counters.now, &err));
  CHECK(counters.now.struct_size == sizeof counters && counters.later == 77);
  CHECK(dcl_gate_offer(gate, NULL, 0, &error.now) == DCL_E_INVALID_ARGUMENT);
  CHECK(error.now.struct_size == sizeof error && error.later == 88);
  CHECK(strstr(error.now.message, "frame") != NULL);
  dcl_gate_free(gate);
}

/* `first`: how large the struct was when it was new. */
#define WRONG_SIZES_FROM(first, struct_object, name, call)               \
  do {                                                                   \
    static const uint32_t sizes[] = {0, 4, (first)-1, 4097, UINT32_MAX}; \
    size_t i;                                                            \
    for (i = 0; i < sizeof sizes / sizeof *sizes; ++i) {                 \
      (struct_object).struct_size = sizes[i];                            \
      CHECK_FAILS(call, DCL_E_INVALID_ARGUMENT, name);                   \
    }                                                                    \
    (struct_object).struct_size = sizeof(struct_object);                 \
  } while (0)
#define WRONG_SIZES(struct_object, name, call) \
  WRONG_SIZES_FROM(sizeof(struct_object), struct_object, name, call)

static int32_t ignore(dcl_frame* frame, void* user) {
  (void)user;
  dcl_frame_free(frame);
  return 0;
}

void test_structs(void) {
  dcl_device_info device = DCL_DEVICE_INFO_INIT;
  dcl_decode_options decode_options = DCL_DECODE_OPTIONS_INIT;
  dcl_model_options model_options = DCL_MODEL_OPTIONS_INIT;
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_views_options views = DCL_VIEWS_OPTIONS_INIT;
  dcl_cloud_options cloud_options = DCL_CLOUD_OPTIONS_INIT;
  dcl_wire_format format = DCL_WIRE_FORMAT_INIT;
  dcl_pipeline_options pipeline_options = DCL_PIPELINE_OPTIONS_INIT;
  dcl_merge_options merge = DCL_MERGE_OPTIONS_INIT;
  dcl_cloud_file_options file = DCL_CLOUD_FILE_OPTIONS_INIT;
  dcl_unpack_limits limits = DCL_UNPACK_LIMITS_INIT;
  dcl_packet_info packet_info = DCL_PACKET_INFO_INIT;
  dcl_gate_options gate_options = DCL_GATE_OPTIONS_INIT;
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  dcl_stream_options stream_options = DCL_STREAM_OPTIONS_INIT;
  dcl_tag tag = DCL_TAG_INIT;
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_image_view image = small_image();
  dcl_depth_view depth = small_depth();
  dcl_depth_view depth_out = DCL_DEPTH_VIEW_INIT;
  dcl_image_view image_out = DCL_IMAGE_VIEW_INIT;
  dcl_cloud_view view = DCL_CLOUD_VIEW_INIT;
  const dcl_image_view* image_list[1];
  dcl_photo* decoded = NULL;
  dcl_depth_map* map = NULL;
  dcl_model* model = NULL;
  dcl_pipeline* pipeline = NULL;
  dcl_cloud_builder* builder = NULL;
  dcl_cloud* cloud = NULL;
  dcl_packet* packet = NULL;
  dcl_gate* gate = NULL;
  dcl_stream* stream = NULL;
  dcl_latency* latency = NULL;
  dcl_frame* frame = NULL;
  dcl_alignment_target target = DCL_ALIGNMENT_TARGET_INIT;
  dcl_scale_options scale_options = DCL_SCALE_OPTIONS_INIT;
  dcl_scale_fit fit = DCL_SCALE_FIT_INIT;
  const double known[3] = {0, 0, 1};
  size_t size;
  const void* jpeg = photo(&size);
  const uint8_t* bytes;
  image_list[0] = &image;

  takes_only_what_it_knows();
  fills_only_what_it_knows();
  reads_what_an_older_program_has();
  reads_no_further_than_an_older_program_wrote();

  WRONG_SIZES(device, "dcl_device_info", dcl_device_get_info(0, &device, &err));
  WRONG_SIZES_FROM(offsetof(dcl_decode_options, salvage), decode_options, "dcl_decode_options",
                   dcl_photo_decode(jpeg, size, &decode_options, &decoded, &err));
  CHECK(decoded == NULL);
  REQUIRE(dcl_photo_decode(jpeg, size, &decode_options, &decoded, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image_out, "dcl_image_view",
                   dcl_photo_get_view(decoded, &image_out, &err));
  dcl_photo_free(decoded);
  WRONG_SIZES_FROM(offsetof(dcl_model_options, metric_model), model_options, "dcl_model_options",
                   dcl_model_load(DCL_ABI_VERSION, "constant", &model_options, &model, &err));
  CHECK(model == NULL);
  model = open_constant("constant:2");
  WRONG_SIZES_FROM(offsetof(dcl_model_info, confidence_low), info, "dcl_model_info",
                   dcl_model_get_info(model, &info, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_model_estimate(model, &image, &map, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_model_estimate_batch(model, image_list, 1, &map, &err));
  WRONG_SIZES(views, "dcl_views_options",
              dcl_model_estimate_views(model, image_list, 1, &views, &map, &err));
  WRONG_SIZES(target, "dcl_alignment_target", dcl_depth_align(&depth, &target, &map, &err));
  WRONG_SIZES_FROM(offsetof(dcl_depth_view, depth16), depth, "dcl_depth_view",
                   dcl_depth_align(&depth, &target, &map, &err));
  WRONG_SIZES(scale_options, "dcl_scale_options",
              dcl_depth_fit_scale(&depth, known, 1, &scale_options, &fit, &err));
  WRONG_SIZES(fit, "dcl_scale_fit", dcl_depth_fit_scale(&depth, known, 1, NULL, &fit, &err));
  CHECK(map == NULL);

  pipeline_options.cloud = &cloud_options;
  pipeline_options.wire = &format;
  WRONG_SIZES_FROM(offsetof(dcl_pipeline_options, salvage), pipeline_options,
                   "dcl_pipeline_options",
                   dcl_pipeline_create(model, &pipeline_options, &pipeline, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_options, keep_transparent), cloud_options,
                   "dcl_cloud_options",
                   dcl_pipeline_create(model, &pipeline_options, &pipeline, &err));
  WRONG_SIZES(format, "dcl_wire_format",
              dcl_pipeline_create(model, &pipeline_options, &pipeline, &err));
  CHECK(pipeline == NULL);
  pipeline = create_pipeline(model, &pipeline_options);
  WRONG_SIZES(tag, "dcl_tag", dcl_pipeline_process(pipeline, jpeg, size, &tag, &frame, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_pipeline_process_image(pipeline, &image, NULL, &frame, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_options, keep_transparent), cloud_options,
                   "dcl_cloud_options",
                   dcl_pipeline_set_cloud_options(pipeline, &cloud_options, &err));
  WRONG_SIZES(format, "dcl_wire_format", dcl_pipeline_set_wire_format(pipeline, &format, &err));
  WRONG_SIZES(summary, "dcl_latency_summary",
              dcl_pipeline_get_latency(pipeline, DCL_STAGE_TOTAL, &summary, &err));
  CHECK(frame == NULL);
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_view, normals), view, "dcl_cloud_view",
                   dcl_frame_get_cloud(frame, &view, &err));
  WRONG_SIZES_FROM(offsetof(dcl_depth_view, depth16), depth_out, "dcl_depth_view",
                   dcl_frame_get_depth(frame, &depth_out, &err));
  WRONG_SIZES_FROM(offsetof(dcl_stage_times, metric), times, "dcl_stage_times",
                   dcl_frame_get_times(frame, &times, &err));
  WRONG_SIZES(tag, "dcl_tag", dcl_frame_get_tag(frame, &tag, &err));

  WRONG_SIZES_FROM(offsetof(dcl_cloud_options, keep_transparent), cloud_options,
                   "dcl_cloud_options", dcl_cloud_builder_create(&cloud_options, &builder, &err));
  REQUIRE(dcl_cloud_builder_create(NULL, &builder, &err));
  WRONG_SIZES_FROM(offsetof(dcl_depth_view, depth16), depth, "dcl_depth_view",
                   dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  CHECK(cloud == NULL);
  REQUIRE(dcl_cloud_builder_build(builder, &depth, &image, &cloud, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_cloud_builder_rebuild(builder, &depth, &image, cloud, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_view, normals), view, "dcl_cloud_view",
                   dcl_cloud_get_view(cloud, &view, &err));
  REQUIRE(dcl_cloud_get_view(cloud, &view, &err));
  WRONG_SIZES_FROM(offsetof(dcl_merge_options, voxel_size), merge, "dcl_merge_options",
                   dcl_cloud_merge(NULL, NULL, 0, &merge, &cloud, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_view, normals), view, "dcl_cloud_view",
                   dcl_cloud_write_ply(out_path("structs.ply"), &view, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_view, normals), view, "dcl_cloud_view",
                   dcl_cloud_write_pcd(out_path("structs.pcd"), &view, &err));
  WRONG_SIZES(file, "dcl_cloud_file_options",
              dcl_cloud_write_file(out_path("structs.ply"), &view, &file, &err));
  WRONG_SIZES_FROM(offsetof(dcl_cloud_view, normals), view, "dcl_cloud_view",
                   dcl_cloud_pack(&view, NULL, NULL, &packet, &err));
  WRONG_SIZES(format, "dcl_wire_format", dcl_cloud_pack(&view, &format, NULL, &packet, &err));
  WRONG_SIZES(tag, "dcl_tag", dcl_cloud_pack(&view, NULL, &tag, &packet, &err));
  WRONG_SIZES_FROM(offsetof(dcl_depth_view, depth16), depth, "dcl_depth_view",
                   dcl_cloud_builder_pack(builder, &depth, &image, NULL, NULL, &packet, &err));
  CHECK(packet == NULL);
  REQUIRE(dcl_cloud_pack(&view, NULL, NULL, &packet, &err));
  bytes = dcl_packet_get_data(packet, &size);
  dcl_cloud_free(cloud);
  cloud = NULL;
  WRONG_SIZES(limits, "dcl_unpack_limits",
              dcl_packet_unpack(bytes, size, &limits, NULL, &cloud, NULL, &err));
  WRONG_SIZES_FROM(offsetof(dcl_packet_info, width), packet_info, "dcl_packet_info",
                   dcl_packet_unpack(bytes, size, NULL, NULL, &cloud, &packet_info, &err));
  CHECK(cloud == NULL);

  WRONG_SIZES(gate_options, "dcl_gate_options",
              dcl_gate_create(&gate_options, NULL, NULL, &gate, &err));
  REQUIRE(dcl_gate_create(NULL, NULL, NULL, &gate, &err));
  WRONG_SIZES(counters, "dcl_gate_counters", dcl_gate_get_counters(gate, &counters, &err));
  WRONG_SIZES(stream_options, "dcl_stream_options",
              dcl_stream_create(model, NULL, &stream_options, ignore, NULL, NULL, &stream, &err));
  stream_options.gate = &gate_options;
  WRONG_SIZES(gate_options, "dcl_gate_options",
              dcl_stream_create(model, NULL, &stream_options, ignore, NULL, NULL, &stream, &err));
  CHECK(stream == NULL);
  stream_options.gate = NULL;
  REQUIRE(dcl_stream_create(model, NULL, &stream_options, ignore, NULL, NULL, &stream, &err));
  WRONG_SIZES_FROM(offsetof(dcl_image_view, chroma), image, "dcl_image_view",
                   dcl_stream_offer_image(stream, &image, NULL, 0, NULL, NULL, &err));
  dcl_stream_free(stream);
  REQUIRE(dcl_latency_create(0, &latency, &err));
  WRONG_SIZES_FROM(offsetof(dcl_stage_times, metric), times, "dcl_stage_times",
                   dcl_latency_record(latency, &times, &err));
  WRONG_SIZES(summary, "dcl_latency_summary",
              dcl_latency_get_summary(latency, DCL_STAGE_TOTAL, &summary, &err));

  dcl_latency_free(latency);
  dcl_gate_free(gate);
  dcl_packet_free(packet);
  dcl_cloud_builder_free(builder);
  dcl_frame_free(frame);
  dcl_pipeline_free(pipeline);
  dcl_model_free(model);
}
