/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded bytes to pixels, with each option. */
#include <stdio.h>

#include "check.h"

static dcl_photo* decoded;

static dcl_image_view decode(const dcl_decode_options* options) {
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  size_t size;
  const void* jpeg = photo(&size);
  dcl_photo_free(decoded);
  decoded = NULL;
  REQUIRE(dcl_photo_decode(jpeg, size, options, &decoded, &err));
  REQUIRE(dcl_photo_get_view(decoded, &image, &err));
  return image;
}

static void options_have_their_effect(const dcl_image_view* full) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_image_view image;
  options.format = DCL_PIXEL_BGRA;
  image = decode(&options);
  CHECK(image.format == DCL_PIXEL_BGRA && image.stride == 4 * image.width && image.data[3] == 255);
  options.format = DCL_PIXEL_RGB;
  options.min_width = full->width / 4;
  options.min_height = full->height / 4;
  image = decode(&options);
  CHECK(image.width < full->width && image.width >= full->width / 4);
  CHECK(image.photo_width == full->width && image.photo_height == full->height);
}

/* A JPEG whose EXIF record says that the photo lies on its side. */
static void orientation_is_applied_unless_told(const dcl_image_view* full) {
  static const uint8_t turned[] = {0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0,    0, 'I', 'I',
                                   42,   0,    8, 0,  0,   0,   1,   0,   0x12, 1, 3,   0,
                                   1,    0,    0, 0,  6,   0,   0,   0,   0,    0, 0,   0};
  static uint8_t bytes[1 << 17];
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  size_t size;
  size_t i;
  const uint8_t* jpeg = photo(&size);
  CHECK(size + sizeof turned <= sizeof bytes);
  bytes[0] = jpeg[0];
  bytes[1] = jpeg[1];
  for (i = 0; i < sizeof turned; ++i) bytes[2 + i] = turned[i];
  for (i = 2; i < size; ++i) bytes[i + sizeof turned] = jpeg[i];
  size += sizeof turned;

  dcl_photo_free(decoded);
  decoded = NULL;
  REQUIRE(dcl_photo_decode(bytes, size, NULL, &decoded, &err));
  REQUIRE(dcl_photo_get_view(decoded, &image, &err));
  CHECK(image.width == full->height && image.height == full->width);
  dcl_photo_free(decoded);
  decoded = NULL;
  options.ignore_orientation = 1;
  REQUIRE(dcl_photo_decode(bytes, size, &options, &decoded, &err));
  REQUIRE(dcl_photo_get_view(decoded, &image, &err));
  CHECK(image.width == full->width && image.height == full->height);
}

static void salvage_takes_what_is_there(const dcl_image_view* full) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  size_t size;
  const void* jpeg = photo(&size);
  options.salvage = 1;
  dcl_photo_free(decoded);
  decoded = NULL;
  REQUIRE(dcl_photo_decode(jpeg, size - 20, &options, &decoded, &err));
  REQUIRE(dcl_photo_get_view(decoded, &image, &err));
  CHECK(image.width == full->width && image.height == full->height);
}

/* A PNG of two pixels, the first of them transparent. */
static const uint8_t half_transparent[] = {
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0xF4,
    0x22, 0x7F, 0x8A, 0x00, 0x00, 0x00, 0x11, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0xE0,
    0xE4, 0xE4, 0x64, 0x38, 0x91, 0x62, 0xF4, 0x1F, 0x00, 0x06, 0x75, 0x02, 0x79, 0x4D, 0xB0,
    0x9B, 0xB1, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};

static void alpha_is_kept_where_there_is_some(void) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_image_view image;
  options.alpha = 1;
  CHECK(decode(&options).format == DCL_PIXEL_RGB); /* a JPEG has none */
  dcl_photo_free(decoded);
  decoded = NULL;
  image = (dcl_image_view)DCL_IMAGE_VIEW_INIT;
  REQUIRE(dcl_photo_decode(half_transparent, sizeof half_transparent, &options, &decoded, &err));
  REQUIRE(dcl_photo_get_view(decoded, &image, &err));
  CHECK(image.format == DCL_PIXEL_RGBA && image.data[3] == 0 && image.data[7] == 255);
}

static void colours_become_srgb_unless_told(void) {
  static uint8_t bytes[4096];
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_image_view image = DCL_IMAGE_VIEW_INIT;
  int red[2] = {0, 0};
  size_t size;
  FILE* file = fopen(DEPTHCLOUD_TEST_IMAGES "/wide.jpg", "rb");
  CHECK(file != NULL);
  if (file == NULL) return;
  size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  for (options.ignore_color_profile = 0; options.ignore_color_profile < 2;
       ++options.ignore_color_profile) {
    dcl_photo_free(decoded);
    decoded = NULL;
    REQUIRE(dcl_photo_decode(bytes, size, &options, &decoded, &err));
    REQUIRE(dcl_photo_get_view(decoded, &image, &err));
    red[options.ignore_color_profile] = image.data[0];
  }
  CHECK(red[1] > 190 && red[1] < 210);
  CHECK((red[0] > red[1] + 10) == DEPTHCLOUD_TEST_PROFILES); /* a stronger red */
}

static void only_formats_that_are_asked_for(void) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_photo* none = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  options.formats = DCL_PHOTO_PNG | DCL_PHOTO_WEBP;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_UNSUPPORTED, "JPEG");
  options.formats = DCL_PHOTO_TIFF * 2;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "formats is 6");
  options.formats = DCL_PHOTO_JPEG;
  decode(&options);
}

static void refuses_what_it_should(void) {
  dcl_decode_options options = DCL_DECODE_OPTIONS_INIT;
  dcl_photo* none = NULL;
  size_t size;
  const void* jpeg = photo(&size);
  CHECK(dcl_photo_decode(jpeg, 0, NULL, &none, &err) == DCL_E_CORRUPT_DATA);
  CHECK(dcl_photo_decode(jpeg, size / 2, NULL, &none, &err) == DCL_E_CORRUPT_DATA);
  CHECK_FAILS(dcl_photo_decode("GIF89a", 6, NULL, &none, &err), DCL_E_UNSUPPORTED, "GIF");
  CHECK(err.stage == DCL_STAGE_DECODE);
  options.max_pixels = 100;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_LIMIT_EXCEEDED, "100");
  options.max_pixels = -1;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "max_pixels -1");
  options.max_pixels = 0;
  options.max_scans = -1;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "max_scans -1");
  options.max_scans = 0;
  options.min_width = -1;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "min_width -1");
  options.min_width = 0;
  options.min_height = -1;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "min_height -1");
  options.min_height = 0;
  options.format = 5;
  CHECK_FAILS(dcl_photo_decode(jpeg, size, &options, &none, &err), DCL_E_INVALID_ARGUMENT,
              "pixel format is 5");
  CHECK(none == NULL);
}

void test_photo(void) {
  const dcl_image_view full = decode(NULL);
  dcl_model* model = open_constant("constant:2");
  dcl_depth_map* map = NULL;
  CHECK(full.format == DCL_PIXEL_RGB && full.width > 0 && full.stride == 3 * full.width);
  CHECK(full.photo_width == full.width && full.photo_height == full.height);
  REQUIRE(dcl_model_estimate(model, &full, &map, &err));
  dcl_depth_map_free(map);
  options_have_their_effect(&full);
  orientation_is_applied_unless_told(&full);
  salvage_takes_what_is_there(&full);
  alpha_is_kept_where_there_is_some();
  colours_become_srgb_unless_told();
  only_formats_that_are_asked_for();
  refuses_what_it_should();
  dcl_photo_free(decoded);
  dcl_model_free(model);
}
