// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/enum_names.hpp"
#include "core/file_kind.hpp"
#include "core/mapped_file.hpp"
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

[[noreturn]] void refuse_pickle(const std::string& name) {
  throw Error(ErrorCode::unsupported, Stage::load,
              name +
                  " is a Python pickle, which can run code when it is read: convert it to "
                  ".safetensors with safetensors.torch.save_file");
}

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
  if (size > SafetensorsFile::max_header_bytes) {
    refuse_other_kind(bytes);
    fail(ErrorCode::limit_exceeded, fmt::format("a header of {} bytes is above the limit of {}",
                                                size, SafetensorsFile::max_header_bytes));
  }
  if (size > bytes.size() - length_bytes) {
    refuse_other_kind(bytes);
    fail(fmt::format("truncated: a header of {} bytes in a file of {}", size, bytes.size()));
  }
  return size;
}

std::uint64_t byte_size(const std::string& name, const SafetensorsEntry& tensor) {
  std::uint64_t size = item_size(tensor.type);
  for (const std::int64_t side : tensor.shape) {
    const auto factor = static_cast<std::uint64_t>(side);
    if (factor != 0 && size > std::numeric_limits<std::uint64_t>::max() / factor) {
      fail(fmt::format("the size of tensor {} overflows: shape [{}]", quote(name),
                       fmt::join(tensor.shape, ", ")));
    }
    size *= factor;
  }
  return size;
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
  const std::uint64_t expected = byte_size(name, tensor);
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

constexpr EnumNames<TensorType, 13> tensor_types{
    {"F32", "F16", "BF16", "I64", "F64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"}};

bool readable(TensorType type) {
  return type == TensorType::f32 || type == TensorType::f16 || type == TensorType::bf16 ||
         type == TensorType::i64;
}

}  // namespace

bool has_pickle_name(const std::filesystem::path& path) {
  constexpr std::array suffixes = {".pth", ".bin", ".pkl", ".pickle", ".ckpt"};
  const std::string name = path.filename().string();
  return std::ranges::any_of(suffixes, [&](const char* suffix) { return name.ends_with(suffix); });
}

const char* to_string(TensorType type) noexcept { return tensor_types.to_string(type); }
std::optional<TensorType> find_tensor_type(std::string_view text) noexcept {
  return tensor_types.find(text);
}

std::size_t item_size(TensorType type) noexcept {
  switch (type) {
    case TensorType::i64:
    case TensorType::f64:
    case TensorType::u64:
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

struct SafetensorsFile::Contents {
  std::shared_ptr<const MappedFile> file;  ///< null: the caller keeps the bytes
  std::span<const std::uint8_t> data;
  SafetensorsHeader header;
};

SafetensorsFile::SafetensorsFile(std::shared_ptr<const Contents> contents)
    : contents_(std::move(contents)) {}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  if (has_pickle_name(path)) refuse_pickle(quote(path.string()));
  const auto file = std::make_shared<const MappedFile>(path, Stage::load);
  return read(file->bytes(), file);
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::uint8_t> bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % length_bytes != 0) {
    fail(ErrorCode::invalid_argument, "the bytes are not aligned to 8");
  }
  return read(bytes, nullptr);
}

SafetensorsFile SafetensorsFile::read(std::span<const std::uint8_t> bytes,
                                      std::shared_ptr<const MappedFile> file) try {
  const std::uint64_t size = header_size(bytes);
  const auto json = bytes.subspan(length_bytes, size);
  auto contents = std::make_shared<Contents>();
  contents->file = std::move(file);
  contents->data = bytes.subspan(length_bytes + size);
  contents->header =
      parse_safetensors_header({reinterpret_cast<const char*>(json.data()), json.size()});
  for (const auto& [name, tensor] : contents->header.tensors) {
    check_tensor(name, tensor, length_bytes + size, contents->data.size());
  }
  check_layout(contents->header, contents->data.size());
  return SafetensorsFile(std::move(contents));
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::load, "no memory for a safetensors header");
}

std::vector<std::string_view> SafetensorsFile::names() const {
  std::vector<std::string_view> names;
  names.reserve(contents_->header.tensors.size());
  for (const auto& [name, tensor] : contents_->header.tensors) names.emplace_back(name);
  return names;
}

const std::map<std::string, std::string, std::less<>>& SafetensorsFile::metadata() const noexcept {
  return contents_->header.metadata;
}

std::optional<TensorView> SafetensorsFile::find(std::string_view name) const {
  const auto& [tensors, metadata] = contents_->header;
  auto found = tensors.find(name);
  if (found == tensors.end()) {
    const auto alias = metadata.find(name);
    if (alias != metadata.end()) found = tensors.find(alias->second);
  }
  if (found == tensors.end()) return std::nullopt;
  const SafetensorsEntry& tensor = found->second;
  return TensorView{tensor.type, tensor.shape,
                    contents_->data.subspan(tensor.begin, tensor.end - tensor.begin)};
}

TensorView SafetensorsFile::tensor(std::string_view name,
                                   std::span<const std::int64_t> shape) const {
  const auto found = find(name);
  if (!found) fail(fmt::format("tensor {} is missing", quote(name)));
  if (!readable(found->type)) {
    fail(ErrorCode::unsupported,
         fmt::format("tensor {} has elements of type {} (F32, F16, BF16 and I64 are read)",
                     quote(name), depthcloud::to_string(found->type)));
  }
  if (!std::ranges::equal(found->shape, shape)) {
    fail(fmt::format("tensor {} has shape [{}] in place of [{}]", quote(name),
                     fmt::join(found->shape, ", "), fmt::join(shape, ", ")));
  }
  return *found;
}

void SafetensorsFile::release_pages() const noexcept {
  if (contents_->file) contents_->file->release_pages();
}

}  // namespace depthcloud
