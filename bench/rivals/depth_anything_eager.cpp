// SPDX-License-Identifier: Apache-2.0
#include "rivals/depth_anything_eager.hpp"

#include <cmath>
#include <vector>

#include <ATen/ATen.h>

#include "depth/depth_anything/tensors.hpp"

namespace depthcloud::rivals {
namespace {

const std::string vit = "model.backbone.pretrained.";
const std::string head = "model.head.";

at::Tensor bilinear(const at::Tensor& x, std::int64_t height, std::int64_t width) {
  return at::upsample_bilinear2d(x, {height, width}, true);
}

/// The sinusoids of every pixel, made anew in every pass as the authors do.
at::Tensor with_positions(const at::Tensor& x, double aspect) {
  const std::int64_t quarter = x.size(1) / 4;
  const double diagonal = std::hypot(aspect, 1.0);
  const auto line = [](double extent, std::int64_t count) {
    const double last = extent * static_cast<double>(count - 1) / static_cast<double>(count);
    return at::linspace(-last, last, count);
  };
  const std::vector<at::Tensor> uv =
      at::meshgrid({line(1 / diagonal, x.size(2)), line(aspect / diagonal, x.size(3))}, "ij");
  const at::Tensor omega = at::pow(100.0, -at::arange(quarter, at::kDouble) / quarter);
  const auto sinusoids = [&](const at::Tensor& axis) {
    const at::Tensor angles = at::outer(axis.flatten().to(at::kDouble), omega);
    return at::cat({angles.sin(), angles.cos()}, 1).to(at::kFloat);
  };
  const at::Tensor embedding = at::cat({sinusoids(uv[1]), sinusoids(uv[0])}, 1);
  return x + embedding.view({x.size(2), x.size(3), -1}).permute({2, 0, 1}) * 0.1;
}

}  // namespace

DepthAnythingEager::DepthAnythingEager(const DepthAnythingConfig& config,
                                       const nn::Parameters::Reader& read)
    : config_(config) {
  for (const ExpectedTensor& tensor : expected_tensors(config)) {
    weights_[tensor.name] = read(tensor.name, tensor.shape);
  }
  // Level 3 of the ray branch shares the norm of level 0.
  const std::string norm_of_levels = head + "scratch.output_conv2_aux.";
  for (const char* part : {".2.weight", ".2.bias"}) {
    weights_[norm_of_levels + "3" + part] = weights_.at(norm_of_levels + "0" + part);
  }
}

at::Tensor DepthAnythingEager::linear(const std::string& name, const at::Tensor& x) const {
  return at::linear(x, weight(name + ".weight"), weight(name + ".bias"));
}

at::Tensor DepthAnythingEager::norm(const std::string& name, const at::Tensor& x,
                                    double epsilon) const {
  const at::Tensor& w = weight(name + ".weight");
  return at::layer_norm(x, w.sizes(), w, weight(name + ".bias"), epsilon);
}

at::Tensor DepthAnythingEager::conv(const std::string& name, const at::Tensor& x,
                                    std::int64_t stride, std::int64_t padding) const {
  const auto bias = weights_.find(name + ".bias");
  return at::conv2d(x, weight(name + ".weight"),
                    bias == weights_.end() ? at::Tensor{} : bias->second, stride, padding);
}

at::Tensor DepthAnythingEager::rope(const at::Tensor& x, bool global, std::int64_t height,
                                    std::int64_t width) const {
  const std::int64_t half = x.size(3) / 2;
  const at::Tensor frequencies =
      at::pow(100.0, at::arange(0, half, 2, at::kFloat) / half).reciprocal();
  const auto turned = [&](const at::Tensor& part, const at::Tensor& position) {
    const at::Tensor zero = at::zeros({1}, at::kFloat);
    const at::Tensor angles = at::outer(at::cat({zero, position.flatten()}), frequencies);
    const at::Tensor both = at::cat({angles, angles}, 1);
    const std::vector<at::Tensor> halves = part.chunk(2, -1);
    return part * both.cos() + at::cat({-halves[1], halves[0]}, -1) * both.sin();
  };
  const at::Tensor ones = at::ones({height, width});
  const at::Tensor rows = global ? ones : at::arange(1, height + 1).view({-1, 1}) * ones;
  const at::Tensor columns = global ? ones : at::arange(1, width + 1) * ones;
  return at::cat({turned(x.narrow(3, 0, half), rows), turned(x.narrow(3, half, half), columns)}, 3);
}

at::Tensor DepthAnythingEager::block(int index, const at::Tensor& x, std::int64_t height,
                                     std::int64_t width) const {
  const std::string name = vit + "blocks." + std::to_string(index) + ".";
  const std::int64_t heads = config_.vit.heads;
  const std::int64_t dim = config_.vit.head_dim();
  const at::Tensor qkv = linear(name + "attn.qkv", norm(name + "norm1", x, 1e-6))
                             .view({1, x.size(1), 3, heads, dim})
                             .permute({2, 0, 3, 1, 4});
  at::Tensor q = qkv[0];
  at::Tensor k = qkv[1];
  if (index >= config_.vit.qknorm_start) {
    const bool global = index >= config_.vit.alt_start && index % 2 == 1;
    q = rope(norm(name + "attn.q_norm", q, 1e-5), global, height, width);
    k = rope(norm(name + "attn.k_norm", k, 1e-5), global, height, width);
  }
  const at::Tensor scores =
      at::matmul(q * (1 / std::sqrt(static_cast<double>(dim))), k.transpose(2, 3)).softmax(-1);
  const at::Tensor mixed = at::matmul(scores, qkv[2]).transpose(1, 2).flatten(2);
  const at::Tensor attended = x + linear(name + "attn.proj", mixed) * weight(name + "ls1.gamma");
  const at::Tensor hidden =
      at::gelu(linear(name + "mlp.fc1", norm(name + "norm2", attended, 1e-6)));
  return attended + linear(name + "mlp.fc2", hidden) * weight(name + "ls2.gamma");
}

at::Tensor DepthAnythingEager::unit(const std::string& name, const at::Tensor& x) const {
  return conv(name + ".conv2", conv(name + ".conv1", x.relu(), 1, 1).relu(), 1, 1) + x;
}

at::Tensor DepthAnythingEager::fused(const std::string& branch,
                                     const at::Tensor (&laterals)[4]) const {
  at::Tensor x = laterals[3];
  for (int i = 3; i >= 0; --i) {
    const std::string name = head + "scratch.refinenet" + std::to_string(i + 1) + branch;
    if (i < 3) x = x + unit(name + ".resConfUnit1", laterals[i]);
    x = unit(name + ".resConfUnit2", x);
    const std::int64_t height = i > 0 ? laterals[i - 1].size(2) : 2 * x.size(2);
    const std::int64_t width = i > 0 ? laterals[i - 1].size(3) : 2 * x.size(3);
    x = conv(name + ".out_conv", bilinear(x, height, width), 1, 0);
  }
  return x;
}

at::Tensor DepthAnythingEager::operator()(const at::Tensor& image) const {
  const std::int64_t height = image.size(2) / VitConfig::patch;
  const std::int64_t width = image.size(3) / VitConfig::patch;
  const double aspect = static_cast<double>(image.size(3)) / static_cast<double>(image.size(2));
  const std::int64_t side = config_.vit.pos_embed_grid;

  const at::Tensor patches =
      conv(vit + "patch_embed.proj", image, VitConfig::patch, 0).flatten(2).transpose(1, 2);
  const at::Tensor& stored = weight(vit + "pos_embed");
  const at::Tensor grid =
      stored.narrow(1, 1, side * side).view({1, side, side, -1}).permute({0, 3, 1, 2});
  const at::Tensor resized = at::upsample_bicubic2d(grid, {height, width}, false,
                                                    (height + 0.1) / side, (width + 0.1) / side)
                                 .flatten(2)
                                 .transpose(1, 2);
  at::Tensor x = at::cat({weight(vit + "cls_token"), patches}, 1) +
                 at::cat({stored.narrow(1, 0, 1), resized}, 1);

  at::Tensor local = x;
  std::vector<at::Tensor> features;
  for (int i = 0; i < config_.vit.blocks; ++i) {
    if (i == config_.vit.alt_start) {
      x = at::cat({weight(vit + "camera_token").narrow(1, 0, 1), x.narrow(1, 1, x.size(1) - 1)}, 1);
    }
    x = block(i, x, height, width);
    if (i < config_.vit.alt_start || i % 2 == 0) local = x;
    if (i == config_.vit.out_layers[features.size()]) {
      features.push_back(
          at::cat({local, norm(vit + "norm", x, 1e-5)}, 2).narrow(1, 1, height * width));
    }
  }

  at::Tensor laterals[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string number = std::to_string(i);
    at::Tensor map = norm(head + "norm", features[i], 1e-5).transpose(1, 2);
    map = map.reshape({1, -1, height, width});
    map = with_positions(conv(head + "projects." + number, map, 1, 0), aspect);
    const std::string resize = head + "resize_layers." + number;
    if (i < 2) {
      map = at::conv_transpose2d(map, weight(resize + ".weight"), weight(resize + ".bias"),
                                 i == 0 ? 4 : 2);
    }
    if (i == 3) map = conv(resize, map, 2, 1);
    laterals[i] = conv(head + "scratch.layer" + std::to_string(i + 1) + "_rn", map, 1, 1);
  }
  at::Tensor main = conv(head + "scratch.output_conv1", fused("", laterals), 1, 1);
  main = with_positions(bilinear(main, image.size(2), image.size(3)), aspect);
  main = conv(head + "scratch.output_conv2.0", main, 1, 1).relu();
  main = conv(head + "scratch.output_conv2.2", main, 1, 0);

  at::Tensor rays = fused("_aux", laterals);
  for (int i = 0; i < 5; ++i) {
    rays = conv(head + "scratch.output_conv1_aux.3." + std::to_string(i), rays, 1, 1);
  }
  const std::string last = head + "scratch.output_conv2_aux.3.";
  rays = conv(last + "0", with_positions(rays, aspect), 1, 1).permute({0, 2, 3, 1});
  rays = norm(last + "2", rays, 1e-5).permute({0, 3, 1, 2}).relu();
  rays = conv(last + "5", rays, 1, 0);
  return main.select(1, 0).exp();
}

}  // namespace depthcloud::rivals
