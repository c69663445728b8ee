// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/files.hpp>
#include <depthcloud/recording.hpp>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::RecordedMessage;
using depthcloud::RecordingEnd;
using depthcloud::RecordingReader;
using depthcloud::RecordingWriter;
using std::chrono::microseconds;
using Bytes = std::vector<std::uint8_t>;

namespace {

constexpr std::size_t header_size = 24;
constexpr std::size_t record_size = 24;

/// Three messages of two streams.
Bytes recording(const std::filesystem::path& path) {
  RecordingWriter writer(path);
  const auto now = RecordingWriter::Clock::now();
  writer.write(1, Bytes{1, 2, 3}, now + microseconds(1000));
  writer.write(7, Bytes{}, now + microseconds(2000));
  writer.write(1, Bytes(100, 9), now + std::chrono::hours(100));
  writer.close();
  return depthcloud::read_file(path);
}

/// The messages that can be read.
std::vector<RecordedMessage> messages_of(RecordingReader& reader) {
  std::vector<RecordedMessage> messages;
  for (RecordedMessage message; reader.next(message);) messages.push_back(message);
  CHECK(reader.num_messages() == messages.size());
  return messages;
}

template <typename T>
void put(Bytes& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("recording: messages come back with their streams and times") {
    const TempDir dir;
    const auto before = std::chrono::system_clock::now() - std::chrono::seconds(1);
    const Bytes bytes = recording(dir / "a.dcr");
    RecordingReader reader(dir / "a.dcr");
    CHECK(reader.started() > before);
    CHECK(reader.started() < std::chrono::system_clock::now() + std::chrono::seconds(1));
    const auto messages = messages_of(reader);
    REQUIRE(messages.size() == 3);
    CHECK(reader.end() == RecordingEnd::whole);
    CHECK(reader.problem().empty());
    CHECK(messages[0].bytes == Bytes{1, 2, 3});
    CHECK(messages[1].bytes.empty());
    CHECK(messages[2].bytes == Bytes(100, 9));
    CHECK(messages[0].stream == 1);
    CHECK(messages[1].stream == 7);
    const auto step = messages[1].time - messages[0].time;
    CHECK(step >= microseconds(999));
    CHECK(step <= microseconds(1001));
    CHECK(messages[2].time >= std::chrono::hours(100));
    CHECK(depthcloud::is_recording(std::span(bytes).first(8)));
    CHECK_FALSE(depthcloud::is_recording(std::span(bytes).first(7)));
    RecordingReader in_memory{std::span<const std::uint8_t>(bytes)};
    CHECK(messages_of(in_memory).size() == 3);
  }

  TEST_CASE("recording: the bytes are those of the specification") {
    const TempDir dir;
    const Bytes bytes = recording(dir / "a.dcr");
    CHECK(bytes.size() == header_size + 4 * record_size + 103);
    const std::uint8_t start[] = {0x89, 'D', 'C', 'R', 13, 10, 26, 10, 1, 0, 0, 0, 0, 0, 0, 0};
    CHECK(std::equal(std::begin(start), std::end(start), bytes.begin()));
    const std::uint8_t first[] = {1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0};  // stream and size
    CHECK(std::equal(std::begin(first), std::end(first), bytes.begin() + header_size + 8));
    const Bytes end(8, 0xFF);
    CHECK(std::equal(end.begin(), end.end(), bytes.end() - record_size + 8));
  }

  TEST_CASE("recording: cut off anywhere it is read up to there, and says so") {
    const TempDir dir;
    const Bytes bytes = recording(dir / "a.dcr");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      const auto part = std::span<const std::uint8_t>(bytes).first(size);
      if (size < header_size) {
        CHECK(error_of([&] { RecordingReader reader(part); }).starts_with("corrupt_data file: "));
        continue;
      }
      RecordingReader reader(part);
      const std::size_t expected = size < header_size + record_size + 3         ? 0
                                   : size < header_size + 2 * record_size + 3   ? 1
                                   : size < header_size + 3 * record_size + 103 ? 2
                                                                                : 3;
      CHECK(messages_of(reader).size() == expected);
      CHECK(reader.end() == RecordingEnd::cut_off);
      CHECK(reader.problem().starts_with("cut off after " + std::to_string(expected) + " message"));
    }
  }

  TEST_CASE("recording: a changed byte is found, whichever it is") {
    const TempDir dir;
    const Bytes bytes = recording(dir / "a.dcr");
    for (std::size_t at = header_size; at < bytes.size(); ++at) {
      CAPTURE(at);
      Bytes changed = bytes;
      changed[at] ^= 0x10;
      RecordingReader reader{std::span<const std::uint8_t>(changed)};
      CHECK(messages_of(reader).size() < 4);
      CHECK(reader.end() != RecordingEnd::whole);
      CHECK_FALSE(reader.problem().empty());
    }
  }

  TEST_CASE("recording: what a header claims costs nothing") {
    const TempDir dir;
    Bytes bytes = recording(dir / "a.dcr");
    put(bytes, header_size + 16, std::uint32_t{200 << 20});
    {
      RecordingReader reader{std::span<const std::uint8_t>(bytes)};
      CHECK(messages_of(reader).empty());
      CHECK(reader.end() == RecordingEnd::cut_off);
      CHECK(contains(reader.problem(), "of 209715200 bytes are there"));
    }
    put(bytes, header_size + 16, std::uint32_t{0xFFFFFFFF});
    RecordingReader reader{std::span<const std::uint8_t>(bytes)};
    CHECK(messages_of(reader).empty());
    CHECK(reader.end() == RecordingEnd::damaged);
    CHECK(contains(reader.problem(), "above the limit of 268435456"));
    RecordingReader small{std::span<const std::uint8_t>(bytes), 2};
    CHECK(messages_of(small).empty());
    CHECK(small.end() == RecordingEnd::damaged);
  }

  TEST_CASE("recording: files that are none") {
    const TempDir dir;
    Bytes bytes = recording(dir / "a.dcr");
    put(bytes, 8, std::uint32_t{2});
    CHECK(error_of([&] { RecordingReader reader{std::span<const std::uint8_t>(bytes)}; }) ==
          "unsupported file: a recording of version 2; this program reads version 1");
    const Bytes text = {'p', 'l', 'y', '\n', 'f', 'o', 'r', 'm', 'a', 't'};
    CHECK(contains(error_of([&] { RecordingReader reader{std::span<const std::uint8_t>(text)}; }),
                   "not a recording of depthcloud-server but a PLY file"));
    CHECK(error_of([&] { RecordingReader reader(dir / "none"); }).starts_with("not_found file: "));
    CHECK(error_of([&] { RecordingReader reader(dir.path()); }).starts_with("io file: "));
    put(bytes, 8, std::uint32_t{1});
    put(bytes, 16, std::int64_t{-1});  // a time that no clock has
    RecordingReader reader{std::span<const std::uint8_t>(bytes)};
    CHECK(messages_of(reader).size() == 3);
  }

  TEST_CASE("recording: the limit ends it with one error, and the file is whole") {
    const TempDir dir;
    CHECK(error_of([&] {
            RecordingWriter writer(dir / "a.dcr", {.max_bytes = 47});
          }).starts_with("invalid_argument file: "));
    RecordingWriter writer(dir / "a.dcr", {.max_bytes = header_size + 2 * record_size + 10});
    CHECK(writer.write(1, Bytes(10)));
    CHECK(writer.is_open());
    const std::string error = error_of([&] { writer.write(1, Bytes{}); });
    CHECK(error.starts_with("limit_exceeded file: "));
    CHECK(contains(error, "a.dcr"));
    CHECK_FALSE(writer.is_open());
    CHECK_FALSE(writer.write(1, Bytes{}));
    writer.close();
    CHECK(writer.num_messages() == 1);
    CHECK(std::filesystem::file_size(dir / "a.dcr") == header_size + 2 * record_size + 10);
    RecordingReader reader(dir / "a.dcr");
    CHECK(messages_of(reader).size() == 1);
    CHECK(reader.end() == RecordingEnd::whole);
  }

  TEST_CASE("recording: a full disk ends it with one error, and what is there stays readable") {
    const TempDir dir;
    RecordingWriter writer(dir / "a.dcr");
    CHECK(writer.write(1, Bytes(10)));
    // A limit of the system on the size of files acts as a disk that is full.
    const auto ignore = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{100, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string error = error_of([&] { writer.write(1, Bytes(1000)); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, ignore);
    CHECK(error.starts_with("io file: cannot write '"));
    CHECK_FALSE(writer.write(1, Bytes(1)));
    RecordingReader reader(dir / "a.dcr");
    CHECK(messages_of(reader).size() == 1);
    CHECK(reader.end() == RecordingEnd::whole);
  }

  TEST_CASE("recording: a device that is full is known with the first message") {
    RecordingWriter writer("/dev/full");
    CHECK(error_of([&] { writer.write(1, Bytes(10)); }) ==
          "io file: cannot write '/dev/full': No space left on device");
    CHECK_FALSE(writer.write(1, Bytes(10)));
    writer.close();
    RecordingWriter unused("/dev/full");
    CHECK(error_of([&] { unused.close(); }).starts_with("io file: "));
  }

  TEST_CASE("recording: no file is overwritten") {
    const TempDir dir;
    recording(dir / "a.dcr");
    std::filesystem::create_symlink(dir / "a.dcr", dir / "link");
    for (const char* name : {"a.dcr", "link"}) {
      const std::string error = error_of([&] { RecordingWriter writer(dir / name); });
      CHECK(error.starts_with("invalid_argument file: "));
      CHECK(contains(error, "exists and would be overwritten"));
    }
    RecordingReader reader(dir / "a.dcr");
    CHECK(messages_of(reader).size() == 3);
    CHECK(error_of([&] {
            RecordingWriter writer(dir / "none" / "a");
          }).starts_with("not_found file: "));
    CHECK(error_of([&] { RecordingWriter writer(dir.path()); }).starts_with("io file: "));
  }

  TEST_CASE("recording: without close() the destructor marks the end") {
    const TempDir dir;
    { CHECK(RecordingWriter(dir / "a.dcr").write(3, Bytes{1})); }
    RecordingReader reader(dir / "a.dcr");
    CHECK(messages_of(reader).size() == 1);
    CHECK(reader.end() == RecordingEnd::whole);
  }

  TEST_CASE("recording: arguments that cannot be recorded end nothing") {
    const TempDir dir;
    RecordingWriter writer(dir / "a.dcr");
    CHECK(error_of([&] {
            writer.write(~std::uint64_t{0}, Bytes{1});
          }).starts_with("invalid_argument file: "));
    CHECK(writer.write(1, Bytes{1}, RecordingWriter::Clock::time_point::min()));  // before it began
    writer.close();
    RecordingReader reader(dir / "a.dcr");
    CHECK(messages_of(reader).at(0).time == microseconds(0));
  }

  TEST_CASE("recording: to_string") {
    CHECK(to_string(RecordingEnd::whole) == std::string("whole"));
    CHECK(to_string(RecordingEnd::cut_off) == std::string("cut_off"));
    CHECK(to_string(RecordingEnd::damaged) == std::string("damaged"));
  }
}
