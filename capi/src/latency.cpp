// SPDX-License-Identifier: Apache-2.0
#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

dcl_status dcl_latency_create(size_t window, dcl_latency** latency, dcl_error* err) {
  return guard(err, [&] {
    constexpr std::size_t default_window = 1024;
    dcl_latency*& out = object(latency, "latency");
    out = new dcl_latency(window == 0 ? default_window : window);
  });
}

dcl_status dcl_latency_record(dcl_latency* latency, const dcl_stage_times* times, dcl_error* err) {
  return guard(err, [&] {
    object(latency, "latency").recorder.record(to_cpp(object(times, "dcl_stage_times")));
  });
}

dcl_status dcl_latency_get_summary(const dcl_latency* latency, dcl_stage stage,
                                   dcl_latency_summary* out, dcl_error* err) {
  return guard(err, [&] {
    const LatencyRecorder& recorder = object(latency, "latency").recorder;
    write(writable(out, "dcl_latency_summary"), summary(recorder, stage));
  });
}

void dcl_latency_free(dcl_latency* latency) { delete latency; }
