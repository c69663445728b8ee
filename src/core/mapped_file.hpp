// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// A whole file mapped into memory for reading, page-aligned. When another process cuts the file
/// short, reading the lost part raises SIGBUS. Thread-safety: share freely.
class MappedFile {
 public:
  /// Errors (of the given stage): not_found, io.
  MappedFile(const std::filesystem::path& path, Stage stage);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const noexcept { return {data_, size_}; }

  /// Lets go of the memory that what was read so far occupies; reading it again brings it back.
  void release_pages() const noexcept;

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace depthcloud
