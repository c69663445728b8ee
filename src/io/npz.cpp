// SPDX-License-Identifier: Apache-2.0
#include "io/npz.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/npy.hpp"

namespace depthcloud {
namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "npz: " + message);
}

[[noreturn]] void corrupt(const std::string& message) { fail(ErrorCode::corrupt_data, message); }

/// A part of the archive, where it has one.
Bytes part(Bytes bytes, std::size_t at, std::size_t size) {
  if (at > bytes.size() || size > bytes.size() - at) corrupt("truncated");
  return bytes.subspan(at, size);
}

/// A little-endian number of 2 or 4 bytes in a record that is long enough.
std::uint32_t number(Bytes record, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  std::memcpy(&value, record.data() + at, size);
  return value;
}

bool begins(Bytes bytes, std::string_view mark) {
  return bytes.size() >= mark.size() && std::memcmp(bytes.data(), mark.data(), mark.size()) == 0;
}

constexpr std::string_view file_mark = "PK\x03\x04";
constexpr std::string_view entry_mark = "PK\x01\x02";
constexpr std::string_view end_mark = "PK\x05\x06";
constexpr std::uint32_t moved_to_zip64 = 0xFFFF'FFFF;

/// The record that ends an archive: before a comment of at most 65535 bytes.
Bytes end_record(Bytes bytes) {
  constexpr std::size_t size = 22;
  constexpr std::size_t longest_comment = 0xFFFF;
  for (std::size_t comment = 0; comment <= longest_comment; ++comment) {
    if (bytes.size() < size + comment) break;
    const Bytes record = bytes.subspan(bytes.size() - size - comment, size);
    if (begins(record, end_mark) && number(record, 20, 2) == comment) return record;
  }
  corrupt("the directory at its end is missing: the archive is truncated or is none");
}

/// One file of the archive.
struct Entry {
  std::string_view name;  ///< without the ".npy"
  std::uint32_t flags = 0;
  std::uint32_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t size = 0;
  std::uint32_t at = 0;
};

std::string_view without_extension(std::string_view name) {
  return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

/// No more entries than fit in the archive's own bytes.
std::vector<Entry> entries_of(Bytes bytes) {
  const Bytes end = end_record(bytes);
  const std::uint32_t count = number(end, 10, 2);
  const std::uint32_t directory_at = number(end, 16, 4);
  if (directory_at == moved_to_zip64) fail(ErrorCode::unsupported, "a zip64 directory");
  std::vector<Entry> entries;
  std::size_t at = directory_at;
  for (std::uint32_t i = 0; i < count; ++i) {
    constexpr std::size_t fixed = 46;
    const Bytes record = part(bytes, at, fixed);
    if (!begins(record, entry_mark)) corrupt("the directory is damaged");
    const Bytes name = part(bytes, at + fixed, number(record, 28, 2));
    entries.push_back({without_extension({reinterpret_cast<const char*>(name.data()), name.size()}),
                       number(record, 8, 2), number(record, 10, 2), number(record, 16, 4),
                       number(record, 20, 4), number(record, 24, 4), number(record, 42, 4)});
    at += fixed + name.size() + number(record, 30, 2) + number(record, 32, 2);
  }
  return entries;
}

std::string names_of(const std::vector<Entry>& entries) {
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(entries.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + quote(entries[i].name);
  }
  return entries.size() > most ? text + ", ..." : text;
}

const Entry& choose(const std::vector<Entry>& entries, const std::string& wanted) {
  if (entries.empty()) corrupt("the archive holds no array");
  if (wanted.empty() && entries.size() == 1) return entries.front();
  const auto found = std::ranges::find(entries, wanted.empty() ? "depth" : wanted, &Entry::name);
  if (found != entries.end()) return *found;
  if (wanted.empty()) {
    fail(ErrorCode::invalid_argument,
         fmt::format("say which of its arrays is depth (on the command line --depth-array): {}",
                     names_of(entries)));
  }
  fail(ErrorCode::invalid_argument,
       fmt::format("no array is called {}, only {}", quote(wanted), names_of(entries)));
}

Bytes packed_bytes(Bytes bytes, const Entry& entry) {
  constexpr std::size_t fixed = 30;
  const Bytes record = part(bytes, entry.at, fixed);
  if (!begins(record, file_mark)) corrupt("the directory points at no file");
  return part(bytes, entry.at + fixed + number(record, 26, 2) + number(record, 28, 2),
              entry.packed);
}

/// zlib over a deflated entry.
class Inflater {
 public:
  explicit Inflater(Bytes packed) {
    stream_.next_in = const_cast<Bytef*>(packed.data());
    stream_.avail_in = static_cast<uInt>(packed.size());
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fills `out` as far as there is anything; how many bytes came.
  std::size_t read(std::span<std::uint8_t> out) {
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      corrupt("an array's compressed bytes are damaged");
    }
    return out.size() - stream_.avail_out;
  }

 private:
  z_stream stream_{};
};

/// The array's file, of which `data_at + data_size` bytes are wanted and neither more nor less.
std::vector<std::uint8_t> unpack(Bytes packed, const Entry& entry,
                                 const DepthFileOptions& options) {
  std::vector<std::uint8_t> start(std::min<std::size_t>(entry.size, max_npy_data_at));
  start.resize(Inflater(packed).read(start));
  const NpyHeader header = read_npy_header(start, options);
  const std::size_t size = header.data_at + header.data_size;
  if (entry.size != size) {
    corrupt(fmt::format("{} bytes for an array of {} x {} that takes {}", entry.size, header.height,
                        header.width, size));
  }
  std::vector<std::uint8_t> bytes(size + 1);  // one more than may come
  if (Inflater(packed).read(bytes) != size) corrupt("an array unpacks to another size");
  bytes.resize(size);
  return bytes;
}

void check_sum(Bytes bytes, const Entry& entry) {
  if (crc32_z(0, bytes.data(), bytes.size()) != entry.crc) corrupt("an array's checksum is wrong");
}

}  // namespace

Plane read_npz(Bytes bytes, const DepthFileOptions& options) {
  const std::vector<Entry> entries = entries_of(bytes);
  const Entry& entry = choose(entries, options.array);
  if ((entry.flags & 1) != 0) fail(ErrorCode::unsupported, "the archive is encrypted");
  if (entry.size == moved_to_zip64 || entry.packed == moved_to_zip64) {
    fail(ErrorCode::limit_exceeded, "an array of 4 GiB or more");
  }
  const Bytes packed = packed_bytes(bytes, entry);
  if (entry.method == 0) {
    read_npy_header(packed, options);  // which says more than a wrong checksum does
    check_sum(packed, entry);
    return read_npy(packed, options);
  }
  if (entry.method != Z_DEFLATED) {
    fail(ErrorCode::unsupported,
         fmt::format("compression method {} (0 and 8 are read)", entry.method));
  }
  const std::vector<std::uint8_t> unpacked = unpack(packed, entry, options);
  check_sum(unpacked, entry);
  return read_npy(unpacked, options);
}

}  // namespace depthcloud
