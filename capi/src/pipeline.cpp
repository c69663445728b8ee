// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

dcl_status dcl_pipeline_create(dcl_model* model, const dcl_pipeline_options* options,
                               dcl_pipeline** pipeline, dcl_error* err) {
  return guard(err, [&] {
    dcl_pipeline*& out = object(pipeline, "pipeline");
    out = new dcl_pipeline{Pipeline(object(model, "model").estimator, to_cpp(options))};
  });
}

dcl_status dcl_pipeline_process(dcl_pipeline* pipeline, const void* encoded, size_t size,
                                const dcl_tag* tag, dcl_frame** frame, dcl_error* err) {
  return guard(err, [&] {
    Pipeline& of = object(pipeline, "pipeline").pipeline;
    dcl_frame*& out = object(frame, "frame");
    out = new dcl_frame(of.process(to_bytes(encoded, size), to_cpp(tag)));
  });
}

dcl_status dcl_pipeline_process_image(dcl_pipeline* pipeline, const dcl_image_view* image,
                                      const dcl_tag* tag, dcl_frame** frame, dcl_error* err) {
  return guard(err, [&] {
    Pipeline& of = object(pipeline, "pipeline").pipeline;
    dcl_frame*& out = object(frame, "frame");
    const FrameTag cpp_tag = to_cpp(tag);
    out =
        std::visit([&](const auto& view) { return new dcl_frame(of.process_image(view, cpp_tag)); },
                   to_cpp(object(image, "image")));
  });
}

dcl_status dcl_pipeline_set_cloud_options(dcl_pipeline* pipeline, const dcl_cloud_options* options,
                                          dcl_error* err) {
  return guard(err,
               [&] { object(pipeline, "pipeline").pipeline.set_cloud_options(to_cpp(options)); });
}

dcl_status dcl_pipeline_set_wire_format(dcl_pipeline* pipeline, const dcl_wire_format* format,
                                        dcl_error* err) {
  return guard(err, [&] { object(pipeline, "pipeline").pipeline.set_wire_format(to_cpp(format)); });
}

dcl_status dcl_pipeline_get_latency(const dcl_pipeline* pipeline, dcl_stage stage,
                                    dcl_latency_summary* out, dcl_error* err) {
  return guard(err, [&] {
    const LatencyRecorder& latency = object(pipeline, "pipeline").pipeline.latency();
    write(writable(out, "dcl_latency_summary"), summary(latency, stage));
  });
}

void dcl_pipeline_free(dcl_pipeline* pipeline) { delete pipeline; }

const uint8_t* dcl_frame_get_packet(const dcl_frame* frame, size_t* size) {
  const bool packed = frame != nullptr && !frame->frame.packet.empty();
  if (size != nullptr) *size = packed ? frame->frame.packet.size() : 0;
  return packed ? frame->frame.packet.data() : nullptr;
}

dcl_status dcl_frame_get_cloud(const dcl_frame* frame, dcl_cloud_view* cloud, dcl_error* err) {
  return guard(err, [&] {
    const PointCloud& points = object(frame, "frame").frame.cloud;
    write(writable(cloud, "dcl_cloud_view"), to_c(points.view()));
  });
}

dcl_status dcl_frame_get_depth(const dcl_frame* frame, dcl_depth_view* depth, dcl_error* err) {
  return guard(err, [&] {
    const dcl_frame& finished = object(frame, "frame");
    write(writable(depth, "dcl_depth_view"), to_c(finished.depth.host()));
  });
}

dcl_status dcl_frame_get_times(const dcl_frame* frame, dcl_stage_times* times, dcl_error* err) {
  return guard(err, [&] {
    const StageTimes& ms = object(frame, "frame").frame.times;
    write(writable(times, "dcl_stage_times"), to_c(ms));
  });
}

dcl_status dcl_frame_get_tag(const dcl_frame* frame, dcl_tag* tag, dcl_error* err) {
  return guard(err, [&] {
    const FrameTag& frame_tag = object(frame, "frame").frame.tag;
    write(writable(tag, "dcl_tag"), to_c(frame_tag));
  });
}

void dcl_frame_free(dcl_frame* frame) { delete frame; }
