// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <tiffio.h>

namespace depthcloud {

/// A TIFF file in memory, opened with libtiff, which prints nothing. Stays where it is: libtiff
/// refers to it. One thread at a time.
class TiffFile {
 public:
  /// Reads the first directory. libtiff asks for at most `most_at_once` bytes in one piece; 0: no
  /// limit. Throws std::bad_alloc; a file that cannot be read is not open.
  explicit TiffFile(std::span<const std::uint8_t> bytes, tmsize_t most_at_once = 0);
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  bool is_open() const { return file_ != nullptr; }
  TIFF* get() const { return file_.get(); }

  /// The first thing that libtiff said is wrong; empty: nothing.
  std::string_view error() const { return error_; }
  void forget_error() { error_[0] = 0; }

  /// A field of the directory, or `missing`.
  template <typename T>
  T field(std::uint32_t tag, T missing = {}) const {
    T value = missing;
    return TIFFGetField(get(), tag, &value) == 1 ? value : missing;
  }

 private:
  struct Callbacks;
  struct Close {
    void operator()(TIFF* file) const { TIFFClose(file); }
  };

  std::span<const std::uint8_t> bytes_;
  std::uint64_t at_ = 0;
  char error_[256] = {};  // of a fixed size: libtiff's callbacks must not throw
  std::unique_ptr<TIFF, Close> file_;
};

}  // namespace depthcloud
