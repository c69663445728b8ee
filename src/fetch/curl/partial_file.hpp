// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace depthcloud {

/// What is there of a file that is being downloaded: NAME.partial and, beside it, NAME.partial.etag
/// with what the server called the content, so that a later process completes the same content
/// only. Errors: io, limit_exceeded (the disk is full).
class PartialFile {
 public:
  /// Opens or makes it.
  explicit PartialFile(const std::filesystem::path& target);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  void append(std::span<const char> bytes);
  void clear();

  /// What the servers called the content: an ETag and the hub's hash, either may be empty.
  struct Identity {
    std::string etag;
    std::string hub_hash;
  };
  Identity identity() const;
  void set_identity(const Identity& identity) const;

  /// Puts all of it on the disk under its name, where another file may be.
  void publish();
  /// Removes it.
  void discard() noexcept;

 private:
  [[noreturn]] void fail(const char* what) const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  std::filesystem::path identity_path_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace depthcloud
