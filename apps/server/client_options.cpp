// SPDX-License-Identifier: Apache-2.0
#include "client_options.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "in_quotes.hpp"

namespace server {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;
using nlohmann::json;

constexpr float no_limit = std::numeric_limits<float>::infinity();

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

std::int64_t integer(const char* key, const json& value, std::int64_t least, std::int64_t most) {
  // An integer that does not fit 64 bits is a float to the JSON reader.
  if (value.is_number_integer() &&
      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= std::uint64_t{INT64_MAX})) {
    const auto number = value.get<std::int64_t>();
    if (number >= least && number <= most) return number;
  }
  refuse(fmt::format("{} must be an integer from {} to {}", key, least, most));
}

std::string text(const char* key, const json& value) {
  if (!value.is_string()) refuse(fmt::format("{} must be a text", key));
  return value.get<std::string>();
}

double number(const char* key, const json& value) {
  if (!value.is_number()) refuse(fmt::format("{} must be a number", key));
  return value.get<double>();
}

float not_negative(const char* key, const json& value) {
  if (value.is_number()) {
    const auto number = value.get<double>();
    if (number >= 0 && number <= std::numeric_limits<float>::max()) {
      return static_cast<float>(number);
    }
  }
  refuse(fmt::format("{} must be a number that is not negative", key));
}

float percentile(const char* key, const json& value) {
  if (value.is_number()) {
    const auto number = value.get<float>();
    if (number >= 0 && number < 100) return number;
  }
  refuse(fmt::format("{} must be a number from 0 to below 100", key));
}

void set(ClientOptions& options, const std::string& key, const json& value) {
  if (key == "encoding") {
    options.wire.encoding = depthcloud::parse_encoding(text("encoding", value));
  } else if (key == "colors") {
    options.wire.colors = depthcloud::parse_grid_colors(text("colors", value));
  } else if (key == "relative_error") {
    options.wire.relative_error = number("relative_error", value);
  } else if (key == "jpeg_quality") {
    options.wire.jpeg_quality = static_cast<int>(integer("jpeg_quality", value, 1, 100));
  } else if (key == "stride") {
    options.cloud.stride = static_cast<int>(integer("stride", value, 1, 64));
  } else if (key == "min_confidence") {
    options.cloud.min_confidence = not_negative("min_confidence", value);
  } else if (key == "confidence_percentile") {
    options.cloud.confidence_percentile = percentile("confidence_percentile", value);
  } else if (key == "min_depth") {
    options.cloud.min_depth = not_negative("min_depth", value);
  } else if (key == "max_depth") {
    options.cloud.max_depth = value.is_null() ? no_limit : not_negative("max_depth", value);
  } else if (key == "edge_threshold") {
    options.cloud.edge_threshold = not_negative("edge_threshold", value);
  } else if (key == "max_points") {
    options.cloud.max_points =
        static_cast<std::size_t>(integer("max_points", value, 0, std::int64_t{1} << 32));
  } else if (key == "extrinsics") {
    options.extrinsics = read_extrinsics(value);
  } else {
    refuse(fmt::format("there is no option {}", in_quotes(key)));
  }
}

}  // namespace

bool operator==(const ClientOptions& a, const ClientOptions& b) {
  return a.wire.encoding == b.wire.encoding && a.wire.colors == b.wire.colors &&
         a.wire.relative_error == b.wire.relative_error &&
         a.wire.jpeg_quality == b.wire.jpeg_quality && a.cloud.stride == b.cloud.stride &&
         a.cloud.min_confidence == b.cloud.min_confidence &&
         a.cloud.confidence_percentile == b.cloud.confidence_percentile &&
         a.cloud.min_depth == b.cloud.min_depth && a.cloud.max_depth == b.cloud.max_depth &&
         a.cloud.edge_threshold == b.cloud.edge_threshold &&
         a.cloud.max_points == b.cloud.max_points && a.extrinsics == b.extrinsics;
}

std::optional<depthcloud::Extrinsics> read_extrinsics(const json& value) {
  if (value.is_null()) return std::nullopt;
  depthcloud::Extrinsics matrix{};
  bool good = value.is_array() && value.size() == matrix.size();
  for (std::size_t i = 0; good && i < matrix.size(); ++i) {
    good = value[i].is_number();
    if (good) matrix[i] = value[i].get<double>();
  }
  if (!good) refuse("extrinsics must be the 12 numbers of a 3 x 4 matrix, row by row, or null");
  depthcloud::validate_extrinsics(matrix);
  return matrix;
}

ClientOptions configured(ClientOptions options, const json& message) {
  for (const auto& [key, value] : message.items()) {
    if (key != "type") set(options, key, value);
  }
  validate(options.wire);
  validate(options.cloud);
  return options;
}

void check_world(const ClientOptions& options, bool is_viewer) {
  if (options.wire.encoding != depthcloud::Encoding::depth) return;
  if (is_viewer || options.extrinsics) {
    refuse(
        "the encoding depth carries one camera's grid: it goes neither with extrinsics nor with "
        "the role viewer");
  }
}

json to_json(const ClientOptions& options) {
  return {
      {"encoding", to_string(options.wire.encoding)},
      {"colors", to_string(options.wire.colors)},
      {"relative_error", options.wire.relative_error},
      {"jpeg_quality", options.wire.jpeg_quality},
      {"stride", *options.cloud.stride},
      {"min_confidence", options.cloud.min_confidence},
      {"confidence_percentile", options.cloud.confidence_percentile},
      {"min_depth", options.cloud.min_depth},
      {"max_depth", options.cloud.max_depth == no_limit ? json() : json(options.cloud.max_depth)},
      {"edge_threshold", options.cloud.edge_threshold},
      {"max_points", options.cloud.max_points},
      {"extrinsics", options.extrinsics ? json(*options.extrinsics) : json(nullptr)}};
}

}  // namespace server
