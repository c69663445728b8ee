// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl/download.hpp"

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "fetch/curl/file_hash.hpp"
#include "fetch/curl/partial_file.hpp"
#include "fetch/curl/request.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

constexpr int most_attempts = 20;  // each of which has brought something
constexpr std::chrono::milliseconds pause(100);

/// Of a file that has its name already; nothing where it is another than the published one.
std::optional<FetchedFile> already_there(const DownloadRequest& request) {
  const fs::path path = request.folder / request.file.name();
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return std::nullopt;
  FetchedFile found{.path = path, .bytes = fs::file_size(path, failure), .was_there = true};
  if (request.file.bytes != 0 && found.bytes != request.file.bytes) return std::nullopt;
  if (!request.file.sha256.empty()) {
    if (sha256_of(path) != request.file.sha256) return std::nullopt;
    found.proof = FetchProof::published_sha256;
  }
  return found;
}

/// Asks until the file is whole, for as long as every request brings something.
Transfer complete(const DownloadRequest& request, PartialFile& partial) {
  for (int attempt = 1;; ++attempt) {
    const std::uint64_t before = partial.size();
    Transfer transfer = request_rest(request, partial);
    if (!transfer.interruption) return transfer;
    if (partial.size() <= before || attempt == most_attempts) throw Error(*transfer.interruption);
    std::this_thread::sleep_for(pause);
  }
}

/// The strongest proof that there is of what was downloaded. Throws Error{corrupt_data} where it
/// fails.
FetchProof prove(const DownloadRequest& request, const Transfer& transfer, const fs::path& path) {
  const auto compare = [&](const std::string& found, const std::string& wanted, const char* kind) {
    if (found == wanted) return;
    throw Error(ErrorCode::corrupt_data, Stage::load,
                fmt::format("'{}' came with the {} {}, it must have {}: it is not the published "
                            "file, or was damaged on its way",
                            request.url, kind, found, wanted));
  };
  if (!request.file.sha256.empty()) {
    compare(sha256_of(path), request.file.sha256, "SHA-256");
    return FetchProof::published_sha256;
  }
  if (transfer.hub_hash.size() == 64) {
    compare(sha256_of(path), transfer.hub_hash, "SHA-256");
    return FetchProof::hub_sha256;
  }
  if (transfer.hub_hash.size() == 40) {
    compare(git_hash_of(path), transfer.hub_hash, "Git hash");
    return FetchProof::hub_git_hash;
  }
  return FetchProof::size_only;
}

/// Downloads and proves; what fails the proof is removed.
FetchedFile attempt(const DownloadRequest& request) {
  const fs::path target = request.folder / request.file.name();
  PartialFile partial(target);
  Transfer transfer;
  const bool is_whole = !request.file.sha256.empty() && request.file.bytes > 0 &&
                        partial.size() == request.file.bytes;
  if (!is_whole) transfer = complete(request, partial);
  try {
    const FetchProof proof = prove(request, transfer, partial.path());
    partial.publish();
    return {.path = target, .bytes = partial.size(), .proof = proof};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::corrupt_data) partial.discard();
    throw;
  }
}

}  // namespace

FetchedFile download(const DownloadRequest& request) {
  if (auto found = already_there(request)) return *found;
  std::error_code failure;
  fs::path partial = request.folder / request.file.name();
  partial += ".partial";
  const bool resumes = fs::exists(partial, failure) && fs::file_size(partial, failure) > 0;
  try {
    return attempt(request);
  } catch (const Error& error) {
    // What an earlier run left may be of another file: once more, from the start.
    const bool damaged = error.code() == ErrorCode::corrupt_data && !fs::exists(partial, failure);
    if (!resumes || !damaged) throw;
    return attempt(request);
  }
}

}  // namespace depthcloud
