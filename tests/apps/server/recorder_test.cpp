// SPDX-License-Identifier: Apache-2.0
#include "server/recorder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include "expect_error.hpp"
#include "temp_dir.hpp"

namespace {

using depthcloud::RecordedMessage;
using depthcloud::RecordingEnd;
using depthcloud::RecordingReader;
using server::Recorder;
using std::chrono::milliseconds;

constexpr milliseconds patience(60'000);

Recorder::Message message_of(std::size_t size) {
  return std::make_shared<const std::vector<std::uint8_t>>(size, std::uint8_t{7});
}

/// The log, while it lives.
class Log {
 public:
  Log() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    spdlog::set_pattern("%l %v");
  }
  ~Log() { spdlog::set_default_logger(before_); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream text_;
};

}  // namespace

TEST_SUITE("server_recorder") {
  TEST_CASE("messages of clients are in the file") {
    const TempDir dir;
    const Log log;
    Recorder recorder({.path = dir / "a.dcr"});
    for (std::uint64_t client = 1; client <= 3; ++client) recorder.add(client, message_of(client));
    CHECK(recorder.finish(patience));
    recorder.add(4, message_of(4));
    const auto counters = recorder.counters();
    CHECK(counters.messages == 3);
    CHECK(counters.dropped == 1);
    CHECK(counters.bytes == std::filesystem::file_size(dir / "a.dcr"));
    CHECK_FALSE(counters.recording);
    RecordingReader reader(dir / "a.dcr");
    RecordedMessage message;
    for (std::uint64_t client = 1; client <= 3; ++client) {
      REQUIRE(reader.next(message));
      CHECK(message.stream == client);
      CHECK(message.bytes.size() == client);
    }
    CHECK_FALSE(reader.next(message));
    CHECK(reader.end() == RecordingEnd::whole);
    CHECK(log.text().empty());
  }

  TEST_CASE("without finish() the destructor writes what waits") {
    const TempDir dir;
    {
      Recorder recorder({.path = dir / "a.dcr"});
      for (int i = 0; i < 100; ++i) recorder.add(1, message_of(10'000));
    }
    RecordingReader reader(dir / "a.dcr");
    RecordedMessage message;
    while (reader.next(message)) continue;
    CHECK(reader.num_messages() == 100);
    CHECK(reader.end() == RecordingEnd::whole);
  }

  TEST_CASE("a file that takes nothing delays no client: what does not fit is dropped") {
    const TempDir dir;
    const std::string path = dir / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reader = ::open(path.c_str(), O_RDWR);
    REQUIRE(reader >= 0);
    {
      Recorder recorder({.path = path, .max_queued_bytes = 1'000'000});
      recorder.add(1, message_of(2'000'000));  // more than a pipe holds, and than may wait
      for (int i = 0; i < 10; ++i) recorder.add(2, message_of(1000));
      CHECK(recorder.counters().dropped == 10);
      CHECK(recorder.counters().messages == 0);
      CHECK(recorder.counters().recording);
      CHECK_FALSE(recorder.finish(milliseconds(50)));
      std::vector<char> bytes(1 << 16);
      std::size_t count = 0;
      while (count < 24 + 24 + 2'000'000 + 24) {
        const ssize_t part = ::read(reader, bytes.data(), bytes.size());
        REQUIRE(part > 0);
        count += static_cast<std::size_t>(part);
      }
      CHECK(recorder.finish(patience));
      CHECK(recorder.counters().messages == 1);
    }
    ::close(reader);
  }

  TEST_CASE("the limit and a full disk end it with one line") {
    const TempDir dir;
    struct Case {
      std::string path, reason;
    };
    for (const auto& [path, reason] :
         {Case{dir / "a.dcr", "exceed the limit of 2000"}, Case{"/dev/full", "No space left"}}) {
      const Log log;
      Recorder recorder({.path = path, .max_bytes = 2000});
      for (int i = 0; i < 10; ++i) recorder.add(1, message_of(800));
      CHECK(recorder.finish(patience));
      const std::string text = log.text();
      CAPTURE(text);
      CHECK(text.starts_with("error event=recording_ended reason=\""));
      CHECK(contains(text, reason));
      CHECK(text.find('\n') == text.size() - 1);
      const auto counters = recorder.counters();
      CHECK(counters.messages == (path == "/dev/full" ? 0 : 2));
      CHECK(counters.messages + counters.dropped == 10);
      CHECK_FALSE(counters.recording);
    }
  }

  TEST_CASE("an existing file is refused") {
    const TempDir dir;
    { const Recorder recorder({.path = dir / "a.dcr"}); }
    CHECK(error_of([&] {
            const Recorder recorder({.path = dir / "a.dcr"});
          }).starts_with("invalid_argument file: "));
  }
}
