// SPDX-License-Identifier: Apache-2.0
#include "core/mapped_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, Stage stage, int reason) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  throw Error(
      missing ? ErrorCode::not_found : ErrorCode::io, stage,
      fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(reason)));
}

class Descriptor {
 public:
  // Not blocking, or opening a pipe would wait for a writer.
  explicit Descriptor(const std::filesystem::path& path)
      : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path, Stage stage) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) fail(path, stage, EISDIR);
  const Descriptor file(path);
  struct stat status = {};
  if (file.value() < 0 || ::fstat(file.value(), &status) != 0) fail(path, stage, errno);
  if (!S_ISREG(status.st_mode)) fail(path, stage, ENODEV);
  if (status.st_size == 0) return;  // mmap refuses an empty range
  size_ = static_cast<std::size_t>(status.st_size);
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (data == MAP_FAILED) fail(path, stage, errno);
  data_ = static_cast<const std::uint8_t*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

void MappedFile::release_pages() const noexcept {
  if (data_ != nullptr) ::madvise(const_cast<std::uint8_t*>(data_), size_, MADV_DONTNEED);
}

}  // namespace depthcloud
