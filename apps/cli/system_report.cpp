// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include <depthcloud/system_info.hpp>
#include <depthcloud/version.hpp>

#include "network.hpp"
#include "system_report.hpp"

namespace cli {
namespace {

/// [low, high], of which an end without a bound is null; null where nothing is known.
nlohmann::ordered_json range_of(const std::optional<depthcloud::ConfidenceRange>& range) {
  if (!range) return nullptr;
  return {range->low,
          std::isinf(range->high) ? nlohmann::ordered_json() : nlohmann::ordered_json(range->high)};
}

nlohmann::ordered_json model_report(const InfoCommand& command) {
  const std::string source = command.model.value_or(NetworkOptions{}.model);
  const depthcloud::ModelInfo info = load_estimator(source, command.estimator).info();
  return {{"name", info.name},
          {"backend", info.backend},
          {"architecture", info.architecture},
          {"parameters", info.parameters},
          {"memory_bytes", info.memory_bytes},
          {"process_res", info.process_res},
          {"tokens", info.tokens},
          {"input", info.input},
          {"device", to_string(info.device)},
          {"precision", to_string(info.precision)},
          {"metric", info.metric},
          {"metric_model", info.metric_model},
          {"sky", info.sky},
          {"multi_view", info.multi_view},
          {"normals", info.normals},
          {"confidence", range_of(info.confidence)},
          {"edge_threshold", info.edge_threshold},
          {"license", info.license}};
}

/// Of each precision null, or why it does not work.
nlohmann::ordered_json precision_report(const depthcloud::Device& device) {
  nlohmann::ordered_json report = nlohmann::ordered_json::object();
  for (const depthcloud::PrecisionInfo& info : depthcloud::precisions(device)) {
    report[to_string(info.precision)] =
        info.obstacle.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(info.obstacle);
  }
  return report;
}

/// What reads video; null where nothing does.
nlohmann::ordered_json video_report() {
  const std::string version = depthcloud::video_version();
  return version.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(version);
}

}  // namespace

nlohmann::ordered_json system_report(const InfoCommand& command) {
  const std::string obstacle = depthcloud::networks_obstacle();
  if (!command.model && !obstacle.empty()) {
    return {{"depthcloud", depthcloud::version()},
            {"libtorch", nullptr},
            {"no_networks", obstacle},
            {"video", video_report()}};
  }
  // The model first: loading it sets the number of threads that is then measured with.
  const nlohmann::ordered_json model_part = model_report(command);
  const depthcloud::SystemInfo info = depthcloud::query_system_info();
  nlohmann::ordered_json devices = nlohmann::ordered_json::array();
  for (const depthcloud::DeviceInfo& device : info.devices) {
    devices.push_back({{"name", to_string(device.device)},
                       {"description", device.description},
                       {"precisions", precision_report(device.device)}});
  }
  return {{"depthcloud", info.depthcloud_version},
          {"libtorch", info.torch_version},
          {"video", video_report()},
          {"processor", info.processor},
          {"devices", devices},
          {"threads", info.threads},
          {"simd", info.simd},
          {"blas", info.blas},
          {"blas_gflops", info.blas_gflops},
          {"blas_is_slow", info.blas_is_slow},
          {"onednn_gflops", info.onednn_gflops},
          {"model", model_part}};
}

}  // namespace cli
