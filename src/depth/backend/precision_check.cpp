// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/precision_check.hpp"

#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/processor.hpp"
#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/backend/torch_errors.hpp"

namespace depthcloud {
namespace {

/// Of the largest value. bf16 is off by 0.4 % a rounding; operations that are wrong are off by all.
constexpr double tolerance = 0.1;

/// In LibTorch's words, or, where it is known, in terms of the processor.
std::string words_for(const Error& failure, const Device& device, Precision precision) {
  if (device.kind == DeviceKind::cpu && precision == Precision::bf16) {
    const std::string missing = missing_avx512();
    if (!missing.empty()) {
      return fmt::format("the processor ({}) lacks {}", processor_name(), missing);
    }
  }
  return failure.what();
}

std::string find_obstacle(PrecisionTrial trial, const Device& device, Precision precision) {
  const c10::InferenceMode inference;
  try {
    return with_torch_errors(Stage::load, ErrorCode::unavailable, [&]() -> std::string {
      const auto run = [&](Precision in) {
        return trial(to_torch(device), in).to(at::kCPU, at::kFloat);
      };
      const at::Tensor exact = run(Precision::f32);
      const double error = (run(precision) - exact).abs().max().item<double>();
      // A NaN is not within it.
      if (error <= tolerance * exact.abs().max().item<double>()) return "";
      return "LibTorch computes it wrongly there";
    });
  } catch (const Error& failure) {
    if (failure.code() != ErrorCode::unavailable) throw;
    return words_for(failure, device, precision);
  }
}

}  // namespace

std::string precision_obstacle(PrecisionTrial trial, const Device& device, Precision precision) {
  static std::mutex mutex;
  static std::map<std::tuple<PrecisionTrial, std::string, Precision>, std::string> known;
  if (precision == Precision::f32) return "";
  const std::lock_guard lock(mutex);
  const auto key = std::tuple(trial, to_string(device), precision);
  auto found = known.find(key);
  if (found == known.end()) {
    found = known.emplace(key, find_obstacle(trial, device, precision)).first;
  }
  return found->second;
}

void require_precision(PrecisionTrial trial, const Device& device, Precision precision) {
  const std::string obstacle = precision_obstacle(trial, device, precision);
  if (obstacle.empty()) return;
  throw Error(
      ErrorCode::unavailable, Stage::load,
      fmt::format("precision {} does not work on {} with LibTorch {}: {}; f32 does",
                  to_string(precision), to_string(device), torch_compat::version(), obstacle));
}

}  // namespace depthcloud
