// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include <depthcloud/error.hpp>
#include <depthcloud/files.hpp>

namespace depthcloud {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const char* what, const std::filesystem::path& path, int reason) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  throw Error(missing ? ErrorCode::not_found : ErrorCode::io, Stage::file,
              fmt::format("cannot {} '{}': {}", what, path.string(),
                          std::generic_category().message(reason)));
}

/// A name beside `path` that no other writer of this or another process uses.
std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  static std::atomic<unsigned> serial{0};
  std::filesystem::path temporary = path;
  temporary += fmt::format(".{}.{}.tmp", ::getpid(), serial++);
  return temporary;
}

/// Removes the file unless it was renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void rename_to(const std::filesystem::path& target) {
    std::error_code failure;
    std::filesystem::rename(path_, target, failure);
    if (failure) fail("write", target, failure.value());
    path_.clear();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) fail("read", path, EISDIR);
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail("read", path, errno);

  std::vector<std::uint8_t> bytes;
  const std::uintmax_t expected = std::filesystem::file_size(path, failure);
  if (!failure && expected <= max_bytes) bytes.reserve(expected);
  // Read to the end rather than to the size: pipes have none, and files grow.
  std::uint8_t chunk[1 << 16];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, file.get())) {
    if (bytes.size() + count > max_bytes) {
      throw Error(ErrorCode::limit_exceeded, Stage::file,
                  fmt::format("'{}' is larger than {} bytes", path.string(), max_bytes));
    }
    bytes.insert(bytes.end(), chunk, chunk + count);
  }
  if (std::ferror(file.get())) fail("read", path, errno);
  return bytes;
}

void write_file(const std::filesystem::path& path,
                std::span<const std::span<const std::uint8_t>> parts) {
  // A link, a pipe or a device keeps its place: only a plain name is replaced by renaming.
  std::error_code failure;
  const auto status = std::filesystem::symlink_status(path, failure);
  const bool replace = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  TemporaryFile temporary(replace ? temporary_beside(path) : std::filesystem::path{});

  File file(std::fopen(replace ? temporary.path().c_str() : path.c_str(), "wb"));
  if (!file) fail("write", path, errno);
  for (const auto part : parts) {
    if (part.empty()) continue;  // fwrite takes no null pointer, not even for nothing
    if (std::fwrite(part.data(), 1, part.size(), file.get()) != part.size()) {
      fail("write", path, errno);
    }
  }
  if (std::fclose(file.release()) != 0) fail("write", path, errno);
  if (replace) temporary.rename_to(path);
}

void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  const std::span<const std::uint8_t> parts[] = {bytes};
  write_file(path, parts);
}

}  // namespace depthcloud
