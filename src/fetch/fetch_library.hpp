// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include <depthcloud/model_fetch.hpp>

#include "core/module.hpp"

namespace depthcloud {

/// One file to bring to a folder that exists.
struct DownloadRequest {
  std::string url;  ///< https
  std::filesystem::path folder;
  PublishedFile file;
  std::filesystem::path ca_file;  ///< empty: that of the system
  std::chrono::seconds timeout{};
  std::function<bool(const FetchProgress&)> progress;  ///< may be empty
};

/// All code of the library that uses libcurl and OpenSSL, behind one interface without their types.
/// Thread-safety: share freely.
class FetchLibrary {
 public:
  virtual ~FetchLibrary() = default;
  /// Errors as fetch_model().
  virtual FetchedFile download(const DownloadRequest& request) const = 0;
};

/// Opens the shared object at the first call. Errors: unavailable.
const FetchLibrary& fetch_library();

}  // namespace depthcloud

/// What libdepthcloud_fetch exports: a FetchLibrary, or nullptr for a library of another version.
extern "C" const void* depthcloud_open_fetch(const char* version, depthcloud::LogFunction log);
