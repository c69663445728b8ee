// SPDX-License-Identifier: Apache-2.0
#include "io/tensor_table.hpp"

#include <limits>

#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<TensorType, 15> tensor_types{{"F32", "F16", "BF16", "I64", "F64", "I32", "I16",
                                                  "I8", "U64", "U32", "U16", "U8", "BOOL", "C64",
                                                  "C128"}};

}  // namespace

const char* to_string(TensorType type) noexcept { return tensor_types.to_string(type); }

std::optional<TensorType> find_tensor_type(std::string_view text) noexcept {
  return tensor_types.find(text);
}

std::size_t item_size(TensorType type) noexcept {
  switch (type) {
    case TensorType::c128:
      return 16;
    case TensorType::i64:
    case TensorType::f64:
    case TensorType::u64:
    case TensorType::c64:
      return 8;
    case TensorType::f32:
    case TensorType::i32:
    case TensorType::u32:
      return 4;
    case TensorType::f16:
    case TensorType::bf16:
    case TensorType::i16:
    case TensorType::u16:
      return 2;
    case TensorType::i8:
    case TensorType::u8:
    case TensorType::boolean:
      return 1;
  }
  return 1;
}

std::optional<std::uint64_t> byte_size(TensorType type,
                                       std::span<const std::int64_t> shape) noexcept {
  std::uint64_t size = item_size(type);
  for (const std::int64_t side : shape) {
    const auto factor = static_cast<std::uint64_t>(side);
    if (factor != 0 && size > std::numeric_limits<std::uint64_t>::max() / factor) {
      return std::nullopt;
    }
    size *= factor;
  }
  return size;
}

}  // namespace depthcloud
