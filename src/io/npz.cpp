// SPDX-License-Identifier: Apache-2.0
#include "io/npz.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/npy.hpp"
#include "io/zip_archive.hpp"

namespace depthcloud {
namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "npz: " + message);
}

[[noreturn]] void corrupt(const std::string& message) { fail(ErrorCode::corrupt_data, message); }

std::string_view array_name(const ZipEntry& entry) {
  const std::string_view name = entry.name;
  return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

std::string names_of(const std::vector<ZipEntry>& entries) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(entries.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + quote(array_name(entries[i]));
  }
  return entries.size() > most ? text + ", ..." : text;
}

const ZipEntry& choose(const std::vector<ZipEntry>& entries, const std::string& wanted) {
  if (entries.empty()) corrupt("the archive holds no array");
  if (wanted.empty() && entries.size() == 1) return entries.front();
  const auto found = std::ranges::find(entries, wanted.empty() ? "depth" : wanted, array_name);
  if (found != entries.end()) return *found;
  if (wanted.empty()) {
    fail(ErrorCode::invalid_argument,
         fmt::format("say which of its arrays is depth (on the command line --depth-array): {}",
                     names_of(entries)));
  }
  fail(ErrorCode::invalid_argument,
       fmt::format("no array is called {}, only {}", quote(wanted), names_of(entries)));
}

/// The array's file, of which `data_at + data_size` bytes are wanted and neither more nor less.
std::vector<std::uint8_t> unpack(const ZipArchive& archive, const ZipEntry& entry,
                                 const DepthFileOptions& options) {
  std::vector<std::uint8_t> start(std::min<std::size_t>(entry.size, max_npy_data_at));
  start.resize(archive.inflate(entry, start));
  const NpyHeader header = read_npy_header(start, options);
  const std::size_t size = header.data_at + header.data_size;
  if (entry.size != size) {
    corrupt(fmt::format("{} bytes for an array of {} x {} that takes {}", entry.size, header.height,
                        header.width, size));
  }
  std::vector<std::uint8_t> bytes(size + 1);  // one more than may come
  if (archive.inflate(entry, bytes) != size) corrupt("an array unpacks to another size");
  bytes.resize(size);
  return bytes;
}

}  // namespace

Plane read_npz(Bytes bytes, const DepthFileOptions& options) {
  const ZipArchive archive(bytes, {.format = "npz"});
  const ZipEntry& entry = choose(archive.entries(), options.array);
  if (entry.method == 0) {
    read_npy_header(entry.packed, options);  // which says more than a wrong checksum does
    archive.check(entry, entry.packed);
    return read_npy(entry.packed, options);
  }
  constexpr int deflated = 8;
  if (entry.method != deflated) {
    fail(ErrorCode::unsupported,
         fmt::format("compression method {} (0 and 8 are read)", entry.method));
  }
  const std::vector<std::uint8_t> unpacked = unpack(archive, entry, options);
  archive.check(entry, unpacked);
  return read_npy(unpacked, options);
}

}  // namespace depthcloud
