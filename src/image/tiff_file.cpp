// SPDX-License-Identifier: Apache-2.0
#include "image/tiff_file.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>

namespace depthcloud {
namespace {

constexpr const char* file_name = "bytes";

}  // namespace

struct TiffFile::Callbacks {
  static TiffFile& of(void* handle) { return *static_cast<TiffFile*>(handle); }

  static tmsize_t read(thandle_t handle, void* out, tmsize_t size) {
    TiffFile& file = of(handle);
    if (size <= 0 || file.at_ >= file.bytes_.size()) return 0;
    const std::size_t count =
        std::min<std::size_t>(static_cast<std::size_t>(size), file.bytes_.size() - file.at_);
    std::memcpy(out, file.bytes_.data() + file.at_, count);
    file.at_ += count;
    return static_cast<tmsize_t>(count);
  }
  static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
  static toff_t seek(thandle_t handle, toff_t offset, int whence) {
    TiffFile& file = of(handle);
    if (whence == SEEK_CUR) offset += file.at_;
    if (whence == SEEK_END) offset += file.bytes_.size();
    return file.at_ = offset;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return of(handle).bytes_.size(); }

  static int on_error(TIFF*, void* user, const char*, const char* format, va_list values) {
    TiffFile& file = of(user);
    if (file.error_[0] == 0) {
      std::vsnprintf(file.error_, sizeof file.error_, format, values);
      tidy(file.error_);
    }
    return 1;  // nothing goes to standard error
  }

  /// Takes out the name of no file, and the row, which libtiff says wrongly of most files. Where it
  /// could not read, the file ends.
  static void tidy(char* message) {
    const auto cut = [](char* from, const char* to) {
      std::memmove(from, to, std::strlen(to) + 1);
    };
    const std::string_view name_of_none = file_name;
    if (std::string_view(message).starts_with(name_of_none) &&
        message[name_of_none.size()] == ':') {
      const char* rest = message + name_of_none.size() + 1;
      cut(message, rest + std::strspn(rest, " "));
    }
    if (std::string_view(message).starts_with("Read error")) return cut(message, "truncated");
    constexpr std::string_view row = " at scanline ";
    if (char* at = std::strstr(message, row.data()); at != nullptr) {
      cut(at, at + row.size() + std::strspn(at + row.size(), "0123456789"));
    }
  }
  static int on_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }
};

TiffFile::TiffFile(std::span<const std::uint8_t> bytes, tmsize_t most_at_once) : bytes_(bytes) {
  struct Free {
    void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
  };
  const std::unique_ptr<TIFFOpenOptions, Free> options(TIFFOpenOptionsAlloc());
  if (!options) throw std::bad_alloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), most_at_once);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), Callbacks::on_error, this);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), Callbacks::on_warning, nullptr);
  file_.reset(TIFFClientOpenExt(file_name, "rm", this, Callbacks::read, Callbacks::write,
                                Callbacks::seek, Callbacks::close, Callbacks::size, nullptr,
                                nullptr, options.get()));
}

}  // namespace depthcloud
