// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <locale>
#include <sstream>
#include <string>
#include <thread>

#include <fmt/format.h>

#include <depthcloud/depth_source.hpp>
#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::string_view prefix = "constant";
constexpr double max_delay_ms = 60'000;
constexpr int process_res = 504;

/// The whole text as a number, whatever the locale of the process.
bool parse_number(std::string_view text, double& number) {
  std::istringstream in{std::string(text)};
  in.exceptions(std::ios::badbit);  // a stream would tell of no memory as of no number
  in.imbue(std::locale::classic());
  in >> std::noskipws >> number;
  return !in.fail() && in.peek() == std::istringstream::traits_type::eof();
}

DepthMap plane_for(const ImageView& image, double metres) {
  const double scale =
      std::min(1.0, static_cast<double>(process_res) / std::max(image.width, image.height));
  const int width = std::max(1, static_cast<int>(std::lround(image.width * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(image.height * scale)));
  DepthPlanes planes;
  planes.depth.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                      static_cast<float>(metres));
  return {
      width, height, std::move(planes),
      DepthInfo{.intrinsics = Intrinsics::from_fov(default_horizontal_fov_degrees, width, height),
                .metric = true}};
}

}  // namespace

bool ConstantPlane::named_by(std::string_view source) noexcept {
  return source == prefix || (source.starts_with(prefix) && source[prefix.size()] == ':');
}

ConstantPlane ConstantPlane::parse(std::string_view source) {
  ConstantPlane plane;
  if (source == prefix) return plane;
  bool good = named_by(source);
  if (good) {
    const std::string_view arguments = source.substr(prefix.size() + 1);
    const auto comma = arguments.find(',');
    good = parse_number(arguments.substr(0, comma), plane.metres) &&
           (comma == std::string_view::npos ||
            parse_number(arguments.substr(comma + 1), plane.delay_ms));
  }
  if (!good || !std::isnormal(static_cast<float>(plane.metres)) || plane.metres < 0 ||
      !(plane.delay_ms >= 0) || plane.delay_ms > max_delay_ms) {
    throw Error(ErrorCode::invalid_argument, Stage::load,
                fmt::format("{} is not constant[:METRES[,DELAY_MS]] with METRES above 0 and "
                            "DELAY_MS from 0 to {}",
                            quote(source), max_delay_ms));
  }
  return plane;
}

DecodedFrame ConstantDepth::decode(std::span<const std::uint8_t> encoded) const {
  const auto start = SteadyClock::now();
  DecodedFrame decoded{.image = decode_image(encoded, decode_)};
  decoded.decode_ms = Milliseconds(SteadyClock::now() - start).count();
  return decoded;
}

std::vector<DepthMap> ConstantDepth::estimate(std::span<const ImageView> images,
                                              StageTimes& times) {
  const auto start = SteadyClock::now();
  std::vector<DepthMap> maps;
  maps.reserve(images.size());
  for (const ImageView& image : images) {
    check(image);
    maps.push_back(plane_for(image, plane_.metres));
  }
  std::this_thread::sleep_until(start + Milliseconds(plane_.delay_ms));
  times[Stage::preprocess] = 0;
  times[Stage::infer] = Milliseconds(SteadyClock::now() - start).count();
  return maps;
}

}  // namespace depthcloud
