// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string_view>
#include <system_error>

#include <dlfcn.h>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/backend/precision_check.hpp"
#include "depth/backend/registry.hpp"
#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/backend/torch_errors.hpp"
#include "depth/backend/torch_model.hpp"
#include "depth/networks.hpp"
#include "depth/precision.hpp"

namespace depthcloud {
namespace {

// A matrix product of the ViT-S that Depth Anything builds on: 27 x 36 patches and one more token.
constexpr std::int64_t rows = 973;
constexpr std::int64_t inner = 384;
constexpr std::int64_t columns = 1536;

/// The reference BLAS reaches 2 to 4 GFLOP/s where oneDNN has 180 and an optimised BLAS 96 to 190:
/// a quarter of oneDNN lies far from both.
constexpr double slow_fraction_of_onednn = 0.25;
constexpr double slow_gflops = 8;

/// The best of several runs of a product of so many rows, within a tenth of a second or in one run.
double gflops(std::int64_t product_rows, const std::function<void()>& product) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  Seconds best = Seconds::max();
  do {
    const auto start = Clock::now();
    product();
    best = std::min(best, Seconds(Clock::now() - start));
  } while (Clock::now() < end);
  return 2.0 * static_cast<double>(product_rows * inner * columns) / best.count() / 1e9;
}

double blas_gflops() {
  const at::Tensor a = at::ones({rows, inner});
  const at::Tensor b = at::ones({inner, columns});
  const auto of_rows = [&](std::int64_t count) {
    const at::Tensor part = a.slice(0, 0, count);
    at::Tensor c = at::empty({count, columns});
    return gflops(count, [&] { at::mm_out(c, part, b); });
  };
  // Half a second and more for the whole, where BLAS is slow: an eighth is enough there.
  const double of_eighth = of_rows(rows / 8);
  return of_eighth < slow_gflops ? of_eighth : of_rows(rows);
}

double onednn_gflops() {
  if (!at::hasMKLDNN()) return 0;
  const at::Tensor a = at::ones({rows, inner}).to_mkldnn();
  const at::Tensor b = at::ones({columns, inner}).to_mkldnn();
  return gflops(rows, [&] { at::mkldnn_linear(a, b); });
}

/// The file from which the dynamic linker takes the BLAS product that LibTorch calls.
std::string blas_file() {
  void* const product = ::dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info where{};
  if (product == nullptr || ::dladdr(product, &where) == 0 || where.dli_fname == nullptr) {
    return at::hasMKL() ? "MKL inside LibTorch" : "";
  }
  std::error_code failure;
  const auto file = std::filesystem::canonical(where.dli_fname, failure);
  return failure ? where.dli_fname : file.string();
}

bool is_slow(double blas, double onednn) {
  return onednn > 0 ? blas < slow_fraction_of_onednn * onednn : blas < slow_gflops;
}

const BackendEntry& entry_of(std::string_view kind) {
  for (const BackendEntry* entry : backends()) {
    if (entry->name == kind) return *entry;
  }
  throw Error(ErrorCode::unsupported, Stage::load, fmt::format("no networks of kind '{}'", kind));
}

class TorchNetworks final : public Networks {
 public:
  std::unique_ptr<DepthModel> load(const std::string& kind, const std::string& source,
                                   const EstimatorOptions& options) const override {
    return load_torch_model(entry_of(kind), source, options);
  }

  std::vector<DeviceInfo> devices() const override { return torch_devices(); }

  std::vector<PrecisionInfo> precisions(const Device& device) const override {
    return with_torch_errors(Stage::control, ErrorCode::internal, [&] {
      std::vector<PrecisionInfo> found;
      for (const Precision precision : formats) {
        found.push_back(
            {precision, precision_obstacle(entry_of("depth_anything").trial, device, precision)});
      }
      return found;
    });
  }

  void describe(SystemInfo& info) const override {
    with_torch_errors(Stage::control, ErrorCode::internal, [&] {
      const c10::InferenceMode inference;
      info.torch_version = torch_compat::version();
      info.threads = at::get_num_threads();
      info.blas = blas_file();
      info.blas_gflops = blas_gflops();
      info.onednn_gflops = onednn_gflops();
      info.blas_is_slow = is_slow(info.blas_gflops, info.onednn_gflops);
    });
  }
};

}  // namespace
}  // namespace depthcloud

const depthcloud::Networks& depthcloud_networks() {
  static const depthcloud::TorchNetworks networks;
  return networks;
}
