// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <depthcloud/files.hpp>
#include <depthcloud/image.hpp>

#include "depth/golden.hpp"
#include "depth/moge/config.hpp"
#include "depth/moge/network.hpp"
#include "depth/nn/stored_tensor.hpp"

namespace depthcloud::test {

/// A micro model of MoGe-2 with its fitted weights.
struct MogeModel {
  explicit MogeModel(const std::string& name)
      : file(WeightsFile::open(golden_path(name + ".weights.safetensors"))) {
    const auto text = read_file(golden_path(name + ".config.json"));
    config =
        recognise_moge(tensor_shapes(file), {.config_json = std::string(text.begin(), text.end())});
  }

  Moge network(Precision precision = Precision::f32, const std::stop_token& stop = {}) const {
    const auto read = [file = file](const std::string& tensor, at::IntArrayRef shape) {
      return nn::stored_tensor(file, tensor, shape);
    };
    return {config, {read, at::kCPU, precision}, /*with_normals=*/true, stop};
  }

  WeightsFile file;
  MogeConfig config;
};

/// The photo of a golden case, which the tensor holds.
class GoldenPhoto {
 public:
  explicit GoldenPhoto(const GoldenCase& golden) : pixels_(golden("image_u8").contiguous()) {}

  Grid size() const {
    return {static_cast<int>(pixels_.size(1)), static_cast<int>(pixels_.size(0))};
  }
  ImageView view() const {
    ImageView image;
    image.data = pixels_.data_ptr<std::uint8_t>();
    image.width = size().width;
    image.height = size().height;
    image.stride = 3 * image.width;
    image.format = PixelFormat::rgb;
    return image;
  }

 private:
  at::Tensor pixels_;
};

/// [H, W, 3] of the reference as [3, H, W].
inline at::Tensor planes_first(const at::Tensor& values) { return values.permute({2, 0, 1}); }

struct MogeCase {
  const char* model;
  const char* name;
};
inline constexpr MogeCase moge_cases[] = {{"moge2_micro", "land_42x56"},
                                          {"moge2_micro", "port_67x45"},
                                          {"moge2_micro", "square_60x60"},
                                          {"moge2_micro_nonormal", "land_50x87"},
                                          {"moge2_micro_nonormal", "port_64x40"}};

}  // namespace depthcloud::test
