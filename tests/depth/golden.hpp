// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stop_token>
#include <string>
#include <utility>

#include "torch_doctest.hpp"

#include "depth/depth_anything/config.hpp"
#include "depth/depth_anything/network.hpp"
#include "depth/depth_anything/weights.hpp"
#include "io/weights_file.hpp"

namespace depthcloud::test {

/// Agreement with the reference: the largest difference, in units of the largest value.
inline constexpr double golden_tolerance = 1e-4;

inline std::string golden_path(const std::string& file) {
  return DEPTHCLOUD_TEST_GOLDEN "/" + file;
}

/// What the reference computed in one case of a micro model.
class GoldenCase {
 public:
  GoldenCase(const std::string& model, std::string name)
      : file_(WeightsFile::open(golden_path(model + ".io.safetensors"))), name_(std::move(name)) {}

  at::Tensor operator()(const std::string& tensor) const {
    const auto view = file_.find(name_ + "/" + tensor);
    REQUIRE_MESSAGE(view.has_value(), name_ << "/" << tensor);
    return at::from_blob(const_cast<std::uint8_t*>(view->bytes.data()),
                         at::IntArrayRef(view->shape.data(), view->shape.size()),
                         torch_type(view->type))
        .clone();
  }

  bool has(const std::string& tensor) const { return file_.find(name_ + "/" + tensor).has_value(); }

  /// The input as scenes of views.
  at::Tensor images() const {
    const at::Tensor input = (*this)("input");
    return input.dim() == 5 ? input : input.unsqueeze(1);
  }

 private:
  static at::ScalarType torch_type(TensorType type) {
    switch (type) {
      case TensorType::i64:
        return at::kLong;
      case TensorType::f64:
        return at::kDouble;
      case TensorType::u8:
        return at::kByte;
      case TensorType::boolean:
        return at::kBool;
      default:
        return at::kFloat;
    }
  }

  WeightsFile file_;
  std::string name_;
};

/// A micro model with its random weights.
struct GoldenModel {
  explicit GoldenModel(const std::string& name)
      : file(WeightsFile::open(golden_path(name + ".weights.safetensors"))) {
    std::ifstream stream(golden_path(name + ".config.json"));
    CheckpointNotes notes;
    notes.config_json =
        std::string(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    config = recognise_depth_anything(tensor_shapes(file), notes);
  }

  nn::Parameters parameters(Precision precision = Precision::f32) const {
    return {checkpoint_reader(file, config.layout), at::kCPU, precision};
  }
  DepthAnything network(Precision precision = Precision::f32) const {
    return {config, parameters(precision)};
  }
  DepthAnything network(const std::stop_token& stop) const {
    return {config, parameters(Precision::f32), stop};
  }

  WeightsFile file;
  DepthAnythingConfig config;
};

inline double difference(const at::Tensor& actual, const at::Tensor& expected) {
  REQUIRE(actual.numel() == expected.numel());
  const at::Tensor reference = expected.to(at::kDouble).flatten();
  const at::Tensor error = (actual.to(at::kDouble).flatten() - reference).abs().max();
  return (error / reference.abs().max()).item<double>();
}

/// CHECKs that a tensor agrees with the reference's; `what` names it where it does not.
inline void check_golden(const at::Tensor& actual, const at::Tensor& expected,
                         const std::string& what) {
  INFO(what);
  CHECK(difference(actual, expected) <= golden_tolerance);
}

}  // namespace depthcloud::test
