// SPDX-License-Identifier: Apache-2.0
#include "camera_json.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "known_camera.hpp"
#include "size.hpp"
#include "standard_streams.hpp"

namespace cli {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Intrinsics;
using depthcloud::KnownCamera;
using depthcloud::Stage;
using Json = nlohmann::ordered_json;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::corrupt_data, Stage::file, "cameras: " + message);
}

double number(const Json& view, const char* key) { return view.at(key).get<double>(); }

/// Throws what nlohmann-json throws, and std::invalid_argument for other slips.
KnownCamera camera_of(const Json& view, const depthcloud::PhotoInfo& photo) {
  const auto width = view.at("width").get<int>();
  const auto height = view.at("height").get<int>();
  if (width <= 0 || height <= 0) throw std::invalid_argument("width and height are not positive");
  const Intrinsics k{number(view, "fx"), number(view, "fy"), number(view, "cx"),
                     number(view, "cy")};
  const Size size{width, height};
  if (!same_aspect(size, {photo.width, photo.height})) {
    throw std::invalid_argument(
        fmt::format("a camera of {} is of another shape than the photo of {}", to_string(size),
                    to_string(Size{photo.width, photo.height})));
  }
  if (const std::string oddity = oddity_of_camera(k, size); k.valid() && !oddity.empty()) {
    throw std::invalid_argument("no likely camera of " + to_string(size) + ": " + oddity);
  }
  KnownCamera camera{k.scaled_to(width, height, photo.width, photo.height), {}};
  const auto rows = view.at("extrinsics").get<std::vector<std::vector<double>>>();
  std::vector<double> numbers;
  for (const std::vector<double>& row : rows) {
    if (row.size() == 4) numbers.insert(numbers.end(), row.begin(), row.end());
  }
  if (rows.size() != 3 || numbers.size() != camera.extrinsics.size()) {
    throw std::invalid_argument("extrinsics are not three rows of four numbers");
  }
  std::copy(numbers.begin(), numbers.end(), camera.extrinsics.begin());
  return camera;
}

}  // namespace

Json rows_of(const std::optional<depthcloud::Extrinsics>& extrinsics) {
  if (!extrinsics) return nullptr;
  Json rows = Json::array();
  for (auto row = extrinsics->begin(); row != extrinsics->end(); row += 4) {
    rows.push_back(std::vector<double>(row, row + 4));
  }
  return rows;
}

Json metres_from(const depthcloud::DepthMap& depth) {
  return depth.is_metric() ? Json(to_string(depth.info().metres_source)) : Json();
}

std::vector<KnownCamera> read_cameras(const std::filesystem::path& path,
                                      const std::vector<depthcloud::PhotoInfo>& photos) {
  const std::vector<std::uint8_t> text = read_input(path);
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const auto views = json.is_object() ? json.find("views") : json.end();
  if (!json.is_object() || views == json.end() || !views->is_array()) {
    fail("not JSON with an array 'views'");
  }
  if (views->size() != photos.size()) {
    fail(fmt::format("{} cameras for {} photos", views->size(), photos.size()));
  }
  std::vector<KnownCamera> cameras;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    try {
      cameras.push_back(camera_of(views->at(i), photos[i]));
    } catch (const Json::exception& error) {
      fail(fmt::format("view {}: {}", i, error.what()));
    } catch (const std::invalid_argument& error) {
      fail(fmt::format("view {}: {}", i, error.what()));
    }
  }
  return cameras;
}

void write_json(const std::filesystem::path& path, const Json& json) {
  const std::string text = json.dump(2) + "\n";
  write_output(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace cli
