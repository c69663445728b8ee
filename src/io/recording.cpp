// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/recording.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include <depthcloud/error.hpp>

#include "core/enum_names.hpp"
#include "core/file_kind.hpp"

namespace depthcloud {
namespace {

using std::chrono::microseconds;

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr std::array<std::uint8_t, 8> mark = {0x89, 'D', 'C', 'R', '\r', '\n', 0x1A, '\n'};
constexpr std::uint32_t version = 1;
constexpr std::uint64_t end_stream = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t header_size = 24;
constexpr std::size_t record_size = 24;  // of a record without its message

using HeaderBytes = std::array<std::uint8_t, header_size>;
using RecordBytes = std::array<std::uint8_t, record_size>;

template <typename T>
void put(std::uint8_t* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <typename T>
T get(const std::uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

/// What stands in front of a message.
struct Record {
  std::uint64_t time_us = 0;
  std::uint64_t stream = 0;
  std::uint32_t size = 0;
  std::uint32_t checksum = 0;

  bool is_end() const { return stream == end_stream && size == 0; }
};

constexpr std::size_t checked_size = 20;  // of a record: all but the checksum

std::uint32_t checksum_of(const RecordBytes& record, std::span<const std::uint8_t> message) {
  const uLong of_record = crc32_z(0, record.data(), checked_size);
  // A null pointer would ask for the first value of a checksum.
  return static_cast<std::uint32_t>(
      message.empty() ? of_record : crc32_z(of_record, message.data(), message.size()));
}

RecordBytes record_bytes(std::uint64_t time_us, std::uint64_t stream,
                         std::span<const std::uint8_t> message) {
  RecordBytes bytes;
  put(bytes.data(), time_us);
  put(bytes.data() + 8, stream);
  put(bytes.data() + 16, static_cast<std::uint32_t>(message.size()));
  put(bytes.data() + checked_size, checksum_of(bytes, message));
  return bytes;
}

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, message);
}

[[noreturn]] void fail_system(const char* what, const std::filesystem::path& path, int reason) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  fail(missing ? ErrorCode::not_found : ErrorCode::io,
       fmt::format("cannot {} '{}': {}", what, path.string(),
                   std::generic_category().message(reason)));
}

constexpr EnumNames<RecordingEnd, 3> ends{{"whole", "cut_off", "damaged"}};

}  // namespace

struct RecordingWriter::File {
  std::filesystem::path path;
  std::uint64_t max_bytes = 0;
  int descriptor = -1;
  Clock::time_point began = Clock::now();
  std::uint64_t bytes = 0;  // of whole records
  std::uint64_t messages = 0;
  int header_failure = 0;  // the reason, which the first message tells

  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }

  void open() {
    constexpr int mode = 0666;  // less the umask
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor >= 0) return;
    if (errno != EEXIST) fail_system("write", path, errno);
    struct stat status = {};
    const bool is_there = ::stat(path.c_str(), &status) == 0;
    if (!is_there || S_ISREG(status.st_mode)) {
      fail(ErrorCode::invalid_argument,
           fmt::format("'{}' exists and would be overwritten: remove it, or record to another file",
                       path.string()));
    }
    descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) fail_system("write", path, errno);
  }

  /// Returns 0, or the reason why not all was written.
  int put_all(std::span<const std::uint8_t> part) const {
    while (!part.empty()) {
      const ssize_t count = ::write(descriptor, part.data(), part.size());
      if (count < 0 && errno != EINTR) return errno;
      if (count > 0) part = part.subspan(static_cast<std::size_t>(count));
    }
    return 0;
  }

  std::uint64_t time_us(Clock::time_point time) const {
    if (time <= began) return 0;  // and the difference may have no value
    const auto since = std::chrono::duration_cast<microseconds>(time - began);
    return static_cast<std::uint64_t>(since.count());
  }

  /// Leaves whole records behind, with the mark of the end where there is room for it.
  void end_after_failure() {
    // A pipe or a device cannot be cut, and has no need to be.
    if (header_failure == 0 && ::ftruncate(descriptor, static_cast<off_t>(bytes)) == 0 &&
        ::lseek(descriptor, static_cast<off_t>(bytes), SEEK_SET) >= 0) {
      put_all(record_bytes(time_us(Clock::now()), end_stream, {}));
    }
    ::close(descriptor);
    descriptor = -1;
  }
};

RecordingWriter::RecordingWriter(const std::filesystem::path& path, const RecordingOptions& options)
    : file_(std::make_unique<File>()) {
  if (options.max_bytes != 0 && options.max_bytes < header_size + record_size) {
    fail(ErrorCode::invalid_argument,
         fmt::format("max_bytes {} is less than the {} of a recording without a message",
                     options.max_bytes, header_size + record_size));
  }
  file_->path = path;
  file_->max_bytes = options.max_bytes;
  file_->open();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  HeaderBytes header{};
  std::ranges::copy(mark, header.begin());
  put(header.data() + 8, version);
  put(header.data() + 16, std::chrono::duration_cast<microseconds>(now).count());
  file_->header_failure = file_->put_all(header);
  file_->bytes = header_size;
}

RecordingWriter::~RecordingWriter() {
  try {
    close();
  } catch (const Error&) {  // close() says it to who asks
  }
}

bool RecordingWriter::write(std::uint64_t stream, std::span<const std::uint8_t> message,
                            Clock::time_point time) {
  File& file = *file_;
  if (file.descriptor < 0) return false;
  if (message.size() > std::numeric_limits<std::uint32_t>::max() || stream == end_stream) {
    fail(ErrorCode::invalid_argument,
         fmt::format("stream {} with a message of {} bytes cannot be recorded", stream,
                     message.size()));
  }
  const std::uint64_t size = record_size + message.size();
  if (file.max_bytes != 0 && size > file.max_bytes - record_size - file.bytes) {
    file.end_after_failure();
    fail(ErrorCode::limit_exceeded,
         fmt::format("'{}' has {} bytes: one more message would exceed the limit of {}",
                     file.path.string(), file.bytes, file.max_bytes));
  }
  int reason = file.header_failure;
  if (reason == 0) reason = file.put_all(record_bytes(file.time_us(time), stream, message));
  if (reason == 0) reason = file.put_all(message);
  if (reason != 0) {
    file.end_after_failure();
    fail_system("write", file.path, reason);
  }
  file.bytes += size;
  ++file.messages;
  return true;
}

void RecordingWriter::close() {
  File& file = *file_;
  if (file.descriptor < 0) return;
  int reason = file.header_failure;
  if (reason == 0) {
    reason = file.put_all(record_bytes(file.time_us(Clock::now()), end_stream, {}));
  }
  if (reason == 0) file.bytes += record_size;
  if (::close(file.descriptor) != 0 && reason == 0) reason = errno;
  file.descriptor = -1;
  if (reason != 0) fail_system("write", file.path, reason);
}

bool RecordingWriter::is_open() const noexcept { return file_->descriptor >= 0; }
std::uint64_t RecordingWriter::num_messages() const noexcept { return file_->messages; }
std::uint64_t RecordingWriter::num_bytes() const noexcept { return file_->bytes; }

const char* to_string(RecordingEnd end) noexcept { return ends.to_string(end); }

bool is_recording(std::span<const std::uint8_t> start) noexcept {
  return start.size() >= mark.size() && std::ranges::equal(start.first(mark.size()), mark);
}

struct RecordingReader::File {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string name;  // for messages
  std::size_t max_message_bytes = 0;
  std::unique_ptr<std::FILE, Close> stream;
  std::chrono::system_clock::time_point started;
  std::uint64_t messages = 0;
  std::optional<RecordingEnd> end;
  std::string problem;

  /// Returns the number of bytes that were there.
  std::size_t read(std::uint8_t* to, std::size_t size) const {
    const std::size_t count = std::fread(to, 1, size, stream.get());
    if (count < size && std::ferror(stream.get()) != 0) fail_system("read", name, errno);
    return count;
  }

  void read_header() {
    HeaderBytes header{};
    const std::size_t count = read(header.data(), header.size());
    const auto start = std::span(std::as_const(header)).first(count);
    if (count == 0) fail(ErrorCode::corrupt_data, "the recording has no bytes");
    if (!is_recording(start)) {
      const bool is_cut =
          count < mark.size() && std::ranges::equal(start, std::span(mark).first(count));
      if (is_cut) fail(ErrorCode::corrupt_data, "the recording is cut off in its header");
      fail(ErrorCode::unsupported,
           std::string("not a recording of depthcloud-server but ") + to_string(file_kind(start)));
    }
    if (count < header.size()) {
      fail(ErrorCode::corrupt_data, "the recording is cut off in its header");
    }
    if (const auto found = get<std::uint32_t>(header.data() + 8); found != version) {
      fail(ErrorCode::unsupported,
           fmt::format("a recording of version {}; this program reads version {}", found, version));
    }
    // The range of the clock is that of 64-bit nanoseconds.
    constexpr auto latest =
        std::chrono::duration_cast<microseconds>(std::chrono::system_clock::duration::max());
    const auto since_epoch = get<std::int64_t>(header.data() + 16);
    started += microseconds(std::clamp<std::int64_t>(since_epoch, 0, latest.count()));
  }

  void end_with(RecordingEnd how, const std::string& what) {
    end = how;
    problem = fmt::format("{} after {} message{}: {}",
                          how == RecordingEnd::damaged ? "damaged" : "cut off", messages,
                          messages == 1 ? "" : "s", what);
  }

  /// Reads the bytes of a message; false: they are not all there.
  bool read_message(std::size_t size, std::vector<std::uint8_t>& bytes) {
    constexpr std::size_t chunk = std::size_t{1} << 20;  // allocated ahead of what is there
    bytes.clear();
    while (bytes.size() < size) {
      const std::size_t before = bytes.size();
      const std::size_t wanted = std::min(size - before, std::max(chunk, before));
      bytes.resize(before + wanted);
      const std::size_t count = read(bytes.data() + before, wanted);
      if (count == wanted) continue;
      end_with(RecordingEnd::cut_off,
               fmt::format("of the next one {} of {} bytes are there", before + count, size));
      return false;
    }
    return true;
  }

  bool next(RecordedMessage& message) {
    if (end) return false;
    RecordBytes bytes{};
    const std::size_t count = read(bytes.data(), bytes.size());
    if (count < bytes.size()) {
      end_with(RecordingEnd::cut_off,
               count == 0 ? "it was not closed" : "the next one is cut off in its header");
      return false;
    }
    const Record record{get<std::uint64_t>(bytes.data()), get<std::uint64_t>(bytes.data() + 8),
                        get<std::uint32_t>(bytes.data() + 16),
                        get<std::uint32_t>(bytes.data() + checked_size)};
    if (record.size > max_message_bytes) {
      // The size may be what is damaged: then nothing behind it can be found.
      end_with(RecordingEnd::damaged,
               fmt::format("the next one claims {} bytes, above the limit of {}", record.size,
                           max_message_bytes));
      return false;
    }
    if (!read_message(record.size, message.bytes)) return false;
    if (checksum_of(bytes, message.bytes) != record.checksum) {
      end_with(RecordingEnd::damaged, "the checksum of the next one is wrong");
      return false;
    }
    if (record.is_end()) {
      end = RecordingEnd::whole;
      return false;
    }
    constexpr auto latest = static_cast<std::uint64_t>(microseconds::max().count());
    message.time = microseconds(std::min(record.time_us, latest));
    message.stream = record.stream;
    ++messages;
    return true;
  }
};

RecordingReader::RecordingReader(const std::filesystem::path& path, std::size_t max_message_bytes)
    : file_(std::make_unique<File>()) {
  file_->name = path.string();
  file_->max_message_bytes = max_message_bytes;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) fail_system("read", path, EISDIR);
  file_->stream.reset(std::fopen(path.c_str(), "rbe"));
  if (!file_->stream) fail_system("read", path, errno);
  file_->read_header();
}

RecordingReader::RecordingReader(std::span<const std::uint8_t> bytes, std::size_t max_message_bytes)
    : file_(std::make_unique<File>()) {
  file_->name = "recording";
  file_->max_message_bytes = max_message_bytes;
  if (bytes.empty()) fail(ErrorCode::corrupt_data, "the recording has no bytes");
  // Opened for reading, nothing is written to them.
  file_->stream.reset(::fmemopen(const_cast<std::uint8_t*>(bytes.data()), bytes.size(), "rb"));
  if (!file_->stream) fail(ErrorCode::out_of_memory, "no memory to read a recording");
  file_->read_header();
}

RecordingReader::~RecordingReader() = default;

bool RecordingReader::next(RecordedMessage& message) try {
  return file_->next(message);
} catch (const std::bad_alloc&) {
  fail(ErrorCode::out_of_memory, "no memory for a message of a recording");
}

RecordingEnd RecordingReader::end() const noexcept {
  return file_->end.value_or(RecordingEnd::whole);
}
const std::string& RecordingReader::problem() const noexcept { return file_->problem; }
std::uint64_t RecordingReader::num_messages() const noexcept { return file_->messages; }
std::chrono::system_clock::time_point RecordingReader::started() const noexcept {
  return file_->started;
}

}  // namespace depthcloud
