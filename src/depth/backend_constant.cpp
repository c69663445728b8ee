// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/backend_registry.hpp"
#include "depth/preprocess.hpp"
#include "depth/torch_device.hpp"

namespace depthcloud {
namespace {

constexpr std::string_view prefix = "constant";
constexpr int default_process_res = 504;
constexpr double max_delay_ms = 60'000;

using Milliseconds = std::chrono::duration<double, std::milli>;

struct Plane {
  double metres = 1;
  Milliseconds delay{0};
};

/// The whole text as a number, whatever the locale of the process.
bool parse_number(const std::string& text, double& number) {
  std::istringstream in(text);
  in.exceptions(std::ios::badbit);  // a stream would tell of no memory as of no number
  in.imbue(std::locale::classic());
  in >> std::noskipws >> number;
  return !in.fail() && in.peek() == std::istringstream::traits_type::eof();
}

/// "constant[:METRES[,DELAY_MS]]"
Plane parse(const std::string& source) {
  Plane plane;
  if (source == prefix) return plane;
  const std::string arguments = source.substr(prefix.size() + 1);
  const auto comma = arguments.find(',');
  double delay_ms = 0;
  const bool numbers =
      parse_number(arguments.substr(0, comma), plane.metres) &&
      (comma == std::string::npos || parse_number(arguments.substr(comma + 1), delay_ms));
  if (!numbers || !std::isnormal(static_cast<float>(plane.metres)) || plane.metres < 0 ||
      delay_ms < 0 || delay_ms > max_delay_ms) {
    throw Error(ErrorCode::invalid_argument, Stage::load,
                fmt::format("'{}' is not constant[:METRES[,DELAY_MS]] with METRES above 0 and "
                            "DELAY_MS from 0 to {}",
                            source, max_delay_ms));
  }
  plane.delay = Milliseconds(delay_ms);
  return plane;
}

/// A plane at a known distance that takes a known time: what tests and load tests measure against.
class ConstantBackend final : public DepthBackend {
 public:
  ConstantBackend(const Plane& plane, const BackendOptions& options)
      : plane_(plane),
        device_(to_torch(options.device)),
        process_res_(options.process_res > 0 ? options.process_res : default_process_res) {}

  ModelInfo info() const override {
    ModelInfo info;
    info.name = prefix;
    info.backend = prefix;
    info.process_res = process_res_;
    info.metric = true;
    return info;
  }

  Grid grid(int width, int height) const override {
    return reduced_grid(width, height, process_res_);
  }

  // The pixels do not matter: one zero in the shape of an image.
  at::Tensor prepare(const ImageView&, const Grid& grid) override {
    return at::zeros({1}, at::kByte).expand({3, grid.height, grid.width});
  }

  Prediction infer(const Batch& batch) override {
    const auto done = std::chrono::steady_clock::now() + plane_.delay;
    Prediction prediction;
    prediction.depth = at::full({batch.images.size(0), batch.images.size(2), batch.images.size(3)},
                                plane_.metres, at::TensorOptions(device_).dtype(at::kFloat));
    prediction.views.resize(static_cast<std::size_t>(batch.images.size(0)), ViewInfo{true, {}, {}});
    std::this_thread::sleep_until(done);
    return prediction;
  }

 private:
  Plane plane_;
  at::Device device_;
  int process_res_;
};

bool reads(std::string_view source) {
  return source == prefix || (source.starts_with(prefix) && source[prefix.size()] == ':');
}

std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& options) {
  return std::make_unique<ConstantBackend>(parse(source), options);
}

}  // namespace

extern const BackendEntry constant_backend;
constinit const BackendEntry constant_backend = {"constant", reads, load};

}  // namespace depthcloud
