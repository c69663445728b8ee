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
  /// load() takes Precision::automatic and says in DepthBackend::info() what it selected; else that
  /// is f32.
  bool selects_precision;
};

/// All backends. A new network needs a backend.cpp in its own folder that defines such an entry, a
/// line in registry.cpp, a line in models.cpp that maps sources to it, and a test.
std::span<const BackendEntry* const> backends();

}  // namespace depthcloud
