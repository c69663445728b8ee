// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <depthcloud/depthcloud.h>
#include <depthcloud/depthcloud.hpp>

// What is behind each opaque handle of depthcloud.h.

struct dcl_model {
  dcl_model(depthcloud::DepthEstimator loaded, std::stop_source stop_source)
      : stop(std::move(stop_source)),
        estimator(std::make_shared<depthcloud::DepthEstimator>(std::move(loaded))),
        device(to_string(estimator->info().device)) {}

  std::stop_source stop;
  std::shared_ptr<depthcloud::DepthEstimator> estimator;  // pipelines may outlive the model
  std::string device;
};

struct dcl_photo {
  depthcloud::Image image;
};

struct dcl_pipeline {
  depthcloud::Pipeline pipeline;
};

struct dcl_depth_map {
  explicit dcl_depth_map(depthcloud::DepthMap estimated) : map(std::move(estimated)) {}

  /// The map in host memory, where it is copied at the first call.
  const depthcloud::DepthMap& host() const {
    const std::lock_guard lock(mutex);
    if (!on_host) on_host = map.host();
    return *on_host;
  }

 private:
  depthcloud::DepthMap map;
  mutable std::mutex mutex;
  mutable std::optional<depthcloud::DepthMap> on_host;
};

struct dcl_frame {
  explicit dcl_frame(depthcloud::Frame&& finished)
      : frame(std::move(finished)), depth(frame.depth) {}

  depthcloud::Frame frame;
  dcl_depth_map depth;
};

struct dcl_cloud_builder {
  depthcloud::CloudBuilder builder;
  depthcloud::DepthGrid grid{};  // scratch memory of packing
};

struct dcl_cloud {
  depthcloud::PointCloud cloud;
};

struct dcl_packet {
  std::vector<std::uint8_t> bytes;
};

struct dcl_latency {
  explicit dcl_latency(std::size_t window) : recorder(window) {}
  depthcloud::LatencyRecorder recorder;
};
