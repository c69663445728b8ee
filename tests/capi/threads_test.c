/* SPDX-License-Identifier: Apache-2.0 */
/* What the header lets several threads share, shared; under ThreadSanitizer a lie becomes a report.
 */
#include <pthread.h>
#include <stdlib.h>

#include "check.h"

enum { threads = 4, rounds = 25 };

struct shared {
  dcl_model* model;
  dcl_photo* photo;
  dcl_depth_map* map;
  dcl_frame* frame;
  dcl_gate* gate;
  dcl_stream* stream;
  dcl_latency* latency;
  int failed[threads];
};

struct worker {
  struct shared* shared;
  int index;
};

static void release(void* frame, void* user) {
  (void)user;
  free(frame);
}

static int32_t on_frame(dcl_frame* frame, void* user) {
  ++*(int*)user;
  dcl_frame_free(frame);
  return 0;
}

/* One round of everything; true when all of it went well. */
static int round_of(struct shared* shared, dcl_pipeline* pipeline) {
  dcl_error own = DCL_ERROR_INIT;
  dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  dcl_stage_times times = DCL_STAGE_TIMES_INIT;
  dcl_latency_summary summary = DCL_LATENCY_SUMMARY_INIT;
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  dcl_model_info info = DCL_MODEL_INFO_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  dcl_depth_map* resized = NULL;
  dcl_frame* frame = NULL;
  dcl_ticket* ticket = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  int ok = dcl_pipeline_process(pipeline, jpeg, size, NULL, &frame, &own) >= 0 &&
           dcl_model_get_info(shared->model, &info, &own) >= 0 &&
           dcl_photo_get_view(shared->photo, &image, &own) >= 0 &&
           dcl_depth_map_get_view(shared->map, &depth, &own) >= 0 && depth.depth[0] == 2.0f &&
           dcl_depth_map_resize(shared->map, 9, 7, &resized, &own) >= 0 &&
           dcl_frame_get_cloud(shared->frame, &cloud, &own) >= 0 &&
           dcl_frame_get_depth(shared->frame, &depth, &own) >= 0 && depth.depth[0] == 2.0f &&
           dcl_frame_get_times(frame, &times, &own) >= 0 &&
           dcl_latency_record(shared->latency, &times, &own) >= 0 &&
           dcl_latency_get_summary(shared->latency, DCL_STAGE_TOTAL, &summary, &own) >= 0 &&
           dcl_gate_offer(shared->gate, malloc(16), 0, &own) >= 0 &&
           dcl_gate_take(shared->gate, &ticket, &own) >= 0 &&
           dcl_gate_get_counters(shared->gate, &counters, &own) >= 0 &&
           dcl_stream_offer(shared->stream, jpeg, size, NULL, 0, &own) >= 0 &&
           dcl_stream_get_counters(shared->stream, &counters, &own) >= 0 &&
           dcl_abi_check(0, &own) == DCL_E_ABI;
  dcl_ticket_free(ticket);
  dcl_frame_free(frame);
  dcl_depth_map_free(resized);
  return ok;
}

static void* work(void* argument) {
  const struct worker* worker = argument;
  dcl_pipeline* pipeline = NULL;
  int i;
  int ok = dcl_pipeline_create(worker->shared->model, NULL, &pipeline, NULL) >= 0;
  for (i = 0; ok && i < rounds; ++i) ok = round_of(worker->shared, pipeline);
  dcl_pipeline_free(pipeline);
  worker->shared->failed[worker->index] = !ok;
  return NULL;
}

/* Waits in the gate until it is closed. */
static void* wait_in_gate(void* argument) {
  dcl_ticket* ticket = NULL;
  while (dcl_gate_take_wait(argument, &ticket, NULL) == DCL_OK) {
    dcl_ticket_free(ticket);
    ticket = NULL;
  }
  return NULL;
}

void test_threads(void) {
  struct shared shared;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  struct worker workers[threads];
  pthread_t ids[threads];
  pthread_t waiter;
  size_t size;
  const void* jpeg = photo(&size);
  dcl_pipeline* pipeline;
  int streamed = 0;
  int i;

  shared.model = open_constant("constant:2");
  shared.photo = NULL;
  shared.map = NULL;
  shared.frame = NULL;
  REQUIRE(dcl_photo_decode(jpeg, size, NULL, &shared.photo, &err));
  REQUIRE(dcl_photo_get_view(shared.photo, &image, &err));
  REQUIRE(dcl_model_estimate(shared.model, &image, &shared.map, &err));
  pipeline = create_pipeline(shared.model, NULL);
  REQUIRE(dcl_pipeline_process(pipeline, jpeg, size, NULL, &shared.frame, &err));
  REQUIRE(dcl_gate_create(NULL, release, NULL, &shared.gate, &err));
  REQUIRE(dcl_latency_create(16, &shared.latency, &err));
  REQUIRE(
      dcl_stream_create(shared.model, NULL, NULL, on_frame, NULL, &streamed, &shared.stream, &err));

  CHECK(pthread_create(&waiter, NULL, wait_in_gate, shared.gate) == 0);
  for (i = 0; i < threads; ++i) {
    workers[i].shared = &shared;
    workers[i].index = i;
    CHECK(pthread_create(&ids[i], NULL, work, &workers[i]) == 0);
  }
  for (i = 0; i < threads; ++i) {
    pthread_join(ids[i], NULL);
    CHECK(!shared.failed[i]);
  }
  REQUIRE(dcl_gate_close(shared.gate, &err));
  pthread_join(waiter, NULL);

  dcl_stream_free(shared.stream);
  CHECK(streamed >= 1);
  dcl_latency_free(shared.latency);
  dcl_gate_free(shared.gate);
  dcl_frame_free(shared.frame);
  dcl_depth_map_free(shared.map);
  dcl_photo_free(shared.photo);
  dcl_pipeline_free(pipeline);
  dcl_model_free(shared.model);
}
