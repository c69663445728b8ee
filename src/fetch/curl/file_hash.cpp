// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl/file_hash.hpp"

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include <openssl/evp.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/mapped_file.hpp"

namespace depthcloud {
namespace {

std::string hash(const EVP_MD* kind, std::string_view start, const std::filesystem::path& path) {
  const MappedFile file(path, Stage::load);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  const bool good =
      context && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1 &&
      EVP_DigestUpdate(context.get(), start.data(), start.size()) == 1 &&
      EVP_DigestUpdate(context.get(), file.bytes().data(), file.bytes().size()) == 1 &&
      EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  if (!good) throw Error(ErrorCode::internal, Stage::load, "OpenSSL computes no hash");
  return fmt::format("{:02x}", fmt::join(std::span(digest).first(length), ""));
}

}  // namespace

std::string sha256_of(const std::filesystem::path& path) { return hash(EVP_sha256(), "", path); }

std::string git_hash_of(const std::filesystem::path& path) {
  std::string start = fmt::format("blob {}", std::filesystem::file_size(path));
  start.push_back('\0');
  return hash(EVP_sha1(), start, path);
}

}  // namespace depthcloud
