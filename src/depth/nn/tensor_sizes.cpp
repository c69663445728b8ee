// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/tensor_sizes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void bad_model(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, message);
}

}  // namespace

int TensorSizes::size(std::string_view name, std::size_t rank, std::size_t axis, int most) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) bad_model(fmt::format("tensor {} is missing", quote(name)));
  const std::vector<std::int64_t>& shape = found->second;
  if (shape.size() != rank) {
    bad_model(
        fmt::format("tensor {} has {} axes, it must have {}", quote(name), shape.size(), rank));
  }
  if (shape[axis] < 1 || shape[axis] > most) {
    bad_model(fmt::format("tensor {} has the size {} on axis {}, it must lie between 1 and {}",
                          quote(name), shape[axis], axis, most));
  }
  return static_cast<int>(shape[axis]);
}

int TensorSizes::count(std::string_view prefix, int most) const {
  int count = 0;
  for (auto it = tensors_.lower_bound(prefix);
       it != tensors_.end() && it->first.starts_with(prefix); ++it) {
    const std::string_view tail = std::string_view(it->first).substr(prefix.size());
    int number = 0;
    const auto [end, failure] = std::from_chars(tail.data(), tail.data() + tail.size(), number);
    const bool read = failure == std::errc{} && end != tail.data() + tail.size() && *end == '.';
    if (read && number >= 0 && number < most) count = std::max(count, number + 1);
  }
  return count;
}

int TensorSizes::pos_embed_grid(std::string_view name) const {
  constexpr int most = VitConfig::max_pos_embed_grid;
  const int rows = size(name, 3, 1, 1 + most * most);
  const int grid = static_cast<int>(std::lround(std::sqrt(rows - 1)));
  if (grid < 1 || grid * grid != rows - 1) {
    bad_model(
        fmt::format("tensor {} has {} rows, not one more than a square number", quote(name), rows));
  }
  return grid;
}

}  // namespace depthcloud
