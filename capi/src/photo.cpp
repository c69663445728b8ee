// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

dcl_status dcl_photo_decode(const void* encoded, size_t size, const dcl_decode_options* options,
                            dcl_photo** photo, dcl_error* err) {
  return guard(err, [&] {
    dcl_photo*& out = object(photo, "photo");
    out = new dcl_photo{decode_image(to_bytes(encoded, size), to_cpp(options))};
  });
}

dcl_status dcl_photo_get_view(const dcl_photo* photo, dcl_image_view* image, dcl_error* err) {
  return guard(err, [&] {
    const Image& decoded = object(photo, "photo").image;
    write(writable(image, "dcl_image_view"), to_c(decoded.view()));
  });
}

void dcl_photo_free(dcl_photo* photo) { delete photo; }
