// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// One file of a ZIP archive.
struct ZipEntry {
  std::string_view name;
  std::uint16_t method = 0;              ///< 0: stored; 8: deflated
  std::uint32_t crc = 0;                 ///< CRC-32 of the unpacked bytes
  std::uint64_t size = 0;                ///< unpacked
  std::span<const std::uint8_t> packed;  ///< as it lies in the archive
};

/// What the errors of an archive say: they are of this stage, with `format` in front.
struct ZipErrors {
  std::string_view format;
  Stage stage = Stage::file;
  ErrorCode damaged = ErrorCode::corrupt_data;
};

/// The directory of a ZIP archive in memory, with or without zip64 records, checked whole when it
/// is read: sizes and places are within the archive, local headers agree with the directory, no two
/// files overlap or have one name, nothing lies before the first or behind the end record. Nothing
/// is unpacked. Source: PKWARE, APPNOTE.TXT 6.3.
///
/// Errors: ZipErrors::damaged, unsupported (encryption, several disks), limit_exceeded (more than
/// 100,000 files or 64 MiB of directory).
class ZipArchive {
 public:
  /// The caller keeps the bytes alive and unchanged.
  ZipArchive(std::span<const std::uint8_t> bytes, const ZipErrors& errors);

  /// In the order of the directory.
  const std::vector<ZipEntry>& entries() const noexcept { return entries_; }
  /// nullptr where there is none.
  const ZipEntry* find(std::string_view name) const;

  /// Throws unless these are the unpacked bytes of the entry, by their checksum.
  void check(const ZipEntry& entry, std::span<const std::uint8_t> unpacked) const;
  /// Unpacks a deflated entry into `out` as far as either reaches; how many bytes came.
  std::size_t inflate(const ZipEntry& entry, std::span<std::uint8_t> out) const;

 private:
  struct Directory;
  Directory find_directory() const;
  std::size_t add_entry(std::size_t at, const Directory& directory);
  std::size_t data_begin(std::size_t header, std::span<const std::uint8_t> record,
                         const ZipEntry& entry, std::uint64_t packed) const;
  void check_apart() const;
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail(ErrorCode code, const std::string& message) const;

  std::span<const std::uint8_t> bytes_;
  ZipErrors errors_;
  std::vector<ZipEntry> entries_;
  std::vector<std::size_t> headers_;  ///< where the local header of each entry begins
};

}  // namespace depthcloud
