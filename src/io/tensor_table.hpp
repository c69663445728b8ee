// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace depthcloud {

/// Element types, by their names in the safetensors format. The networks read f32, f16, bf16 and
/// i64; the others are known so that a file that also holds such tensors can be checked.
enum class TensorType {
  f32,
  f16,
  bf16,
  i64,
  f64,
  i32,
  i16,
  i8,
  u64,
  u32,
  u16,
  u8,
  boolean,
  c64,
  c128
};

/// The name of a type as safetensors has it, for instance "BF16".
const char* to_string(TensorType type) noexcept;
/// The type of this name, if it is one.
std::optional<TensorType> find_tensor_type(std::string_view text) noexcept;

/// Bytes of one element.
std::size_t item_size(TensorType type) noexcept;

/// A tensor of a file: row-major, little-endian, aligned to its elements.
struct StoredTensor {
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> bytes;
  std::shared_ptr<const void> owner{};  ///< of the bytes, unless they are the file's
};

/// What a file of weights holds, whatever its format.
struct TensorTable {
  std::map<std::string, StoredTensor, std::less<>> tensors;
  /// Of safetensors `__metadata__`; of a PyTorch checkpoint the dictionaries `config`, `args` and
  /// `model_config`, as JSON.
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Returns the bytes of a tensor of this shape; nothing where that overflows.
std::optional<std::uint64_t> byte_size(TensorType type,
                                       std::span<const std::int64_t> shape) noexcept;

}  // namespace depthcloud
