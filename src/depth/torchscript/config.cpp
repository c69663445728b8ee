// SPDX-License-Identifier: Apache-2.0
#include "depth/torchscript/config.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

using Json = nlohmann::json;

constexpr int max_pixels = 8192;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, "depthcloud.json: " + message);
}

std::string text(const std::string& key, const Json& value) {
  if (!value.is_string()) fail(fmt::format("'{}' is not a text", key));
  return value.get<std::string>();
}

bool flag(const std::string& key, const Json& value) {
  if (!value.is_boolean()) fail(fmt::format("'{}' is neither true nor false", key));
  return value.get<bool>();
}

int pixels(const std::string& key, const Json& value) {
  if (!value.is_number_integer() || value < 1 || value > max_pixels) {
    fail(fmt::format("'{}' is not a whole number from 1 to {}", key, max_pixels));
  }
  return value.get<int>();
}

std::array<float, 3> per_channel(const std::string& key, const Json& value) {
  const auto is_finite = [](const Json& number) {
    return number.is_number() && std::isfinite(number.get<float>());
  };
  if (!value.is_array() || value.size() != 3 || !is_finite(value[0]) || !is_finite(value[1]) ||
      !is_finite(value[2])) {
    fail(fmt::format("'{}' is not a list of three numbers", key));
  }
  return {value[0].get<float>(), value[1].get<float>(), value[2].get<float>()};
}

void set(TorchScriptConfig& config, const std::string& key, const Json& value) {
  if (key == "name") {
    config.name = text(key, value);
  } else if (key == "license") {
    config.license = text(key, value);
  } else if (key == "process_res") {
    config.process_res = pixels(key, value);
  } else if (key == "multiple_of") {
    config.multiple_of = pixels(key, value);
  } else if (key == "mean") {
    config.mean = per_channel(key, value);
  } else if (key == "std") {
    config.std = per_channel(key, value);
    for (const float deviation : config.std) {
      if (deviation <= 0) fail("'std' has a number that is not above 0");
    }
  } else if (key == "metric") {
    config.metric = flag(key, value);
  } else if (key == "inverse_depth") {
    config.inverse_depth = flag(key, value);
  } else {
    fail(fmt::format("unknown key {}", quote(key)));
  }
}

}  // namespace

TorchScriptConfig parse_torchscript_config(std::string_view json) {
  TorchScriptConfig config;
  if (json.empty()) return config;
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) fail("not a JSON object");
  for (const auto& [key, value] : object.items()) set(config, key, value);
  return config;
}

}  // namespace depthcloud
