// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <depthcloud/system_info.hpp>

#include "core/module.hpp"
#include "depth/depth_model.hpp"

namespace depthcloud {

/// All code of the library that uses LibTorch, behind one interface without tensors.
/// Thread-safety: share freely.
class Networks {
 public:
  virtual ~Networks() = default;

  /// Loads a model of this kind from a source; see models.hpp. Throws as DepthEstimator::load.
  virtual std::unique_ptr<DepthModel> load(const std::string& kind, const std::string& source,
                                           const EstimatorOptions& options) const = 0;
  /// See depthcloud::devices().
  virtual std::vector<DeviceInfo> devices() const = 0;
  /// See depthcloud::precisions().
  virtual std::vector<PrecisionInfo> precisions(const Device& device) const = 0;
  /// Fills in the versions and the speed of LibTorch and its libraries.
  virtual void describe(SystemInfo& info) const = 0;
};

/// The networks that are linked into the program, else those of the shared object
/// libdepthcloud_torch, which is loaded by the first call and stays loaded, so that a run without
/// networks does not wait for LibTorch. Throws Error{unavailable, stage load} that names what is
/// missing.
/// Thread-safety: share freely.
const Networks& networks();

}  // namespace depthcloud

extern "C" {
/// Defined where the networks are linked in.
[[gnu::weak]] const depthcloud::Networks& depthcloud_networks();

/// What libdepthcloud_torch exports: its networks, or nullptr for a library of another version.
const void* depthcloud_open_networks(const char* version, depthcloud::LogFunction log);
}
