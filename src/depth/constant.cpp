// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <locale>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/stopwatch.hpp"
#include "depth/known_intrinsics.hpp"
#include "depth/models.hpp"
#include "depth/stop.hpp"

namespace depthcloud {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr std::string_view name_of_model = "constant";
constexpr double max_delay_ms = 60'000;
constexpr int default_process_res = 504;

struct Plane {
  double metres = 1;
  double delay_ms = 0;
};

/// The whole text as a number, whatever the locale of the process.
bool parse_number(std::string_view text, double& number) {
  std::istringstream in{std::string(text)};
  in.exceptions(std::ios::badbit);  // else a failed allocation reads as a wrong number
  in.imbue(std::locale::classic());
  in >> std::noskipws >> number;
  return !in.fail() && in.peek() == std::istringstream::traits_type::eof();
}

Plane parse_plane(std::string_view source) {
  Plane plane;
  if (source == name_of_model) return plane;
  const std::string_view arguments = source.substr(name_of_model.size() + 1);
  const auto comma = arguments.find(',');
  const bool good = parse_number(arguments.substr(0, comma), plane.metres) &&
                    (comma == std::string_view::npos ||
                     parse_number(arguments.substr(comma + 1), plane.delay_ms));
  if (!good || !std::isnormal(static_cast<float>(plane.metres)) || plane.metres < 0 ||
      !(plane.delay_ms >= 0) || plane.delay_ms > max_delay_ms) {
    throw Error(ErrorCode::invalid_argument, Stage::load,
                fmt::format("{} is not constant[:METRES[,DELAY_MS]] with METRES above 0 and "
                            "DELAY_MS from 0 to {}",
                            quote(source), max_delay_ms));
  }
  return plane;
}

void require_cpu(const std::string& device) {
  if (device == "auto" || parse_device(device) == Device{}) return;
  throw Error(ErrorCode::unavailable, Stage::load,
              fmt::format("'constant' is made on the CPU, not on {}", device));
}

class ConstantModel final : public DepthModel {
 public:
  ConstantModel(const Plane& plane, const EstimatorOptions& options)
      : plane_(plane), options_(options) {
    require_cpu(options.device);
    info_.name = info_.backend = name_of_model;
    info_.process_res = options.process_res > 0 ? options.process_res : default_process_res;
    info_.metric = true;
    if (options.precision != Precision::automatic) info_.precision = options.precision;
  }

  const ModelInfo& info() const override { return info_; }

  Grid grid(int width, int height) const override {
    return reduced_grid(width, height, info_.process_res);
  }

  void warm_up(const ImageView&) override {}

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override {
    const auto start = SteadyClock::now();
    const Grid size = grid(images.front().width, images.front().height);
    std::vector<DepthInfo> infos;
    {
      const Stopwatch watch(times[Stage::preprocess]);
      for (const ImageView& image : images) {
        const KnownIntrinsics known = known_intrinsics(options_, image, size);
        infos.push_back(depth_info(known, image, size, {.metric = true}));
      }
    }
    const Stopwatch watch(times[Stage::infer]);
    const auto area = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
    // One block for all, as a network's output is.
    const auto planes = std::make_shared<const std::vector<float>>(
        area * images.size(), static_cast<float>(plane_.metres));
    std::vector<DepthMap> maps;
    for (std::size_t i = 0; i < images.size(); ++i) {
      maps.emplace_back(size.width, size.height,
                        SharedDepthPlanes{.depth = planes->data() + i * area, .owner = planes},
                        infos[i]);
    }
    if (plane_.delay_ms > 0) {
      wait_until(start +
                 std::chrono::duration_cast<SteadyClock::duration>(Milliseconds(plane_.delay_ms)));
    }
    throw_if_stopped(options_.stop);
    return maps;
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView>, const ViewsOptions&,
                                       StageTimes&) override {
    refuse_views(info_);
  }

 private:
  void wait_until(SteadyClock::time_point end) const {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_until(lock, options_.stop, end, [] { return false; });
  }

  Plane plane_;
  EstimatorOptions options_;
  ModelInfo info_;
};

}  // namespace

std::unique_ptr<DepthModel> load_constant(const std::string& source,
                                          const EstimatorOptions& options) {
  return std::make_unique<ConstantModel>(parse_plane(source), options);
}

}  // namespace depthcloud
