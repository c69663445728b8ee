/* SPDX-License-Identifier: Apache-2.0 */
/* capi_tests TEST PHOTO FOLDER: runs one test of the C API. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "read_file.h"

dcl_error err = DCL_ERROR_INIT;

static int failures;
static void* photo_bytes;
static size_t photo_size;
static const char* folder;

void check_that(int holds, const char* condition, const char* file, int line) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "%s:%d: does not hold: %s (last error: %s)\n", file, line, condition,
          err.message);
}

void check_fails(dcl_status got, dcl_status expected, const char* word, const char* call,
                 const char* file, int line) {
  const int told = err.status == expected && strstr(err.message, word) != NULL;
  if (got != expected || !told) {
    ++failures;
    fprintf(stderr, "%s:%d: %s: expected %s with '%s', got %s: %s\n", file, line, call,
            dcl_status_name(expected), word, dcl_status_name(got), err.message);
  }
  err.status = DCL_OK;
  err.message[0] = 0;
}

dcl_status require_ok(dcl_status status, const char* call, const char* file, int line) {
  if (status >= 0) return status;
  fprintf(stderr, "%s:%d: %s: %s: %s\n", file, line, call, dcl_stage_name(err.stage), err.message);
  exit(1);
}

dcl_model* open_constant(const char* source) {
  dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
  dcl_model* model = NULL;
  options.device = "cpu";
  REQUIRE(dcl_model_load(DCL_ABI_VERSION, source, &options, &model, &err));
  return model;
}

dcl_pipeline* create_pipeline(dcl_model* model, const dcl_pipeline_options* options) {
  dcl_pipeline* pipeline = NULL;
  REQUIRE(dcl_pipeline_create(model, options, &pipeline, &err));
  return pipeline;
}

const void* photo(size_t* size) {
  *size = photo_size;
  return photo_bytes;
}

dcl_image_view small_image(void) {
  static uint8_t pixels[4 * 3 * 3];
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  size_t i;
  for (i = 0; i < sizeof pixels; ++i) pixels[i] = (uint8_t)i;
  image.data = pixels;
  image.width = 4;
  image.height = 3;
  return image;
}

dcl_depth_view small_depth(void) {
  static const float plane[4 * 3] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2};
  dcl_depth_view depth = DCL_DEPTH_VIEW_INIT;
  depth.width = 4;
  depth.height = 3;
  depth.depth = plane;
  depth.intrinsics.fx = depth.intrinsics.fy = 4;
  depth.intrinsics.cx = 2;
  depth.intrinsics.cy = 1;
  return depth;
}

const char* out_path(const char* name) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

int file_exists(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file) fclose(file);
  return file != NULL;
}

void pause_ms(long ms) {
  struct timespec time;
  time.tv_sec = ms / 1000;
  time.tv_nsec = ms % 1000 * 1000000;
  nanosleep(&time, NULL);
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    void (*run)(void);
  } tests[] = {{"library", test_library}, {"structs", test_structs},   {"nulls", test_nulls},
               {"model", test_model},     {"pipeline", test_pipeline}, {"cloud", test_cloud},
               {"wire", test_wire},       {"gate", test_gate},         {"stream", test_stream},
               {"latency", test_latency}, {"photo", test_photo},       {"threads", test_threads},
               {"memory", test_memory},   {"views", test_views},       {"video", test_video}};
  size_t i;
  int found = 0;

  if (argc != 4) return 2;
  photo_bytes = read_file(argv[2], &photo_size);
  if (!photo_bytes) return 2;
  folder = argv[3];
  for (i = 0; i < sizeof tests / sizeof *tests; ++i) {
    if (strcmp(argv[1], tests[i].name) != 0) continue;
    tests[i].run();
    found = 1;
  }
  free(photo_bytes);
  if (failures) fprintf(stderr, "%d checks failed\n", failures);
  return !found || failures != 0;
}
