// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <depthcloud/log.hpp>
#include <depthcloud/system_info.hpp>

#include "depth/depth_model.hpp"

namespace depthcloud {

/// The networks: all that the library has on LibTorch, behind one interface without a tensor.
/// Thread-safety: share freely.
class Networks {
 public:
  virtual ~Networks() = default;

  /// Loads the model of a source that the kind of this name reads; see models.hpp. Errors as
  /// DepthEstimator::load.
  virtual std::unique_ptr<DepthModel> load(const std::string& kind, const std::string& source,
                                           const EstimatorOptions& options) const = 0;
  /// See depthcloud::devices().
  virtual std::vector<DeviceInfo> devices() const = 0;
  /// See depthcloud::precisions().
  virtual std::vector<PrecisionInfo> precisions(const Device& device) const = 0;
  /// Fills in what LibTorch and its libraries are, and how fast.
  virtual void describe(SystemInfo& info) const = 0;
};

/// The networks that are linked into the program, else those of the shared object
/// libdepthcloud_torch, which is opened at the first call and stays open: what needs no network
/// does not wait for LibTorch. Error{unavailable} (stage load) says what is missing.
/// Thread-safety: share freely.
const Networks& networks();

/// Hands a line to the library's log; a shared object has a log of its own, which it sends here.
using LogFunction = void (*)(LogLevel, std::string_view);

}  // namespace depthcloud

extern "C" {
/// Defined where the networks are linked in.
[[gnu::weak]] const depthcloud::Networks& depthcloud_networks();

/// What libdepthcloud_torch exports: its networks, or nullptr for a library of another version.
const depthcloud::Networks* depthcloud_open_networks(const char* version,
                                                     depthcloud::LogFunction log);
}
