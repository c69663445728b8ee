/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in, packets out of a callback; a frame that comes while one is being processed replaces
 * the one that waits: stream FRAME.jpg... */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <depthcloud/depthcloud.h>

#include "read_file.h"

/* On the stream's thread. The frame is ours; a program would send the packet to its viewers. */
static int32_t on_frame(dcl_frame* frame, void* user) {
  dcl_tag tag = DCL_TAG_INIT;
  size_t size;
  (void)user;
  dcl_frame_get_packet(frame, &size);
  dcl_frame_get_tag(frame, &tag, NULL);
  printf("frame %d: a packet of %zu bytes\n", (int)tag.frame_id, size);
  dcl_frame_free(frame);
  return 0; /* anything else would stop the stream */
}

static void on_failure(const dcl_tag* tag, const dcl_error* error, void* user) {
  (void)user;
  fprintf(stderr, "frame %d: %s\n", (int)tag->frame_id, error->message);
}

static void pause_ms(long ms) {
  struct timespec time;
  time.tv_sec = ms / 1000;
  time.tv_nsec = ms % 1000 * 1000000;
  nanosleep(&time, NULL);
}

int main(int argc, char** argv) {
  dcl_error err = DCL_ERROR_INIT;
  dcl_gate_counters counters = DCL_GATE_COUNTERS_INIT;
  dcl_model* model = NULL;
  dcl_stream* stream = NULL;
  dcl_status status;
  int i;

  status = dcl_model_load(DCL_ABI_VERSION, "builtin", NULL, &model, &err);
  if (status >= 0) {
    status = dcl_stream_create(model, NULL, NULL, on_frame, on_failure, NULL, &stream, &err);
  }
  for (i = 1; i < argc && status >= 0; ++i) {
    dcl_tag tag = DCL_TAG_INIT;
    size_t size;
    void* jpeg = read_file(argv[i], &size);
    if (!jpeg) continue;
    tag.fields = DCL_TAG_FRAME_ID;
    tag.frame_id = (uint64_t)i;
    status = dcl_stream_offer(stream, jpeg, size, &tag, 0.0, &err); /* copies, never blocks */
    free(jpeg);
    pause_ms(33);
  }
  while (status >= 0 && dcl_stream_get_counters(stream, &counters, &err) >= 0 &&
         counters.waiting + counters.in_flight > 0) {
    pause_ms(5);
  }
  if (status < 0) fprintf(stderr, "%s: %s\n", dcl_stage_name(err.stage), err.message);
  printf("%d offered, %d processed\n", (int)counters.offered, (int)counters.admitted);

  dcl_stream_free(stream);
  dcl_model_free(model);
  return status < 0;
}
