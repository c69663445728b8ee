// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <depthcloud/device.hpp>
#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// A device that a network can run on here.
struct DeviceInfo {
  Device device{};
  std::string description;  ///< for instance the GPU's name
};

/// Why no network can be loaded, in words: where libdepthcloud_torch was looked for. Empty: it is
/// open now, or linked in. `constant` works without.
std::string networks_obstacle();

/// The devices of this machine that this build can use, the preferred one first; the CPU is always
/// there. Thread-safety of this header: share freely.
std::vector<DeviceInfo> devices();

/// Whether networks can compute in a precision on a device.
struct PrecisionInfo {
  Precision precision = Precision::f32;
  std::string obstacle;  ///< why not, in words; empty: it works
};

/// Every precision but `automatic` on one device, as a Depth Anything network would find it: its
/// layers are tried on a tiny input, once a process.
std::vector<PrecisionInfo> precisions(const Device& device);

/// What the arithmetic below the networks is, and how fast. Without networks only the versions, the
/// processor, the devices and `simd` are filled in.
struct SystemInfo {
  std::string depthcloud_version;
  std::string torch_version;
  std::string processor;  ///< as it calls itself, for instance "AMD EPYC 7R13 Processor"
  std::vector<DeviceInfo> devices;
  int threads = 0;           ///< of CPU arithmetic now
  std::string blas;          ///< the file of the BLAS library in use; empty: not known
  double blas_gflops = 0;    ///< measured: f32 product 973 x 384 by 384 x 1536, best of several
  double onednn_gflops = 0;  ///< the same product through oneDNN; 0: not in this LibTorch
  /// Less than a quarter of oneDNN's speed, or, without oneDNN, less than 8 GFLOP/s: a reference
  /// BLAS, or one as slow.
  bool blas_is_slow = false;
  std::string simd;  ///< instruction set that the cloud and image code picked
};

/// Measures and collects; takes well under a second.
SystemInfo query_system_info();

}  // namespace depthcloud
