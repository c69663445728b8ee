// SPDX-License-Identifier: Apache-2.0
#include "wire/zstd.hpp"

#include <memory>
#include <new>
#include <string>

#include <zstd.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

/// Fast, and on residuals that a prediction has made small hardly larger than slower levels.
constexpr int level = 1;

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A context is a megabyte of tables: each thread keeps its own.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (!context) throw std::bad_alloc();
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) throw std::bad_alloc();
  return context.get();
}

}  // namespace

std::vector<std::uint8_t> zstd_compress(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> frame(ZSTD_compressBound(bytes.size()));
  const std::size_t size = ZSTD_compressCCtx(compressor(), frame.data(), frame.size(), bytes.data(),
                                             bytes.size(), level);
  if (ZSTD_isError(size)) {
    throw Error(ErrorCode::out_of_memory, Stage::pack,
                std::string("zstd cannot compress: ") + ZSTD_getErrorName(size));
  }
  frame.resize(size);
  return frame;
}

std::optional<std::uint64_t> zstd_content_size(std::span<const std::uint8_t> frame) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
  return size;
}

bool zstd_decompress(std::span<const std::uint8_t> frame, std::size_t size,
                     Buffer<std::uint8_t>& out) {
  out.resize(size);
  // One frame, and nothing behind it: the library's call would go on with the next one.
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return false;
  return ZSTD_decompressDCtx(decompressor(), out.data(), size, frame.data(), frame.size()) == size;
}

}  // namespace depthcloud
