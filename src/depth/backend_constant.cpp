// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include <ATen/ATen.h>

#include <depthcloud/depth_source.hpp>

#include "depth/backend_registry.hpp"
#include "depth/preprocess.hpp"
#include "depth/torch_device.hpp"

namespace depthcloud {
namespace {

constexpr int default_process_res = 504;

/// A plane at a known distance that takes a known time: what tests and load tests measure against.
class ConstantBackend final : public DepthBackend {
 public:
  ConstantBackend(const ConstantPlane& plane, const BackendOptions& options)
      : plane_(plane),
        device_(to_torch(options.device)),
        process_res_(options.process_res > 0 ? options.process_res : default_process_res) {}

  ModelInfo info() const override {
    ModelInfo info;
    info.name = "constant";
    info.backend = "constant";
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
    const auto done = std::chrono::steady_clock::now() +
                      std::chrono::duration<double, std::milli>(plane_.delay_ms);
    Prediction prediction;
    prediction.depth = at::full({batch.images.size(0), batch.images.size(2), batch.images.size(3)},
                                plane_.metres, at::TensorOptions(device_).dtype(at::kFloat));
    prediction.views.resize(static_cast<std::size_t>(batch.images.size(0)), ViewInfo{true, {}, {}});
    std::this_thread::sleep_until(done);
    return prediction;
  }

 private:
  ConstantPlane plane_;
  at::Device device_;
  int process_res_;
};

bool reads(std::string_view source) { return ConstantPlane::named_by(source); }

std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& options) {
  return std::make_unique<ConstantBackend>(ConstantPlane::parse(source), options);
}

}  // namespace

extern const BackendEntry constant_backend;
constinit const BackendEntry constant_backend = {"constant", reads, load, nullptr, nullptr};

}  // namespace depthcloud
