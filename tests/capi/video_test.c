/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "check.h"

#define NULL_FAILS(call, name) CHECK_FAILS(call, DCL_E_INVALID_ARGUMENT, name " is NULL")

static void nulls_and_sizes(void) {
  dcl_video_source* source = NULL;
  dcl_video_options options = DCL_VIDEO_OPTIONS_INIT;
  NULL_FAILS(dcl_video_source_open(NULL, NULL, &source, &err), "uri");
  NULL_FAILS(dcl_video_source_open("test:", NULL, NULL, &err), "source");
  NULL_FAILS(dcl_video_source_read(NULL, NULL, NULL, &err), "source");
  NULL_FAILS(dcl_video_source_stop(NULL, &err), "source");
  NULL_FAILS(dcl_video_source_get_info(NULL, NULL, &err), "source");
  NULL_FAILS(dcl_video_source_get_counters(NULL, NULL, &err), "source");
  dcl_video_source_free(NULL);
  options.struct_size = 0;
  CHECK(dcl_video_source_open("test:", &options, &source, &err) == DCL_E_INVALID_ARGUMENT);
  options = (dcl_video_options)DCL_VIDEO_OPTIONS_INIT;
  options.max_fps = -1;
  CHECK(dcl_video_source_open("test:", &options, &source, &err) == DCL_E_INVALID_ARGUMENT);
  CHECK(source == NULL);
}

void test_video(void) {
  dcl_video_options options = DCL_VIDEO_OPTIONS_INIT;
  dcl_video_source* source = NULL;
  dcl_photo* picture = NULL;
  dcl_video_picture which = DCL_VIDEO_PICTURE_INIT;
  dcl_video_info info = DCL_VIDEO_INFO_INIT;
  dcl_video_counters counters = DCL_VIDEO_COUNTERS_INIT;
  dcl_image_view view = DCL_IMAGE_VIEW_INIT;
  int index;
  nulls_and_sizes();
  options.start_s = 0.1;
  options.end_s = 0.3;
  options.max_fps = 10;
  if (dcl_video_source_open("test:64x48@20", &options, &source, &err) == DCL_E_UNAVAILABLE) {
    CHECK(strlen(err.message) > 0);
    printf("skipped: %s\n", err.message);
    return;
  }
  CHECK(source != NULL);
  if (source == NULL) return;
  REQUIRE(dcl_video_source_get_info(source, &info, &err));
  CHECK(info.width == 64 && info.height == 48 && info.fps == 20 && info.is_live == 0);
  for (index = 0; index < 3; ++index) {
    REQUIRE(dcl_video_source_read(source, &picture, &which, &err));
    CHECK(which.time_s > 0.1 * (index + 1) - 1e-6 && which.time_s < 0.1 * (index + 1) + 1e-6);
    REQUIRE(dcl_photo_get_view(picture, &view, &err));
    CHECK(view.width == 64 && view.height == 48);
    dcl_photo_free(picture);
    picture = NULL;
  }
  CHECK(dcl_video_source_read(source, &picture, NULL, &err) == DCL_EMPTY && picture == NULL);
  REQUIRE(dcl_video_source_get_counters(source, &counters, &err));
  CHECK(counters.read == 3 && counters.skipped > 0);
  CHECK(counters.decoded == counters.read + counters.skipped + counters.dropped + counters.waiting);
  REQUIRE(dcl_video_source_stop(source, &err));
  CHECK(dcl_video_source_read(source, &picture, NULL, &err) == DCL_EMPTY);
  dcl_video_source_free(source);
}
