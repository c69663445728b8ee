// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

struct dcl_stream {
  dcl_stream(Pipeline own_pipeline, dcl_frame_fn frame_fn, dcl_failure_fn failure_fn,
             void* user_pointer, const StreamOptions& options)
      : on_frame(frame_fn),
        on_failure(failure_fn),
        user(user_pointer),
        pipeline(std::move(own_pipeline)),
        stream(
            pipeline, [this](Frame&& frame) { deliver(std::move(frame)); }, error_sink(), options) {
  }

  /// Whether this thread is the stream's own, which calls back.
  bool is_own_thread() const { return thread_of == this; }

  const dcl_frame_fn on_frame;
  const dcl_failure_fn on_failure;
  void* const user;
  std::atomic<int32_t> result{0};
  Pipeline pipeline;
  FrameStream stream;  // last: its threads use what is above

 private:
  /// None where the program has no callback: the stream then logs what fails.
  FrameStream::ErrorSink error_sink() {
    if (on_failure == nullptr) return nullptr;
    return [this](const FrameTag& tag, const Error& error) { report(tag, error); };
  }

  void deliver(Frame&& frame) {
    if (result != 0) return;
    auto finished = std::make_unique<dcl_frame>(std::move(frame));
    thread_of = this;
    const int32_t answer = on_frame(finished.release(), user);
    if (answer == 0) return;
    result = answer;
    stream.stop();
  }

  void report(const FrameTag& tag, const Error& error) {
    if (result != 0) return;
    const dcl_tag c_tag = to_c(tag);
    const dcl_error c_error = to_c(error);
    thread_of = this;
    on_failure(&c_tag, &c_error, user);
  }

  static thread_local const dcl_stream* thread_of;
};

thread_local const dcl_stream* dcl_stream::thread_of = nullptr;

dcl_status dcl_stream_create(dcl_model* model, const dcl_pipeline_options* pipeline,
                             const dcl_stream_options* options, dcl_frame_fn on_frame,
                             dcl_failure_fn on_failure, void* user, dcl_stream** stream,
                             dcl_error* err) {
  return guard(err, [&] {
    dcl_stream*& out = object(stream, "stream");
    const auto& estimator = object(model, "model").estimator;
    object(on_frame, "on_frame");
    const StreamOptions stream_options = to_cpp(options);
    out = new dcl_stream(Pipeline(estimator, to_cpp(pipeline)), on_frame, on_failure, user,
                         stream_options);
  });
}

dcl_status dcl_stream_offer(dcl_stream* stream, const void* encoded, size_t size,
                            const dcl_tag* tag, double age_s, dcl_error* err) {
  return guard(err, [&] {
    FrameStream& into = object(stream, "stream").stream;
    const auto bytes = to_bytes(encoded, size);
    return to_c(into.offer({bytes.begin(), bytes.end()}, to_cpp(tag), captured(age_s)));
  });
}

dcl_status dcl_stream_offer_image(dcl_stream* stream, const dcl_image_view* image,
                                  const dcl_tag* tag, double age_s, dcl_release_fn release,
                                  void* frame, dcl_error* err) {
  return guard(err, [&] {
    dcl_stream& into = object(stream, "stream");
    RawFrame raw{.image = to_cpp(object(image, "image"))};
    if (release != nullptr) {
      raw.release = [release, frame, user = into.user] { release(frame, user); };
    }
    return to_c(into.stream.offer_image(std::move(raw), to_cpp(tag), captured(age_s)));
  });
}

dcl_status dcl_stream_get_counters(const dcl_stream* stream, dcl_gate_counters* counters,
                                   dcl_error* err) {
  return guard(err, [&] {
    const FrameStream& counted = object(stream, "stream").stream;
    write(writable(counters, "dcl_gate_counters"), to_c(counted.counters()));
  });
}

dcl_status dcl_stream_get_latency(const dcl_stream* stream, dcl_stage stage,
                                  dcl_latency_summary* out, dcl_error* err) {
  return guard(err, [&] {
    const LatencyRecorder& latency = object(stream, "stream").pipeline.latency();
    write(writable(out, "dcl_latency_summary"), summary(latency, stage));
  });
}

int32_t dcl_stream_get_result(const dcl_stream* stream) {
  return stream != nullptr ? stream->result.load() : 0;
}

dcl_status dcl_stream_stop(dcl_stream* stream, dcl_error* err) {
  return guard(err, [&] { object(stream, "stream").stream.stop(); });
}

void dcl_stream_free(dcl_stream* stream) {
  if (stream != nullptr && stream->is_own_thread()) return stream->stream.stop();
  delete stream;
}
