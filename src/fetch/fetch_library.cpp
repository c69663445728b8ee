// SPDX-License-Identifier: Apache-2.0
#include "fetch/fetch_library.hpp"

namespace depthcloud {
namespace {

constexpr Module fetch_module{
    .file = "libdepthcloud_fetch",
    .variable = "DEPTHCLOUD_FETCH_LIBRARY",
    .entry = "depthcloud_open_fetch",
    .contents = "downloader",
    .need = "downloads need",
    .remedy =
        "install depthcloud-tools of this version, build with libcurl and OpenSSL (apt-get install "
        "libcurl4-openssl-dev libssl-dev), download the files with another program "
        "(docs/models.md)",
    .without = ""};

}  // namespace

const FetchLibrary& fetch_library() {
  // Tried anew by the next call where it throws.
  static const void* const opened = open_module(fetch_module);
  return *static_cast<const FetchLibrary*>(opened);
}

}  // namespace depthcloud
