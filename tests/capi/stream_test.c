/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "check.h"

/* What a callback saw. It is read only after dcl_stream_free, which waits for the stream's thread.
 */
struct seen {
  dcl_stream* stream;
  int frames;
  int failures;
  int32_t answer;
  size_t packet_size;
  uint64_t frame_id;
  char message[100];
  dcl_frame* kept;
};

static int32_t on_frame(dcl_frame* frame, void* user) {
  struct seen* seen = user;
  dcl_tag tag = DCL_TAG_INIT;
  ++seen->frames;
  dcl_frame_get_packet(frame, &seen->packet_size);
  dcl_frame_get_tag(frame, &tag, NULL);
  seen->frame_id = tag.frame_id;
  dcl_frame_free(seen->kept);
  seen->kept = frame; /* it is ours, also when the callback is over */
  if (seen->answer != 0) {
    dcl_stream_free(seen->stream); /* cannot wait for itself: it only stops the stream */
  }
  return seen->answer;
}

static void on_failure(const dcl_tag* tag, const dcl_error* error, void* user) {
  struct seen* seen = user;
  ++seen->failures;
  seen->frame_id = tag->frame_id;
  snprintf(seen->message, sizeof seen->message, "%.99s", error->message);
}

static dcl_stream* open_stream(dcl_model* model, const dcl_stream_options* options,
                               struct seen* seen) {
  dcl_stream* stream = NULL;
  memset(seen, 0, sizeof *seen);
  REQUIRE(dcl_stream_create(model, NULL, options, on_frame, on_failure, seen, &stream, &err));
  seen->stream = stream;
  return stream;
}

static dcl_gate_counters counters_of(const dcl_stream* stream) {
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  REQUIRE(dcl_stream_get_counters(stream, &counters, &err));
  return counters;
}

static void wait_until_idle(const dcl_stream* stream) {
  dcl_gate_counters counters = counters_of(stream);
  while (counters.waiting + counters.in_flight > 0) {
    pause_ms(1);
    counters = counters_of(stream);
  }
}

static void frames_and_failures(dcl_model* model) {
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_tag tag = DCL_TAG_INIT;
  struct seen seen;
  size_t size;
  const void* jpeg = photo(&size);
  dcl_stream* stream = open_stream(model, NULL, &seen);

  tag.fields = DCL_TAG_FRAME_ID;
  tag.frame_id = 5;
  REQUIRE(dcl_stream_offer(stream, jpeg, size, &tag, 0, &err));
  wait_until_idle(stream);
  tag.frame_id = 6;
  REQUIRE(dcl_stream_offer(stream, "no photo", 8, &tag, 0, &err)); /* told to on_failure */
  wait_until_idle(stream);
  CHECK_FAILS(dcl_stream_offer(stream, jpeg, size, &tag, -1, &err), DCL_E_INVALID_ARGUMENT,
              "age_s");
  CHECK(counters_of(stream).admitted == 2);
  REQUIRE(dcl_stream_get_latency(stream, DCL_STAGE_TOTAL, &summary, &err));
  CHECK(summary.count == 1);
  CHECK(dcl_stream_get_result(stream) == 0);
  REQUIRE(dcl_stream_stop(stream, &err));
  CHECK(dcl_stream_offer(stream, jpeg, size, &tag, 0, &err) == DCL_SKIPPED);
  dcl_stream_free(stream);
  CHECK(seen.frames == 1 && seen.failures == 1 && seen.frame_id == 6);
  CHECK(seen.packet_size > 0 && strlen(seen.message) > 0);
  CHECK(dcl_frame_get_packet(seen.kept, NULL) != NULL); /* frames outlive the stream */
  dcl_frame_free(seen.kept);
}

static void callback_stops(dcl_model* model) {
  struct seen seen;
  size_t size;
  const void* jpeg = photo(&size);
  dcl_stream* stream = open_stream(model, NULL, &seen);
  int tries = 0;
  seen.answer = 42;
  while (dcl_stream_offer(stream, jpeg, size, NULL, 0, &err) != DCL_SKIPPED && ++tries < 5000) {
    pause_ms(1);
  }
  CHECK(tries < 5000);
  wait_until_idle(stream);
  CHECK(dcl_stream_get_result(stream) == 42);
  dcl_stream_free(stream);
  CHECK(seen.frames == 1 && seen.failures == 0);
  dcl_frame_free(seen.kept);
}

static void options_have_effect(void) {
  dcl_stream_options options = DCL_STREAM_OPTIONS_INIT;
  dcl_gate_options gate = DCL_GATE_OPTIONS_INIT;
  dcl_model* slow = open_constant("constant:2,200");
  dcl_pipeline_options pipeline = DCL_PIPELINE_OPTIONS_INIT;
  struct seen seen;
  size_t size;
  const void* jpeg = photo(&size);
  dcl_stream* stream = NULL;

  options.gate = &gate;
  options.no_decode_ahead = 1;
  gate.policy = DCL_GATE_SKIP_WHILE_BUSY;
  pipeline.no_packet = 1;
  memset(&seen, 0, sizeof seen);
  REQUIRE(dcl_stream_create(slow, &pipeline, &options, on_frame, NULL, &seen, &stream, &err));
  dcl_model_free(slow); /* the stream keeps what it needs of it */
  REQUIRE(dcl_stream_offer(stream, jpeg, size, NULL, 0, &err));
  while (counters_of(stream).in_flight == 0) pause_ms(1);
  CHECK(dcl_stream_offer(stream, jpeg, size, NULL, 0, &err) == DCL_SKIPPED);
  wait_until_idle(stream);
  REQUIRE(dcl_stream_offer(stream, "no photo", 8, NULL, 0, &err)); /* the log is told */
  wait_until_idle(stream);
  dcl_stream_free(stream);
  CHECK(seen.frames == 1 && seen.packet_size == 0);
  dcl_frame_free(seen.kept);
}

/* Frames that are lent: how often each came back. */
enum { lent_frames = 4 };
struct lent {
  struct seen seen; /* the stream's user, of all its callbacks */
  int returned[lent_frames];
};

static void give_back(void* frame, void* user) {
  struct lent* lent = user;
  ++lent->returned[(int*)frame - lent->returned];
}

static int32_t count_frame(dcl_frame* frame, void* user) {
  struct lent* lent = user;
  ++lent->seen.frames;
  dcl_frame_free(frame);
  return 0;
}

static void pixels_are_frames(void) {
  dcl_model* slow = open_constant("constant:2,100");
  dcl_stream_options options = DCL_STREAM_OPTIONS_INIT;
  dcl_stream* stream = NULL;
  dcl_image_view image = small_image();
  struct lent lent;
  int i;
  memset(&lent, 0, sizeof lent);
  options.no_decode_ahead = 1;
  REQUIRE(dcl_stream_create(slow, NULL, &options, count_frame, NULL, &lent, &stream, &err));
  CHECK(dcl_stream_offer_image(stream, &image, NULL, 0, NULL, NULL, &err) == DCL_OK); /* copied */
  wait_until_idle(stream);
  CHECK(dcl_stream_offer_image(stream, &image, NULL, 0, give_back, &lent.returned[0], &err) ==
        DCL_OK);
  while (counters_of(stream).in_flight == 0) pause_ms(1);
  CHECK(dcl_stream_offer_image(stream, &image, NULL, 0, give_back, &lent.returned[1], &err) ==
        DCL_OK);
  CHECK(dcl_stream_offer_image(stream, &image, NULL, 0, give_back, &lent.returned[2], &err) ==
        DCL_REPLACED_OLDER);
  image.stride = 1;
  CHECK_FAILS(dcl_stream_offer_image(stream, &image, NULL, 0, give_back, &lent.returned[3], &err),
              DCL_E_INVALID_ARGUMENT, "stride");
  image.stride = 0;
  CHECK_FAILS(dcl_stream_offer_image(stream, &image, NULL, -1, give_back, &lent.returned[3], &err),
              DCL_E_INVALID_ARGUMENT, "age_s");
  wait_until_idle(stream);
  REQUIRE(dcl_stream_stop(stream, &err));
  CHECK(lent.returned[3] == 0);
  CHECK(dcl_stream_offer_image(stream, &image, NULL, 0, give_back, &lent.returned[3], &err) ==
        DCL_SKIPPED);
  dcl_stream_free(stream);
  for (i = 0; i < lent_frames; ++i) CHECK(lent.returned[i] == 1);
  CHECK(lent.seen.frames == 3);
  dcl_model_free(slow);
}

void test_stream(void) {
  dcl_gate_options gate = DCL_GATE_OPTIONS_INIT;
  dcl_stream_options options = DCL_STREAM_OPTIONS_INIT;
  dcl_stream* stream = NULL;
  dcl_model* model = open_constant("constant:2");
  frames_and_failures(model);
  callback_stops(model);
  options_have_effect();
  pixels_are_frames();
  options.gate = &gate;
  gate.max_fps = -1;
  CHECK_FAILS(dcl_stream_create(model, NULL, &options, on_frame, NULL, NULL, &stream, &err),
              DCL_E_INVALID_ARGUMENT, "max_fps");
  CHECK(stream == NULL);
  dcl_model_free(model);
}
