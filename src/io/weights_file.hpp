// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/tensor_table.hpp"

namespace depthcloud {

class MappedFile;

/// Returns the file of weights that a source names: itself, or of a folder its model.safetensors,
/// its model.safetensors.index.json, or the only checkpoint of PyTorch in it (.pt, .pth, .bin,
/// ...). Errors (stage load): not_found (a folder without any), unsupported (a folder with
/// several).
std::filesystem::path weights_path(const std::filesystem::path& source);

/// Whether a file is named as a checkpoint of PyTorch is, ".pt" apart, which TorchScript has too.
bool has_checkpoint_name(const std::filesystem::path& path);

/// A tensor where it lies in the file: row-major, little-endian, aligned to its elements.
struct TensorView {
  TensorType type = TensorType::f32;
  std::span<const std::int64_t> shape;
  std::span<const std::uint8_t> bytes;
};

/// The tensors of a file of weights: safetensors, safetensors in several files with their index, or
/// a checkpoint of torch.save(), which is read as data and never run. Checked whole when it is
/// opened, and read in place as far as its format allows. Copies share the bytes; the views that it
/// hands out are valid while any copy lives.
///
/// Errors (stage load): as read_safetensors() and read_torch_checkpoint(), and bad_model (a tensor
/// that is missing or of another shape), unsupported (of another type). Thread-safety: share
/// freely.
class WeightsFile {
 public:
  /// Maps the file, or each of those that an index names, into memory. What it is decide its first
  /// bytes, not its name. Another process that cuts a file short afterwards makes reading the lost
  /// part a SIGBUS, as with every mapped file: replace model files by renaming. Errors as above;
  /// not_found, io.
  static WeightsFile open(const std::filesystem::path& path);

  /// Reads safetensors from memory that is aligned to 8 bytes and that the caller keeps alive and
  /// unchanged.
  static WeightsFile parse(std::span<const std::uint8_t> bytes);

  /// Names of all tensors, sorted; aliases are not among them.
  std::vector<std::string_view> names() const;

  /// See TensorTable::metadata.
  const std::map<std::string, std::string, std::less<>>& metadata() const noexcept;

  /// A tensor by its name, or by an alias: the metadata of a file with tied tensors maps the name
  /// that is not stored to the one that is. One step only.
  std::optional<TensorView> find(std::string_view name) const;

  /// A tensor that must be there, with this shape and a type that the networks read.
  TensorView tensor(std::string_view name, std::span<const std::int64_t> shape) const;

  /// Of mapped files: lets go of the memory of all tensors read so far. Whoever copied them need
  /// not hold them twice; the views stay valid, and what is read again comes back from the file.
  void release_pages() const noexcept;

 private:
  struct Contents;
  explicit WeightsFile(std::shared_ptr<const Contents> contents);

  std::shared_ptr<const Contents> contents_;
};

}  // namespace depthcloud
