// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/conv_stack.hpp"

#include <string>
#include <utility>

#include <ATen/ATen.h>

namespace depthcloud {
namespace {

/// A 3 x 3 convolution without padding: its input has a border already.
constexpr nn::Conv2dOptions conv3x3{.kernel = 3, .stride = 1, .padding = 0, .bias = true};

/// A map with a border of one pixel around it, channels last.
class Bordered {
 public:
  Bordered(std::int64_t batch, std::int64_t channels, std::int64_t height, std::int64_t width,
           const at::TensorOptions& options)
      : whole_(at::empty({batch, channels, height + 2, width + 2}, options,
                         at::MemoryFormat::ChannelsLast)) {}

  /// The pixels inside of the border, to be written.
  at::Tensor inside() const {
    return whole_.narrow(2, 1, whole_.size(2) - 2).narrow(3, 1, whole_.size(3) - 2);
  }

  /// The map with its border pixels repeated.
  const at::Tensor& repeat_border() const {
    for (const std::int64_t axis : {2, 3}) {  // the columns are whole ones: corners come along
      const std::int64_t last = whole_.size(axis) - 1;
      whole_.select(axis, 0).copy_(whole_.select(axis, 1));
      whole_.select(axis, last).copy_(whole_.select(axis, last - 1));
    }
    return whole_;
  }

 private:
  at::Tensor whole_;
};

Bordered bordered_like(const at::Tensor& x) {
  return {x.size(0), x.size(1), x.size(2), x.size(3), x.options()};
}

/// The kernels of the four pixels that one pixel becomes, [4 out, in, 3, 3], from the kernel on the
/// enlarged map.
at::Tensor phase_kernels(const at::Tensor& kernel) {
  // What the pixels before, at and behind place p of the enlarged map, counted from the first that
  // a pixel becomes, are made of: rows for p = -1 .. 2, columns for the pixel before, it, the next.
  const at::Tensor taps =
      at::tensor({0.75F, 0.25F, 0.0F, 0.25F, 0.75F, 0.0F, 0.0F, 0.75F, 0.25F, 0.0F, 0.25F, 0.75F})
          .view({4, 3})
          .to(kernel.device());
  std::vector<at::Tensor> phases;
  for (const std::int64_t row : {0, 1}) {
    for (const std::int64_t column : {0, 1}) {
      const at::Tensor rows = taps.narrow(0, row, 3);
      const at::Tensor columns = taps.narrow(0, column, 3);
      phases.push_back(at::matmul(at::matmul(rows.t(), kernel), columns));
    }
  }
  return at::cat(phases);
}

/// The parameters of a convolution on the enlarged map as those of one on the small map.
nn::Parameters by_phase(const nn::Parameters& parameters, std::int64_t in, std::int64_t out) {
  const auto read = [=](const std::string& name, at::IntArrayRef) {
    if (name == "bias") return parameters.f32(name, {out}).repeat({4});
    return phase_kernels(parameters.f32(name, {out, in, 3, 3}));
  };
  return {read, parameters.device(), parameters.precision()};
}

}  // namespace

ReplicateConv::ReplicateConv(const nn::Parameters& parameters, std::int64_t in, std::int64_t out)
    : conv_(parameters, in, out, conv3x3) {}

at::Tensor ReplicateConv::operator()(const at::Tensor& x) const {
  const Bordered input = bordered_like(x);
  input.inside().copy_(x);
  return conv_(input.repeat_border());
}

at::Tensor ReplicateConv::of_relu(const at::Tensor& x) const {
  const Bordered input = bordered_like(x);
  at::Tensor inside = input.inside();
  at::clamp_min_out(inside, x, 0);
  return conv_(input.repeat_border());
}

at::Tensor ReplicateConv::of_tiles(const at::Tensor& tiles) const {
  const std::int64_t height = tiles.size(1) * tiles.size(2);
  const std::int64_t width = tiles.size(3) * tiles.size(4);
  const Bordered input(tiles.size(0), tiles.size(5), height, width, tiles.options());
  input.inside().permute({0, 2, 3, 1}).view(tiles.sizes()).copy_(tiles);
  return conv_(input.repeat_border());
}

BilinearConv::BilinearConv(const nn::Parameters& parameters, std::int64_t in, std::int64_t out)
    : conv_(by_phase(parameters, in, out), in, 4 * out) {}

at::Tensor BilinearConv::operator()(const at::Tensor& x) const {
  return nn::tiles_to_map(nn::as_tiles(conv_(x).permute({0, 2, 3, 1}), 2));
}

at::Tensor MogeStack::ResidualBlock::operator()(const at::Tensor& x) const {
  return second.of_relu(first.of_relu(x)).add_(x);
}

MogeStack::Resampler::Resampler(const nn::Parameters& parameters, MogeStackConfig::Resampler kind,
                                std::int64_t in, std::int64_t out) {
  const nn::Parameters conv = parameters.under("1");
  if (kind == MogeStackConfig::Resampler::conv_transpose) {
    transposed_.emplace(parameters.under("0"), in, out, 2);
    conv_.emplace(conv, out, out);
  } else {
    bilinear_.emplace(conv, in, out);
  }
}

at::Tensor MogeStack::Resampler::operator()(const at::Tensor& x) const {
  return bilinear_ ? (*bilinear_)(x) : conv_->of_tiles(transposed_->tiles(x));
}

MogeStack::MogeStack(const nn::Parameters& parameters, const MogeStackConfig& config) {
  for (std::size_t level = 0; level < MogeStackConfig::levels; ++level) {
    const std::string number = std::to_string(level);
    const std::int64_t dim = config.dims[level];
    inputs_.emplace_back(parameters.under("input_blocks").under(number), config.dim_in[level], dim);
    const nn::Parameters blocks = parameters.under("res_blocks").under(number);
    std::vector<ResidualBlock>& level_blocks = blocks_.emplace_back();
    for (int block = 0; block < config.residual_blocks[level]; ++block) {
      const nn::Parameters layers = blocks.under(std::to_string(block)).under("layers");
      level_blocks.push_back(
          {ReplicateConv(layers.under("2"), dim, dim), ReplicateConv(layers.under("5"), dim, dim)});
    }
    if (level + 1 == MogeStackConfig::levels) break;
    resamplers_.emplace_back(parameters.under("resamplers").under(number), config.resamplers[level],
                             dim, config.dims[level + 1]);
  }
  if (config.dim_out > 0) {
    output_.emplace(parameters.under("output_blocks").under("4"), config.dims.back(),
                    config.dim_out);
  }
}

MogeStack::Levels MogeStack::operator()(const Levels& inputs) const {
  Levels outputs;
  at::Tensor x;
  for (std::size_t level = 0; level < inputs.size(); ++level) {
    const at::Tensor y = inputs_[level](inputs[level]);
    x = level == 0 ? y : resamplers_[level - 1](x).add_(y);
    for (const ResidualBlock& block : blocks_[level]) x = block(x);
    outputs[level] = x;
  }
  return outputs;
}

at::Tensor MogeStack::output(const at::Tensor& last) const { return (*output_)(last); }

}  // namespace depthcloud
