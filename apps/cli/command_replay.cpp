// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/recording.hpp>

#include "cloud_input.hpp"
#include "commands.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "input_files.hpp"
#include "inputs.hpp"
#include "paths.hpp"
#include "progress.hpp"
#include "standard_streams.hpp"
#include "stop_signal.hpp"

namespace cli {
namespace {

using depthcloud::RecordedMessage;
using depthcloud::RecordingEnd;
using depthcloud::RecordingReader;
using Clock = std::chrono::steady_clock;

/// Writes to standard output in parts that a pipe takes at once, so that a signal can end a
/// reader's silence; what is begun may still take a second. False: the reader is gone, or that time
/// is over.
bool write_message(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t part = 4096;  // PIPE_BUF of Linux
  constexpr auto grace = std::chrono::seconds(1);
  constexpr int slice_ms = 100;
  std::optional<Clock::time_point> deadline;
  while (!bytes.empty()) {
    if (stop_requested() && !deadline) deadline = Clock::now() + grace;
    if (deadline && Clock::now() >= *deadline) return false;
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&output, 1, slice_ms) <= 0) continue;
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), std::min(bytes.size(), part));
    if (count >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR && errno != EAGAIN) {
      throw depthcloud::Error(
          depthcloud::ErrorCode::io, depthcloud::Stage::file,
          fmt::format("cannot write standard output: {}", std::generic_category().message(errno)));
    }
  }
  return true;
}

/// When each message is due.
class Schedule {
 public:
  Schedule(double speed, bool raw) : speed_(speed), raw_(raw) {}

  /// The next message is the first of a round.
  void begin_round() {
    const auto gap = count_ > 1 ? (last_ - first_) / static_cast<double>(count_ - 1) : pause_;
    if (count_ > 0) start_ += std::chrono::duration_cast<Clock::duration>(last_ - first_ + gap);
    count_ = 0;
  }

  void wait_for(std::chrono::microseconds time) {
    if (raw_) return;
    // A time that no program waits for, so that no sum overflows.
    constexpr Seconds longest(1e8);
    const Seconds at = std::min(Seconds(time) / speed_, longest);
    if (count_++ == 0) first_ = at;
    last_ = std::max(first_, at);
    wait_until(start_ + std::chrono::duration_cast<Clock::duration>(last_ - first_));
  }

 private:
  using Seconds = std::chrono::duration<double>;
  static constexpr Seconds pause_{1};  // of rounds of one message

  double speed_;
  bool raw_;
  Clock::time_point start_ = Clock::now();
  Seconds first_{};
  Seconds last_{};
  std::uint64_t count_ = 0;
};

class Replay {
 public:
  Replay(const ReplayCommand& command, Progress& progress)
      : command_(command), progress_(progress), schedule_(command.speed, command.raw) {}

  /// The exit code.
  int run() {
    do {
      schedule_.begin_round();
      if (!play()) return failures_ == 0 ? 0 : 1;
    } while (command_.loop && is_stream(command_.output));
    progress_.done(fmt::format("{}: {} message{} -> {}", command_.recording.string(), played_,
                               played_ == 1 ? "" : "s", command_.output.string()));
    return failures_ == 0 ? 0 : 1;
  }

 private:
  /// One round; false: nobody wants more.
  bool play() {
    RecordingReader reader(is_stream(command_.recording) ? "/dev/stdin" : command_.recording);
    const std::uint64_t before = played_;
    RecordedMessage message;
    while (reader.next(message)) {
      if (stop_requested()) return false;
      if (command_.stream && message.stream != *command_.stream) continue;
      if (!take(message, reader.num_messages())) return false;
      ++played_;
    }
    if (!std::exchange(end_told_, true)) tell_end(reader);
    if (played_ == before) {
      throw std::runtime_error(
          command_.stream ? fmt::format("there is no message of client {}", *command_.stream)
                          : "there is no message");
    }
    return true;
  }

  void tell_end(const RecordingReader& reader) {
    const std::string name = command_.recording.string();
    if (reader.end() == RecordingEnd::cut_off) progress_.note(name + ": " + reader.problem());
    if (reader.end() == RecordingEnd::damaged) {
      ++failures_;
      progress_.failed(fmt::format("depthcloud: {}: {}", name, reader.problem()));
    }
  }

  /// False: nobody wants more.
  bool take(const RecordedMessage& message, std::uint64_t number) {
    if (is_stream(command_.output)) {
      schedule_.wait_for(message.time);
      return !stop_requested() && write_message(message.bytes);
    }
    const std::filesystem::path file =
        command_.output / fmt::format("{:06}.{}", number, to_string(command_.format));
    try {
      with_file(file, [&] { write(file, message.bytes); });
    } catch (const std::exception& error) {
      ++failures_;
      progress_.failed(fmt::format("depthcloud: {}", cli::message(error)));
    }
    return true;
  }

  void write(const std::filesystem::path& file, std::span<const std::uint8_t> bytes) const {
    if (command_.format == CloudFormat::msgpack) return write_output(file, bytes);
    depthcloud::Packet packet = unpack_own(bytes);
    depthcloud::convert_axes(packet.cloud, command_.axes);
    write_cloud(file, command_.format, std::as_const(packet.cloud).view());
  }

  const ReplayCommand& command_;
  Progress& progress_;
  Schedule schedule_;
  std::uint64_t played_ = 0;
  int failures_ = 0;
  bool end_told_ = false;
};

/// The recording may have a name that a message will get.
void check_overwriting(const ReplayCommand& command) {
  InputFiles inputs;
  inputs.add(command.recording);
  if (!is_folder(command.output)) return;
  for (const std::filesystem::path& file : files_in(command.output).files) {
    if (extension(file) == fmt::format(".{}", to_string(command.format))) inputs.check(file);
  }
}

}  // namespace

int run(const ReplayCommand& command) {
  std::signal(SIGPIPE, SIG_IGN);
  catch_stop_signals();
  const bool to_stream = is_stream(command.output);
  if (!to_stream) {
    check_output(command.output);
    check_overwriting(command);
  }
  Progress progress(1, command.quiet, to_stream);
  for (const std::string& line : inert_flags(command)) progress.note(line);
  return with_file(command.recording, [&] {
    Replay replay(command, progress);
    if (!to_stream) make_folder(command.output);
    return replay.run();
  });
}

}  // namespace cli
