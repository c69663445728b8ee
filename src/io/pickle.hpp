// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/tensor_table.hpp"

namespace depthcloud {

/// A value of a pickle, as plain data.
struct PickleValue {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    real,  ///< `number` holds the bits of the double
    text,
    bytes,  ///< `number` of them; what they are has no effect
    tuple,  ///< `number` is the index in Pickle::items, of the other containers too
    list,
    dict,  ///< keys and values in turn
    set,
    global,   ///< `number` is the index in the table of those that are known
    storage,  ///< `number` is the index in Pickle::storages
    tensor,   ///< `number` is the index in Pickle::tensors
    opaque,   ///< known, and of no interest; `text` names it
  };

  Kind kind = Kind::none;
  std::uint8_t depth = 0;  ///< of containers: how deep they are nested
  std::int64_t number = 0;
  std::string_view text{};
};

/// The memory of a tensor: a record of the archive.
struct PickledStorage {
  std::string_view key;  ///< names the record
  TensorType type = TensorType::u8;
  std::int64_t numel = 0;  ///< elements of `type`
};

/// A strided view of a storage; offset and strides count elements.
struct PickledTensor {
  std::size_t storage = 0;
  TensorType type = TensorType::f32;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

/// What a pickle of PyTorch's says, as data. Values refer to each other by index, so that a cycle
/// or a deep nesting does no harm.
struct Pickle {
  using Index = std::uint32_t;

  std::vector<PickleValue> values;
  std::vector<std::vector<Index>> items;  ///< of the containers
  std::vector<PickledStorage> storages;
  std::vector<PickledTensor> tensors;
  Index root = 0;

  const PickleValue& operator[](Index index) const { return values[index]; }
  const std::vector<Index>& items_of(const PickleValue& container) const {
    return items[static_cast<std::size_t>(container.number)];
  }
};

/// Reads a pickle of protocol 2, 3 or 4 as data: a closed list of instructions and of the globals
/// that state dictionaries need. Nothing is imported, looked up, called or written; a global is an
/// entry of a table, and a call of one is a check of its arguments. `bytes` must outlive the
/// result.
///
/// Errors (stage load): bad_model (damaged, or not what PyTorch writes), unsupported (an
/// instruction or a global that is not on the list, named), limit_exceeded. Source of the
/// instructions: CPython, Lib/pickletools.py.
Pickle read_pickle(std::span<const std::uint8_t> bytes);

}  // namespace depthcloud
