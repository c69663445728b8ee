// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/version.hpp>

#include "estimate.hpp"

namespace cli {
namespace {

[[noreturn]] void no_network(const std::string& model, const char* instead) {
  throw depthcloud::Error(
      depthcloud::ErrorCode::unavailable, depthcloud::Stage::load,
      "this build has no LibTorch and cannot run the model '" + model + "'" + instead);
}

}  // namespace

std::unique_ptr<Estimator> load_estimator(const NetworkOptions& options) {
  no_network(options.model, "; 'cloud --depth FILE' works without it");
}

nlohmann::ordered_json system_report(const InfoCommand& command) {
  if (command.model) no_network(*command.model, "");
  return {{"depthcloud", depthcloud::version()}, {"libtorch", nullptr}};
}

}  // namespace cli
