// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <depthcloud/published_model.hpp>

namespace depthcloud {

/// How a downloaded file was checked, from the strongest proof to the weakest.
enum class FetchProof {
  published_sha256,  ///< its size and SHA-256 are those that this library's table cites
  hub_sha256,        ///< its size and SHA-256 are those that the hub states of it
  hub_git_hash,      ///< its size and Git's hash of it (SHA-1) are those that the hub states
  size_only,         ///< only its size was known
};

/// Returns "published SHA-256", "the hub's SHA-256", "the hub's Git hash" or "size alone".
const char* to_string(FetchProof proof) noexcept;

/// How far the download of one file is.
struct FetchProgress {
  std::string file;           ///< its name on disk
  std::uint64_t done = 0;     ///< bytes that are there, those of an earlier call among them
  std::uint64_t resumed = 0;  ///< bytes that were there when this call began
  std::uint64_t total = 0;    ///< bytes of the whole file; 0: not known yet
};

struct FetchOptions {
  /// Where the model's folder is made; empty: model_cache().
  std::filesystem::path folder{};
  /// Agrees to the model's licence, which is necessary if PublishedModel::is_free() is false.
  bool accept_license = false;
  /// An https:// address; empty: $HF_ENDPOINT, or https://huggingface.co.
  std::string endpoint{};
  /// Certificates of the authorities to trust, PEM; empty: $CURL_CA_BUNDLE, $SSL_CERT_FILE, or
  /// those of the system.
  std::filesystem::path ca_file{};
  /// For how long nothing may arrive, 1 to 3600 s.
  std::chrono::seconds timeout{30};
  /// Called often, on the calling thread, at least once a second; returning false ends the call
  /// with Error{cancelled}.
  std::function<bool(const FetchProgress&)> progress{};
};

/// One file of a fetched model.
struct FetchedFile {
  std::filesystem::path path;
  std::uint64_t bytes = 0;
  FetchProof proof = FetchProof::size_only;
  bool was_there = false;  ///< nothing was downloaded
};

struct FetchedModel {
  std::filesystem::path folder;  ///< what DepthEstimator::load takes
  std::vector<FetchedFile> files;
};

/// Downloads the files of a model to a folder of its name. A file is written to NAME.partial, which
/// gets its name once size and hash are right; what is left of a download that ended too soon is
/// completed by the next call if the file is still the same. Addresses and redirects must be
/// https. The proxies of the environment (https_proxy, no_proxy) are used.
///
/// Throws Error{code, stage load}: invalid_argument (an option is out of range, or the licence has
/// to be accepted), unavailable (this build has no libcurl, the server refuses access, a download
/// of the same model is under way), not_found (the hub has no such file), corrupt_data (a file has
/// another size or hash than it must have), limit_exceeded (it would not fit on the disk), io (the
/// network or the disk failed, or nothing arrived for too long), cancelled. Thread-safety: may run
/// on several threads.
FetchedModel fetch_model(const PublishedModel& model, const FetchOptions& options = {});

}  // namespace depthcloud
