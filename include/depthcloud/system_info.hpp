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

/// Returns why no network can be loaded, with the folders where libdepthcloud_torch was sought.
/// Empty: the networks are linked in, or the library is loaded (this call loads it). The model
/// `constant` works without it.
std::string networks_obstacle();

/// Returns why no video can be read, with the folders where libdepthcloud_video was sought. Empty:
/// the video library is linked in, or loaded (this call loads it).
std::string video_obstacle();

/// Returns the name and version of what reads video, "GStreamer 1.22.0"; empty: no video can be
/// read.
std::string video_version();

/// Returns the devices of this machine that this build can use, the preferred one first; the CPU is
/// always one of them. All functions of this header are thread-safe.
std::vector<DeviceInfo> devices();

/// Whether networks can compute in a precision on a device.
struct PrecisionInfo {
  Precision precision = Precision::f32;
  std::string obstacle;  ///< why not, in words; empty: it works
};

/// Returns every precision except `automatic`, with its obstacle on one device for Depth Anything.
/// To find out, the layers run on a tiny input, once per process.
std::vector<PrecisionInfo> precisions(const Device& device);

/// Versions, hardware and measured speed. Without networks, only the versions, the processor, the
/// devices and `simd` are set.
struct SystemInfo {
  std::string depthcloud_version;
  std::string torch_version;
  std::string processor;  ///< name of the processor, for instance "AMD EPYC 7R13 Processor"
  std::vector<DeviceInfo> devices;
  int threads = 0;           ///< threads of CPU arithmetic now
  std::string blas;          ///< the file of the BLAS library in use; empty: not known
  double blas_gflops = 0;    ///< measured: f32 product 973 x 384 by 384 x 1536, best of several
  double onednn_gflops = 0;  ///< the same product through oneDNN; 0: not in this LibTorch
  /// The BLAS has less than a quarter of oneDNN's speed or, without oneDNN, less than 8 GFLOP/s, as
  /// the reference BLAS has.
  bool blas_is_slow = false;
  std::string simd;  ///< instruction set that the cloud and image code uses
};

/// Collects and measures everything above; takes well under a second.
SystemInfo query_system_info();

}  // namespace depthcloud
