// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/int8_linear.hpp"

#include <mutex>

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <depthcloud/error.hpp>

namespace depthcloud::nn {
namespace {

using Packed = c10::intrusive_ptr<LinearPackedParamsBase>;

/// Sets the library that packs weights, a setting of the process, to oneDNN and restores it later.
class OnednnEngine {
 public:
  OnednnEngine() { at::globalContext().setQEngine(at::QEngine::ONEDNN); }
  ~OnednnEngine() { at::globalContext().setQEngine(before_); }
  OnednnEngine(const OnednnEngine&) = delete;
  OnednnEngine& operator=(const OnednnEngine&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_{mutex()};
  at::QEngine before_ = at::globalContext().qEngine();
};

Packed pack(const at::Tensor& weight) {
  if (!weight.is_cpu()) {
    throw Error(ErrorCode::unavailable, Stage::load, "int8 is only for the CPU");
  }
  constexpr double levels = 127;
  const std::int64_t rows = weight.size(0);
  // A row of zeros has any scale.
  const at::Tensor scales = weight.abs().amax(1).to(at::kDouble).div_(levels).clamp_min_(1e-30);
  const at::Tensor rounded =
      at::quantize_per_channel(weight, scales, at::zeros({rows}, at::kLong), 0, at::kQInt8);
  const auto prepack = c10::Dispatcher::singleton()
                           .findSchemaOrThrow("quantized::linear_prepack", "")
                           .typed<Packed(at::Tensor, c10::optional<at::Tensor>)>();
  const OnednnEngine engine;
  const c10::optional<at::Tensor> no_bias;
  return prepack.call(rounded, no_bias);
}

/// x86 without VNNI adds two 8-bit products in 16 bits, which overflow unless one factor has 7
/// bits. oneDNN does not report the instructions that it uses, so this tries the largest sums.
bool sums_overflow() {
  static const bool overflow = [] {
    constexpr std::int64_t inner = 64;
    const at::Tensor ones = at::ones({16, inner});
    const at::Tensor sums = pack(ones)->apply_dynamic(ones, /*reduce_range=*/false);
    return !at::allclose(sums, at::full_like(sums, inner), 0.01);
  }();
  return overflow;
}

}  // namespace

Int8Linear::Int8Linear(const at::Tensor& weight, const at::Tensor& bias)
    : weight_(pack(weight)), bias_(bias) {}

at::Tensor Int8Linear::operator()(const at::Tensor& x) const {
  // oneDNN finds one scale for the whole input: with every row divided by its largest magnitude,
  // that is a scale for each.
  const at::Tensor largest =
      at::maximum(x.amax(-1, /*keepdim=*/true), x.amin(-1, /*keepdim=*/true).neg_())
          .clamp_min_(1e-30);
  at::Tensor result = weight_->apply_dynamic(x / largest, /*reduce_range=*/sums_overflow());
  return at::addcmul_out(result, bias_, result, largest);
}

}  // namespace depthcloud::nn
