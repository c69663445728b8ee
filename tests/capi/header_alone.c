/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing but the header, and each of its initialisers. */
#include <depthcloud/depthcloud.h>

void depthcloud_header_alone(void);

void depthcloud_header_alone(void) {
  const dcl_error error = DCL_ERROR_INIT;
  const dcl_device_info device_info = DCL_DEVICE_INFO_INIT;
  const dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  const dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  const dcl_cloud_view cloud_view = DCL_CLOUD_VIEW_INIT;
  const dcl_tag tag = DCL_TAG_INIT;
  const dcl_stage_times stage_times = DCL_STAGE_TIMES_INIT;
  const dcl_latency_summary latency_summary = DCL_LATENCY_SUMMARY_INIT;
  const dcl_model_options model_options = DCL_MODEL_OPTIONS_INIT;
  const dcl_model_info model_info = DCL_MODEL_INFO_INIT;
  const dcl_views_options views_options = DCL_VIEWS_OPTIONS_INIT;
  const dcl_cloud_options cloud_options = DCL_CLOUD_OPTIONS_INIT;
  const dcl_wire_format wire_format = DCL_WIRE_FORMAT_INIT;
  const dcl_pipeline_options pipeline_options = DCL_PIPELINE_OPTIONS_INIT;
  const dcl_merge_options merge_options = DCL_MERGE_OPTIONS_INIT;
  const dcl_cloud_file_options cloud_file_options = DCL_CLOUD_FILE_OPTIONS_INIT;
  const dcl_unpack_limits unpack_limits = DCL_UNPACK_LIMITS_INIT;
  const dcl_packet_info packet_info = DCL_PACKET_INFO_INIT;
  const dcl_gate_options gate_options = DCL_GATE_OPTIONS_INIT;
  const dcl_gate_counters gate_counters = DCL_GATE_COUNTERS_INIT;
  const dcl_stream_options stream_options = DCL_STREAM_OPTIONS_INIT;
  const dcl_scale_options scale_options = DCL_SCALE_OPTIONS_INIT;
  const dcl_scale_fit scale_fit = DCL_SCALE_FIT_INIT;
  const dcl_video_options video_options = DCL_VIDEO_OPTIONS_INIT;
  const dcl_video_info video_info = DCL_VIDEO_INFO_INIT;
  const dcl_video_picture video_picture = DCL_VIDEO_PICTURE_INIT;
  const dcl_video_counters video_counters = DCL_VIDEO_COUNTERS_INIT;
  (void)error;
  (void)device_info;
  (void)image;
  (void)depth;
  (void)cloud_view;
  (void)tag;
  (void)stage_times;
  (void)latency_summary;
  (void)model_options;
  (void)model_info;
  (void)views_options;
  (void)cloud_options;
  (void)wire_format;
  (void)pipeline_options;
  (void)merge_options;
  (void)cloud_file_options;
  (void)unpack_limits;
  (void)packet_info;
  (void)gate_options;
  (void)gate_counters;
  (void)stream_options;
  (void)scale_options;
  (void)scale_fit;
  (void)video_options;
  (void)video_info;
  (void)video_picture;
  (void)video_counters;
}
