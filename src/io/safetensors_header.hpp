// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "io/tensor_table.hpp"

namespace depthcloud {

/// What the header says of one tensor; offsets count from the end of the header.
struct SafetensorsEntry {
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, SafetensorsEntry, std::less<>> tensors;
  std::map<std::string, std::string, std::less<>> metadata;
};

/// Reads the JSON header and refuses whatever the format does not say: other JSON, duplicate keys,
/// nesting, missing fields. Does not check that offsets fit shapes and the file.
/// Errors as read_safetensors().
SafetensorsHeader parse_safetensors_header(std::string_view json);

}  // namespace depthcloud
