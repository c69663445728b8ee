// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace depthcloud {

class MappedFile;

/// Element types of the safetensors format. The networks read f32, f16, bf16 and i64; the others
/// are known so that a file that also holds such tensors can be checked.
enum class TensorType { f32, f16, bf16, i64, f64, i32, i16, i8, u64, u32, u16, u8, boolean };

/// The name of a type as it stands in the file, for instance "BF16".
const char* to_string(TensorType type) noexcept;
/// The type of this name, if it is one.
std::optional<TensorType> find_tensor_type(std::string_view text) noexcept;

/// Bytes of one element.
std::size_t item_size(TensorType type) noexcept;

/// A tensor where it lies in the file: row-major, little-endian, aligned to its elements.
struct TensorView {
  TensorType type = TensorType::f32;
  std::span<const std::int64_t> shape;
  std::span<const std::uint8_t> bytes;
};

/// Whether a file is a Python pickle by its name alone: such a file is not even opened.
bool has_pickle_name(const std::filesystem::path& path);

/// A safetensors file (https://github.com/huggingface/safetensors, "Format"), checked whole when it
/// is opened and read in place: nothing is copied. Copies share the bytes; the views that it hands
/// out are valid while any copy lives.
///
/// Errors (stage load): bad_model (truncated, a header that is not as the format says, offsets that
/// overlap, leave a hole or disagree with the shape, a tensor that is missing or of another shape),
/// limit_exceeded (the header), unsupported (element types, misaligned data, pickles).
/// Thread-safety: share freely.
class SafetensorsFile {
 public:
  static constexpr std::uint64_t max_header_bytes = 100'000'000;  ///< as the format's own reader

  /// Maps the file into memory. Another process that cuts the file short afterwards makes reading
  /// the lost part a SIGBUS, as with every mapped file: replace model files by renaming.
  /// Errors as above; not_found, io.
  static SafetensorsFile open(const std::filesystem::path& path);

  /// Reads from memory that is aligned to 8 bytes and that the caller keeps alive and unchanged.
  static SafetensorsFile parse(std::span<const std::uint8_t> bytes);

  /// Names of all tensors, sorted; aliases are not among them.
  std::vector<std::string_view> names() const;

  /// The string map `__metadata__`, empty where there is none.
  const std::map<std::string, std::string, std::less<>>& metadata() const noexcept;

  /// A tensor by its name, or by an alias: the metadata of a file with tied tensors maps the name
  /// that is not stored to the one that is. One step only.
  std::optional<TensorView> find(std::string_view name) const;

  /// A tensor that must be there, with this shape and a type that the networks read.
  TensorView tensor(std::string_view name, std::span<const std::int64_t> shape) const;

  /// Of a mapped file: lets go of the memory of all tensors read so far. Whoever copied them need
  /// not hold them twice; the views stay valid, and what is read again comes back from the file.
  void release_pages() const noexcept;

 private:
  struct Contents;
  explicit SafetensorsFile(std::shared_ptr<const Contents> contents);
  static SafetensorsFile read(std::span<const std::uint8_t> bytes,
                              std::shared_ptr<const MappedFile> file);

  std::shared_ptr<const Contents> contents_;
};

}  // namespace depthcloud
