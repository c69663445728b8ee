// SPDX-License-Identifier: Apache-2.0
#include "io/zip_archive.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <unordered_set>

#include <fmt/format.h>
#include <zlib.h>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t most_entries = 100'000;
constexpr std::uint64_t largest_directory = 64ull << 20;
constexpr std::size_t longest_comment = 0xFFFF;

constexpr std::string_view local_mark = "PK\x03\x04";
constexpr std::string_view entry_mark = "PK\x01\x02";
constexpr std::string_view end_mark = "PK\x05\x06";
constexpr std::string_view zip64_end_mark = "PK\x06\x06";
constexpr std::string_view zip64_locator_mark = "PK\x06\x07";

constexpr std::size_t local_size = 30;
constexpr std::size_t entry_size = 46;
constexpr std::size_t end_size = 22;
constexpr std::size_t zip64_end_size = 56;
constexpr std::size_t zip64_locator_size = 20;

constexpr std::uint64_t in_zip64 = 0xFFFF'FFFF;  ///< of 4 bytes: the value stands in a zip64 field
constexpr std::uint64_t count_in_zip64 = 0xFFFF;

// General purpose flags.
constexpr std::uint64_t is_encrypted = 1 << 0 | 1 << 6 | 1 << 13;
constexpr std::uint64_t has_descriptor = 1 << 3;  ///< sizes and checksum follow the data

bool begins(Bytes bytes, std::string_view mark) {
  return bytes.size() >= mark.size() && std::memcmp(bytes.data(), mark.data(), mark.size()) == 0;
}

/// A little-endian number of 2, 4 or 8 bytes in a record that is long enough.
std::uint64_t number(Bytes record, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, record.data() + at, size);
  return value;
}

/// The zip64 field among the extra fields of a record; empty where there is none.
Bytes zip64_field(Bytes extra) {
  constexpr std::size_t head = 4;
  while (extra.size() >= head) {
    const std::size_t size = number(extra, 2, 2);
    if (size > extra.size() - head) break;
    if (number(extra, 0, 2) == 1) return extra.subspan(head, size);
    extra = extra.subspan(head + size);
  }
  return {};
}

/// Replaces what stands in the zip64 field, in its order. False if the field is too short.
template <std::size_t n>
bool take_zip64(Bytes field, const std::array<std::uint64_t*, n>& values) {
  for (std::uint64_t* value : values) {
    if (*value != in_zip64) continue;
    if (field.size() < sizeof *value) return false;
    *value = number(field, 0, sizeof *value);
    field = field.subspan(sizeof *value);
  }
  return true;
}

std::string_view text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

struct ZipArchive::Directory {
  std::uint64_t count = 0;
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  std::uint64_t end = 0;  ///< where the records behind it begin
};

ZipArchive::ZipArchive(Bytes bytes, const ZipErrors& errors) : bytes_(bytes), errors_(errors) {
  const Directory directory = find_directory();
  if (directory.count > most_entries || directory.size > largest_directory) {
    fail(ErrorCode::limit_exceeded,
         fmt::format("{} files in a directory of {} bytes are above the limits of {} and {}",
                     directory.count, directory.size, most_entries, largest_directory));
  }
  entries_.reserve(directory.count);
  std::size_t at = directory.at;
  for (std::uint64_t i = 0; i < directory.count; ++i) at = add_entry(at, directory);
  if (at != directory.end) fail("the directory has another size than its end record says");
  check_apart();
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &ZipEntry::name);
  return found == entries_.end() ? nullptr : &*found;
}

/// The end record, and the zip64 record before it if there is one.
ZipArchive::Directory ZipArchive::find_directory() const {
  std::size_t comment = 0;
  Bytes end;
  for (; comment <= longest_comment && bytes_.size() >= end_size + comment; ++comment) {
    const Bytes record = bytes_.subspan(bytes_.size() - end_size - comment, end_size);
    if (!begins(record, end_mark) || number(record, 20, 2) != comment) continue;
    end = record;
    break;
  }
  if (end.empty()) {
    fail("the directory at its end is missing: the archive is truncated or is none");
  }
  Directory directory;
  directory.count = number(end, 10, 2);
  directory.size = number(end, 12, 4);
  directory.at = number(end, 16, 4);
  directory.end = bytes_.size() - end_size - comment;
  if (number(end, 4, 2) != 0 || number(end, 6, 2) != 0 || number(end, 8, 2) != directory.count) {
    fail(ErrorCode::unsupported, "an archive of several disks");
  }

  const std::size_t end_at = directory.end;
  const Bytes locator = end_at < zip64_locator_size
                            ? Bytes{}
                            : bytes_.subspan(end_at - zip64_locator_size, zip64_locator_size);
  if (begins(locator, zip64_locator_mark)) {
    const std::uint64_t at = number(locator, 8, 8);
    const std::size_t locator_at = end_at - zip64_locator_size;
    if (at > locator_at || locator_at - at != zip64_end_size) {
      fail("the zip64 end record is not where it must be");
    }
    const Bytes record = bytes_.subspan(at, zip64_end_size);
    const std::uint64_t count = number(record, 32, 8), size = number(record, 40, 8),
                        directory_at = number(record, 48, 8);
    const auto agree = [](std::uint64_t small, std::uint64_t all_ones, std::uint64_t large) {
      return small == all_ones || small == large;
    };
    if (!begins(record, zip64_end_mark) || number(record, 4, 8) != zip64_end_size - 12 ||
        number(record, 16, 4) != 0 || number(record, 20, 4) != 0 ||
        number(record, 24, 8) != count || !agree(directory.count, count_in_zip64, count) ||
        !agree(directory.size, in_zip64, size) || !agree(directory.at, in_zip64, directory_at)) {
      fail("the zip64 end record contradicts the end record");
    }
    directory = {count, directory_at, size, at};
  } else if (directory.count == count_in_zip64 || directory.size == in_zip64 ||
             directory.at == in_zip64) {
    fail("the zip64 end record is missing");
  }
  if (directory.at > directory.end || directory.end - directory.at != directory.size) {
    fail("the directory does not lie before its end record: the archive is truncated or damaged");
  }
  return directory;
}

/// Adds the entry whose record begins there; where the next one begins.
std::size_t ZipArchive::add_entry(std::size_t at, const Directory& directory) {
  const Bytes rest = bytes_.subspan(at, directory.end - at);
  if (rest.size() < entry_size || !begins(rest, entry_mark)) fail("the directory is damaged");
  const std::size_t name_size = number(rest, 28, 2), extra_size = number(rest, 30, 2);
  const std::size_t size = entry_size + name_size + extra_size + number(rest, 32, 2);
  if (size > rest.size()) fail("an entry of the directory reaches outside of it");

  ZipEntry entry;
  entry.name = text(rest.subspan(entry_size, name_size));
  entry.method = static_cast<std::uint16_t>(number(rest, 10, 2));
  entry.crc = static_cast<std::uint32_t>(number(rest, 16, 4));
  entry.size = number(rest, 24, 4);
  std::uint64_t packed = number(rest, 20, 4), header = number(rest, 42, 4);
  if (!take_zip64(zip64_field(rest.subspan(entry_size + name_size, extra_size)),
                  std::array{&entry.size, &packed, &header})) {
    fail(fmt::format("the zip64 field of {} is too short", quote(entry.name)));
  }
  if ((number(rest, 8, 2) & is_encrypted) != 0) {
    fail(ErrorCode::unsupported, fmt::format("{} is encrypted", quote(entry.name)));
  }
  if (number(rest, 34, 2) != 0) fail(ErrorCode::unsupported, "an archive of several disks");
  if (entry.method == 0 && entry.size != packed) {
    fail(fmt::format("{} is stored in {} bytes but has {}", quote(entry.name), packed, entry.size));
  }
  if (header > directory.at || packed > directory.at) {
    fail(fmt::format("{} lies outside of the archive", quote(entry.name)));
  }
  const std::size_t begin = data_begin(header, rest.first(entry_size), entry, packed);
  if (begin > directory.at || packed > directory.at - begin) {
    fail(fmt::format("{} lies outside of the archive", quote(entry.name)));
  }
  entry.packed = bytes_.subspan(begin, packed);
  entries_.push_back(entry);
  headers_.push_back(header);
  return at + size;
}

/// Where the data of an entry begin, behind its local header, which must agree with the directory.
std::size_t ZipArchive::data_begin(std::size_t header, Bytes record, const ZipEntry& entry,
                                   std::uint64_t packed) const {
  const std::string name = quote(entry.name);
  const Bytes local = bytes_.subspan(header);
  if (local.size() < local_size || !begins(local, local_mark)) {
    fail(fmt::format("the local header of {} is missing", name));
  }
  const std::size_t name_size = number(local, 26, 2), extra_size = number(local, 28, 2);
  if (name_size + extra_size > local.size() - local_size) {
    fail(fmt::format("the local header of {} reaches outside of the archive", name));
  }
  const bool follows = (number(local, 6, 2) & has_descriptor) != 0;
  std::uint64_t local_unpacked = number(local, 22, 4), local_packed = number(local, 18, 4);
  const bool has_sizes = take_zip64(zip64_field(local.subspan(local_size + name_size, extra_size)),
                                    std::array{&local_unpacked, &local_packed});
  const bool agrees = number(local, 14, 4) == entry.crc && has_sizes && local_packed == packed &&
                      local_unpacked == entry.size;
  if (text(local.subspan(local_size, name_size)) != entry.name ||
      number(local, 6, 2) != number(record, 8, 2) || number(local, 8, 2) != entry.method ||
      !(agrees || follows)) {
    fail(fmt::format("the local header of {} contradicts the directory", name));
  }
  return header + local_size + name_size + extra_size;
}

/// That no two entries overlap or have one name, and that the first begins the archive.
void ZipArchive::check_apart() const {
  std::unordered_set<std::string_view> names;
  for (const ZipEntry& entry : entries_) {
    if (!names.insert(entry.name).second) {
      fail(fmt::format("duplicate entries {}", quote(entry.name)));
    }
  }
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Bytes& packed = entries_[i].packed;
    const auto data = static_cast<std::size_t>(packed.data() - bytes_.data());
    ranges.push_back({headers_[i], data + packed.size()});
  }
  std::ranges::sort(ranges, {}, &Range::begin);
  if (!ranges.empty() && ranges.front().begin != 0) {
    fail("other bytes stand before the first entry");
  }
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) fail("two entries overlap");
  }
}

void ZipArchive::check(const ZipEntry& entry, Bytes unpacked) const {
  if (unpacked.size() != entry.size || crc32_z(0, unpacked.data(), unpacked.size()) != entry.crc) {
    fail(fmt::format("the checksum of {} is wrong: the file is damaged", quote(entry.name)));
  }
}

std::size_t ZipArchive::inflate(const ZipEntry& entry, std::span<std::uint8_t> out) const {
  Inflater inflater;
  z_stream& stream = inflater.stream();
  Bytes packed = entry.packed;
  std::size_t filled = 0;
  // zlib counts in 32 bits
  const auto step = [](std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
  };
  for (;;) {
    stream.next_in = const_cast<Bytef*>(packed.data());
    stream.avail_in = step(packed.size());
    stream.next_out = out.data() + filled;
    stream.avail_out = step(out.size() - filled);
    const uInt in = stream.avail_in, room = stream.avail_out;
    const int result = ::inflate(&stream, Z_SYNC_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      fail(fmt::format("the compressed bytes of {} are damaged", quote(entry.name)));
    }
    const std::size_t read = in - stream.avail_in, written = room - stream.avail_out;
    packed = packed.subspan(read);
    filled += written;
    if (result == Z_STREAM_END || filled == out.size() || read + written == 0) return filled;
  }
}

void ZipArchive::fail(const std::string& message) const { fail(errors_.damaged, message); }

void ZipArchive::fail(ErrorCode code, const std::string& message) const {
  throw Error(code, errors_.stage, fmt::format("{}: {}", errors_.format, message));
}

}  // namespace depthcloud
