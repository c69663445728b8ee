// SPDX-License-Identifier: Apache-2.0
#include "depth/torchscript/outputs.hpp"

#include <string>
#include <string_view>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::infer, "the TorchScript module " + message);
}

std::string shape_text(at::IntArrayRef shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

/// The outputs by name; undefined where the module does not give one.
struct Outputs {
  at::Tensor depth;
  at::Tensor confidence;
  at::Tensor sky;
  at::Tensor intrinsics;
  at::Tensor extrinsics;
};

at::Tensor tensor(const c10::IValue& value, std::string_view what) {
  if (!value.isTensor()) fail(fmt::format("returned {} as {}", what, value.tagKind()));
  return value.toTensor();
}

Outputs from_tuple(const std::vector<c10::IValue>& elements) {
  if (elements.empty() || elements.size() > 3) {
    fail(fmt::format("returned a tuple of {}: depth[, confidence[, intrinsics]] expected",
                     elements.size()));
  }
  Outputs outputs;
  outputs.depth = tensor(elements[0], "depth");
  if (elements.size() > 1) outputs.confidence = tensor(elements[1], "confidence");
  if (elements.size() > 2) outputs.intrinsics = tensor(elements[2], "intrinsics");
  return outputs;
}

Outputs from_dict(const c10::impl::GenericDict& dict) {
  const auto named = [&](const char* key) {
    const auto found = dict.find(key);
    return found == dict.end() ? at::Tensor{} : tensor(found->value(), key);
  };
  if (dict.keyType()->kind() != c10::TypeKind::StringType) fail("returned a dict without names");
  return {named("depth"), named("confidence"), named("sky"), named("intrinsics"),
          named("extrinsics")};
}

Outputs by_name(const c10::IValue& value) {
  if (value.isTensor()) return {value.toTensor(), {}, {}, {}, {}};
  if (value.isTuple()) return from_tuple(value.toTupleRef().elements().vec());
  if (value.isGenericDict()) return from_dict(value.toGenericDict());
  fail(fmt::format("returned {}: a tensor, a tuple or a dict expected", value.tagKind()));
}

/// One value a pixel: [B, H, W] or [B, 1, H, W], cropped to [B, grid height, grid width].
at::Tensor plane(at::Tensor tensor, const char* what, const at::Tensor& input, const Grid& grid) {
  if (tensor.dim() == 4 && tensor.size(1) == 1) tensor = tensor.squeeze(1);
  const std::vector<std::int64_t> expected{input.size(0), input.size(2), input.size(3)};
  if (tensor.sizes() != at::IntArrayRef(expected)) {
    fail(fmt::format("returned {} of shape {} in place of {}", what, shape_text(tensor.sizes()),
                     shape_text(expected)));
  }
  return tensor.slice(1, 0, grid.height).slice(2, 0, grid.width);
}

at::Tensor float_plane(const at::Tensor& tensor, const char* what, const at::Tensor& input,
                       const Grid& grid) {
  if (!tensor.defined()) return {};
  if (!tensor.is_floating_point()) {
    fail(fmt::format("returned {} of type {}, not floating", what, toString(tensor.scalar_type())));
  }
  return plane(tensor, what, input, grid).to(at::kFloat).contiguous();
}

at::Tensor mask_plane(const at::Tensor& tensor, const char* what, const at::Tensor& input,
                      const Grid& grid) {
  if (!tensor.defined()) return {};
  if (tensor.scalar_type() != at::kBool && tensor.scalar_type() != at::kByte) {
    fail(fmt::format("returned {} of type {}, not bool", what, toString(tensor.scalar_type())));
  }
  return plane(tensor, what, input, grid).ne(0).to(at::kByte).contiguous();
}

/// One matrix an image, in host memory as double.
at::Tensor matrices(const at::Tensor& tensor, const char* what, std::int64_t batch,
                    std::int64_t columns) {
  if (!tensor.defined()) return {};
  const std::vector<std::int64_t> expected{batch, 3, columns};
  if (tensor.sizes() != at::IntArrayRef(expected) || !tensor.is_floating_point()) {
    fail(fmt::format("returned {} of type {} and shape {} in place of floating {}", what,
                     toString(tensor.scalar_type()), shape_text(tensor.sizes()),
                     shape_text(expected)));
  }
  return tensor.to(at::kCPU).to(at::kDouble).contiguous();
}

void add_intrinsics(const at::Tensor& matrix, std::vector<ViewInfo>& views) {
  if (!matrix.defined()) return;
  const auto k = matrix.accessor<double, 3>();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    views[i].intrinsics = {k[row][0][0], k[row][1][1], k[row][0][2], k[row][1][2]};
  }
}

void add_extrinsics(const at::Tensor& matrix, std::vector<ViewInfo>& views) {
  if (!matrix.defined()) return;
  const double* values = matrix.data_ptr<double>();
  for (ViewInfo& view : views) {
    Extrinsics& extrinsics = view.extrinsics.emplace();
    std::copy_n(values, extrinsics.size(), extrinsics.begin());
    values += extrinsics.size();
  }
}

}  // namespace

Prediction read_outputs(const c10::IValue& value, const at::Tensor& input, const Grid& grid) {
  const Outputs outputs = by_name(value);
  if (!outputs.depth.defined()) fail("returned no depth");

  Prediction prediction;
  prediction.depth = float_plane(outputs.depth, "depth", input, grid);
  prediction.confidence = float_plane(outputs.confidence, "confidence", input, grid);
  prediction.sky = mask_plane(outputs.sky, "sky", input, grid);
  prediction.views.resize(static_cast<std::size_t>(input.size(0)));
  add_intrinsics(matrices(outputs.intrinsics, "intrinsics", input.size(0), 3), prediction.views);
  add_extrinsics(matrices(outputs.extrinsics, "extrinsics", input.size(0), 4), prediction.views);
  return prediction;
}

}  // namespace depthcloud
