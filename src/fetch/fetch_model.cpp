// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/model_fetch.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <initializer_list>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/text.hpp"
#include "fetch/fetch_library.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

constexpr const char* hub = "https://huggingface.co";

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, message);
}

/// The first of these variables that is set, else `otherwise`.
std::string from_environment(std::initializer_list<const char*> variables, const char* otherwise) {
  for (const char* const variable : variables) {
    // Nobody should change the environment of a process of several threads.
    const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
    if (value != nullptr && *value != '\0') return value;
  }
  return otherwise;
}

/// Names go into addresses and paths as they are: no part may leave its folder.
bool is_plain_path(std::string_view path) {
  if (path.empty() || !consists_of(path, "._-/")) return false;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end == begin || path[begin] == '.') return false;
    begin = end + 1;
  }
  return true;
}

void check(const PublishedModel& model, const FetchOptions& options) {
  bool plain = is_plain_path(model.name) && model.name.find('/') == std::string::npos &&
               is_plain_path(model.repository) && is_plain_path(model.revision);
  for (const PublishedFile& file : model.files) plain = plain && is_plain_path(file.path);
  if (!plain) {
    fail(ErrorCode::invalid_argument,
         fmt::format("the name, repository, revision or a file of the model {} is no plain path",
                     quote(model.name)));
  }
  if (options.timeout.count() < 1 || options.timeout.count() > 3600) {
    fail(ErrorCode::invalid_argument,
         fmt::format("a timeout of {} s is not one from 1 to 3600 s", options.timeout.count()));
  }
  if (!model.is_free() && !options.accept_license) {
    fail(ErrorCode::invalid_argument,
         fmt::format("the weights of {} are under {}, not a free licence "
                     "(https://spdx.org/licenses/{}.html): whoever fetches them has to accept it",
                     model.name, model.license, model.license));
  }
}

std::string endpoint_of(const FetchOptions& options) {
  std::string endpoint =
      options.endpoint.empty() ? from_environment({"HF_ENDPOINT"}, hub) : options.endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (!lower_case(endpoint).starts_with("https://")) {
    fail(ErrorCode::invalid_argument,
         fmt::format("the hub's address {} does not begin with https://", quote(endpoint)));
  }
  return endpoint;
}

fs::path make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    fail(ErrorCode::io,
         fmt::format("cannot make the folder '{}': {}", folder.string(), failure.message()));
  }
  return folder;
}

/// Held by one process at a time, for as long as it lives.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : file_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (file_ < 0) {
      const std::error_code reason(errno, std::generic_category());
      fail(ErrorCode::io,
           fmt::format("cannot write in '{}': {}", folder.string(), reason.message()));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      ::close(file_);
      fail(ErrorCode::unavailable,
           fmt::format("another download to '{}' is under way", folder.string()));
    }
  }
  ~FolderLock() { ::close(file_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace

const char* to_string(FetchProof proof) noexcept {
  switch (proof) {
    case FetchProof::published_sha256:
      return "published SHA-256";
    case FetchProof::hub_sha256:
      return "the hub's SHA-256";
    case FetchProof::hub_git_hash:
      return "the hub's Git hash";
    case FetchProof::size_only:
      break;
  }
  return "size alone";
}

FetchedModel fetch_model(const PublishedModel& model, const FetchOptions& options) {
  check(model, options);
  const std::string endpoint = endpoint_of(options);
  const fs::path ca_file = options.ca_file.empty()
                               ? from_environment({"CURL_CA_BUNDLE", "SSL_CERT_FILE"}, "")
                               : options.ca_file.string();
  const FetchLibrary& library = fetch_library();
  FetchedModel result;
  result.folder =
      make_folder((options.folder.empty() ? model_cache() : options.folder) / model.name);
  const FolderLock lock(result.folder);
  for (const PublishedFile& file : model.files) {
    result.files.push_back(
        library.download({.url = fmt::format("{}/{}/resolve/{}/{}", endpoint, model.repository,
                                             model.revision, file.path),
                          .folder = result.folder,
                          .file = file,
                          .ca_file = ca_file,
                          .timeout = options.timeout,
                          .progress = options.progress}));
  }
  return result;
}

}  // namespace depthcloud
