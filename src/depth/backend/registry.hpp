// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include "depth/backend/backend.hpp"
#include "depth/backend/precision_check.hpp"

namespace depthcloud {

/// How a kind of network is loaded.
struct BackendEntry {
  const char* name;  ///< of the kind, see models.cpp
  std::unique_ptr<DepthBackend> (*load)(const std::string& source, const BackendOptions& options);
  /// Tells which precisions work.
  PrecisionTrial trial;
  /// What Precision::automatic stands for; null: f32.
  Precision (*fastest)(const std::string& source, const BackendOptions& options);
};

/// Every backend. A new network is one backend_*.cpp that defines such an entry, a line in
/// backend_registry.cpp, one in models.cpp that says which sources name it, and its test.
std::span<const BackendEntry* const> backends();

}  // namespace depthcloud
