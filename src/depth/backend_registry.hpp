// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "depth/backend.hpp"
#include "depth/precision_check.hpp"

namespace depthcloud {

/// How a kind of model is recognised and loaded.
struct BackendEntry {
  const char* name;
  /// Whether `source` is of this kind; a file need not exist or be sound.
  bool (*reads)(std::string_view source);
  std::unique_ptr<DepthBackend> (*load)(const std::string& source, const BackendOptions& options);
  /// Tells which precisions work; null: it computes nothing and takes every one.
  PrecisionTrial trial;
  /// What Precision::automatic stands for; null: f32.
  Precision (*fastest)(const std::string& source, const BackendOptions& options);
};

/// Every backend; the first that reads a source loads it. A new model is one backend_*.cpp that
/// defines such an entry, one line in backend_registry.cpp, and its test.
std::span<const BackendEntry* const> backends();

/// The backend for a source. Errors (stage load): not_found, unsupported.
const BackendEntry& find_backend(const std::string& source);

}  // namespace depthcloud
