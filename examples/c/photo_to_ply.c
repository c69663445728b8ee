/* SPDX-License-Identifier: Apache-2.0 */
/* A photo becomes a coloured point cloud: photo_to_ply PHOTO.jpg OUT.ply */
#include <stdio.h>
#include <stdlib.h>

#include <depthcloud/depthcloud.h>

#include "read_file.h"

int main(int argc, char** argv) {
  dcl_error err = DCL_ERROR_INIT;
  dcl_cloud_options every_pixel = DCL_CLOUD_OPTIONS_INIT;
  dcl_pipeline_options options = DCL_PIPELINE_OPTIONS_INIT;
  dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
  dcl_model* model = NULL;
  dcl_pipeline* pipeline = NULL;
  dcl_frame* frame = NULL;
  void* photo;
  size_t size;
  int ok;

  if (argc != 3) return 2;
  photo = read_file(argv[1], &size);
  if (!photo) {
    perror(argv[1]);
    return 1;
  }
  every_pixel.stride = 1;
  options.cloud = &every_pixel;

  ok = dcl_model_load(DCL_ABI_VERSION, "builtin", NULL, &model, &err) >= 0 &&
       dcl_pipeline_create(model, &options, &pipeline, &err) >= 0 &&
       dcl_pipeline_process(pipeline, photo, size, NULL, &frame, &err) >= 0 &&
       dcl_frame_get_cloud(frame, &cloud, &err) >= 0 &&
       dcl_cloud_write_ply(argv[2], &cloud, &err) >= 0;
  if (ok) {
    printf("%zu points\n", cloud.size);
  } else {
    fprintf(stderr, "%s: %s\n", dcl_stage_name(err.stage), err.message);
  }

  dcl_frame_free(frame);
  dcl_pipeline_free(pipeline);
  dcl_model_free(model);
  free(photo);
  return ok ? 0 : 1;
}
