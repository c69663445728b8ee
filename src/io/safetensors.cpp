// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/quote.hpp"
#include "io/safetensors_header.hpp"

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read in place");

constexpr std::size_t length_bytes = 8;  ///< the header's length, before the header

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, "safetensors: " + message);
}

[[noreturn]] void fail(const std::string& message) { fail(ErrorCode::bad_model, message); }

/// Throws where the file has the mark of another kind. Sounds, and text that is not ASCII, could
/// also be a length that is only too large.
void refuse_other_kind(std::span<const std::uint8_t> bytes) {
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::unknown || kind == FileKind::safetensors || kind == FileKind::sound) return;
  const auto start = bytes.first(std::min(bytes.size(), length_bytes));
  const bool is_ascii = std::ranges::all_of(start, [](std::uint8_t byte) { return byte < 0x80; });
  if (kind == FileKind::text && !is_ascii) return;
  fail(kind == FileKind::empty ? ErrorCode::bad_model : ErrorCode::unsupported,
       "this is " + describe_no_weights(bytes));
}

std::uint64_t header_size(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < length_bytes) {
    refuse_other_kind(bytes);
    fail(fmt::format("truncated: {} bytes do not hold the header's length", bytes.size()));
  }
  std::uint64_t size = 0;
  std::memcpy(&size, bytes.data(), length_bytes);
  if (size > max_safetensors_header) {
    refuse_other_kind(bytes);
    fail(ErrorCode::limit_exceeded, fmt::format("a header of {} bytes is above the limit of {}",
                                                size, max_safetensors_header));
  }
  if (size > bytes.size() - length_bytes) {
    refuse_other_kind(bytes);
    fail(fmt::format("truncated: a header of {} bytes in a file of {}", size, bytes.size()));
  }
  return size;
}

std::uint64_t expected_bytes(const std::string& name, const SafetensorsEntry& tensor) {
  if (const auto size = byte_size(tensor.type, tensor.shape)) return *size;
  fail(fmt::format("the size of tensor {} overflows: shape [{}]", quote(name),
                   fmt::join(tensor.shape, ", ")));
}

/// Checks one tensor: its bytes are within the data, aligned, and as many as its shape requires.
void check_tensor(const std::string& name, const SafetensorsEntry& tensor, std::uint64_t data_begin,
                  std::uint64_t data_size) {
  if (tensor.begin > tensor.end) {
    fail(fmt::format("tensor {} ends at byte {}, before it begins at {}", quote(name), tensor.end,
                     tensor.begin));
  }
  if (tensor.end > data_size) {
    fail(fmt::format("truncated: tensor {} ends at byte {} of {} bytes of data", quote(name),
                     tensor.end, data_size));
  }
  const std::uint64_t expected = expected_bytes(name, tensor);
  if (tensor.end - tensor.begin != expected) {
    fail(fmt::format("tensor {} holds {} bytes where {} of shape [{}] take {}", quote(name),
                     tensor.end - tensor.begin, depthcloud::to_string(tensor.type),
                     fmt::join(tensor.shape, ", "), expected));
  }
  if ((data_begin + tensor.begin) % item_size(tensor.type) != 0) {
    fail(ErrorCode::unsupported,
         fmt::format("tensor {} begins at byte {} of the file, which is not a multiple of {}: save "
                     "the file again with safetensors 0.3 or newer",
                     quote(name), data_begin + tensor.begin, item_size(tensor.type)));
  }
}

/// All tensors together: they follow each other without overlap and hole and fill the data.
void check_layout(const SafetensorsHeader& header, std::uint64_t data_size) {
  struct Range {
    std::uint64_t begin;
    std::uint64_t end;
    const std::string* name;
  };
  std::vector<Range> ranges;
  ranges.reserve(header.tensors.size());
  for (const auto& [name, tensor] : header.tensors) {
    ranges.push_back({tensor.begin, tensor.end, &name});
  }
  std::ranges::sort(ranges, {}, [](const Range& r) { return std::pair(r.begin, r.end); });

  std::uint64_t filled = 0;
  for (const Range& range : ranges) {
    if (range.begin < filled) {
      fail(fmt::format("tensor {} overlaps the one before it: begins at byte {}, before {}",
                       quote(*range.name), range.begin, filled));
    }
    if (range.begin > filled) {
      fail(fmt::format("a hole of {} bytes before tensor {}", range.begin - filled,
                       quote(*range.name)));
    }
    filled = range.end;
  }
  if (filled != data_size) {
    fail(fmt::format("a hole of {} bytes after the last tensor", data_size - filled));
  }
}

}  // namespace

TensorTable read_safetensors(std::span<const std::uint8_t> bytes) try {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % length_bytes != 0) {
    fail(ErrorCode::invalid_argument, "the bytes are not aligned to 8");
  }
  const std::uint64_t size = header_size(bytes);
  const auto json = bytes.subspan(length_bytes, size);
  const auto data = bytes.subspan(length_bytes + size);
  SafetensorsHeader header =
      parse_safetensors_header({reinterpret_cast<const char*>(json.data()), json.size()});
  for (const auto& [name, tensor] : header.tensors) {
    check_tensor(name, tensor, length_bytes + size, data.size());
  }
  check_layout(header, data.size());
  TensorTable table;
  table.metadata = std::move(header.metadata);
  for (auto& [name, tensor] : header.tensors) {
    table.tensors.emplace(
        name, StoredTensor{tensor.type, std::move(tensor.shape),
                           data.subspan(tensor.begin, tensor.end - tensor.begin), nullptr});
  }
  return table;
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::load, "no memory for a safetensors header");
}

}  // namespace depthcloud
