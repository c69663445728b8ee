// SPDX-License-Identifier: Apache-2.0
// The entry of the shared object libdepthcloud_fetch.
#include "fetch/curl/download.hpp"
#include "fetch/fetch_library.hpp"

namespace depthcloud {
namespace {

class CurlLibrary final : public FetchLibrary {
 public:
  FetchedFile download(const DownloadRequest& request) const override {
    return depthcloud::download(request);
  }
};

}  // namespace
}  // namespace depthcloud

const void* depthcloud_open_fetch(const char* version, depthcloud::LogFunction log) {
  static const depthcloud::CurlLibrary library;
  const depthcloud::FetchLibrary* const opened = &library;
  return depthcloud::joins(version, log) ? opened : nullptr;
}
