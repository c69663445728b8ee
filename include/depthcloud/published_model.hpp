// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace depthcloud {

/// One file of a published model.
struct PublishedFile {
  std::string path;         ///< in the repository, folders separated by '/'
  std::uint64_t bytes = 0;  ///< as published; 0: no source states it
  std::string sha256;       ///< as published, 64 lower-case digits; empty: no source states it

  /// Returns the part of the path behind the last '/': the file's name on disk.
  std::string name() const;
};

/// A checkpoint that its authors publish on the Hugging Face hub and that this library recognises.
struct PublishedModel {
  std::string name;        ///< what DepthEstimator::load takes, for instance "DA3-SMALL"
  std::string repository;  ///< on the hub, for instance "depth-anything/DA3-SMALL"
  std::string revision;    ///< a commit of the repository, or "main"
  std::string license;     ///< of the weights, as an SPDX identifier
  std::string gives;       ///< what it estimates, in words
  std::vector<PublishedFile> files;

  /// Whether the licence lets anybody use the weights for anything, under conditions such as
  /// keeping the notice.
  bool is_free() const;
  /// Returns the sum of the sizes of the files; 0 if one of them is not known.
  std::uint64_t bytes() const;
};

/// Returns all models that fetch_model() can download. All functions of this header are
/// thread-safe; what they return lives as long as the process.
std::span<const PublishedModel> published_models();

/// Returns the model of this name, in upper or lower case; nullptr: there is none.
const PublishedModel* find_published_model(std::string_view name);

/// Returns the folder below which fetch_model() keeps models and DepthEstimator::load looks for
/// them: depthcloud/models in $XDG_CACHE_HOME or, where that is no absolute path, in ~/.cache.
/// Throws Error{unavailable, stage load} if the environment names neither.
std::filesystem::path model_cache();

/// Returns whether `folder` holds all files of a model.
bool is_fetched(const PublishedModel& model, const std::filesystem::path& folder);

/// Returns what DepthEstimator::load reads for a source: the folder in model_cache() if it is the
/// name of a published model and no file has that name, else the source itself. Throws as
/// model_cache().
std::filesystem::path model_path(const std::string& source);

}  // namespace depthcloud
