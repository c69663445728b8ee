// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl/partial_file.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

fs::path with_suffix(fs::path path, const char* suffix) {
  path += suffix;
  return path;
}

}  // namespace

PartialFile::PartialFile(const fs::path& target)
    : target_(target),
      path_(with_suffix(target, ".partial")),
      identity_path_(with_suffix(target, ".partial.etag")),
      file_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  struct stat status {};
  if (file_ < 0 || ::fstat(file_, &status) != 0) fail("opened");
  size_ = static_cast<std::uint64_t>(status.st_size);
}

PartialFile::~PartialFile() {
  if (file_ >= 0) ::close(file_);
}

void PartialFile::fail(const char* what) const {
  const std::error_code reason(errno, std::generic_category());
  const bool full = reason == std::errc::no_space_on_device ||
                    reason == std::error_code(EDQUOT, std::generic_category());
  throw Error(full ? ErrorCode::limit_exceeded : ErrorCode::io, Stage::load,
              fmt::format("'{}' cannot be {}: {}", path_.string(), what, reason.message()));
}

void PartialFile::append(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PartialFile::clear() {
  if (::ftruncate(file_, 0) != 0) fail("emptied");
  size_ = 0;
}

PartialFile::Identity PartialFile::identity() const {
  Identity identity;
  std::ifstream file(identity_path_);
  std::getline(file, identity.etag);
  std::getline(file, identity.hub_hash);
  return identity;
}

void PartialFile::set_identity(const Identity& identity) const {
  std::ofstream(identity_path_) << identity.etag << '\n' << identity.hub_hash << '\n';
}

void PartialFile::publish() {
  if (::fsync(file_) != 0) fail("written");
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail("renamed");
  const int folder = ::open(target_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  std::error_code failure;
  fs::remove(identity_path_, failure);
}

void PartialFile::discard() noexcept {
  std::error_code failure;
  fs::remove(path_, failure);
  fs::remove(identity_path_, failure);
}

}  // namespace depthcloud
