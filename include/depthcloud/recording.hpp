// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace depthcloud {

/// A message of a recording; docs/recording.md is the specification of the file.
struct RecordedMessage {
  std::chrono::microseconds time{};  ///< since the recording began
  std::uint64_t stream = 0;          ///< of the client that the message was for
  std::vector<std::uint8_t> bytes;   ///< as pack() made them
};

struct RecordingOptions {
  std::uint64_t max_bytes = 0;  ///< of the file; 0: no limit, else at least 48
};

/// Writes messages with their times to a file. Each message is handed to the operating system at
/// once, so that a crash of the process loses none that was written. Thread-safety: one thread at a
/// time.
class RecordingWriter {
 public:
  using Clock = std::chrono::steady_clock;

  /// Creates the file; a pipe or a device is written as it is. Throws Error{invalid_argument, stage
  /// file} if a file of that name exists or an option is out of range, Error{not_found or io} if it
  /// cannot be created. That it cannot be written to, write() tells.
  explicit RecordingWriter(const std::filesystem::path& path, const RecordingOptions& options = {});
  /// As close(), without an error.
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  /// Appends a message of a stream; times before the recording began count as its begin. Returns
  /// false, and does nothing, once the recording has ended. Throws what ends it, once:
  /// Error{limit_exceeded, stage file} if the message does not fit in max_bytes, or Error{io}. The
  /// messages before stay readable. Throws Error{invalid_argument} for a message of 2^32 bytes and
  /// more or the stream 2^64 - 1, which marks the end; the recording then goes on.
  bool write(std::uint64_t stream, std::span<const std::uint8_t> message,
             Clock::time_point time = Clock::now());

  /// Marks the end, so that a reader knows that nothing is missing. Does nothing once the recording
  /// has ended. Throws Error{io}.
  void close();

  bool is_open() const noexcept;
  std::uint64_t num_messages() const noexcept;  ///< written so far
  std::uint64_t num_bytes() const noexcept;     ///< of the file so far

 private:
  struct File;
  std::unique_ptr<File> file_;
};

/// How a recording ends.
enum class RecordingEnd {
  whole,    ///< with the mark of its end
  cut_off,  ///< without: the writer had no time, or the file is not all there
  damaged,  ///< with a message that is not as it was written
};

/// Returns "whole", "cut_off" or "damaged".
const char* to_string(RecordingEnd end) noexcept;

/// Returns true if a file that begins so, with 8 bytes at least, is a recording. Thread-safe.
bool is_recording(std::span<const std::uint8_t> start) noexcept;

/// Reads the messages of a recording, one after the other, also from a pipe. A recording that was
/// cut off anywhere behind its header is read up to there. Memory is allocated for bytes that are
/// there, not for sizes that a header claims. Thread-safety: one thread at a time.
class RecordingReader {
 public:
  static constexpr std::size_t default_max_message_bytes = std::size_t{256} << 20;

  /// Reads the header. Throws Error{code, stage file}: not_found, io, corrupt_data (truncated
  /// header), unsupported (no recording, or one of another version).
  explicit RecordingReader(const std::filesystem::path& path,
                           std::size_t max_message_bytes = default_max_message_bytes);
  /// Reads a recording in memory, which must outlive the reader. Throws as above.
  explicit RecordingReader(std::span<const std::uint8_t> bytes,
                           std::size_t max_message_bytes = default_max_message_bytes);
  ~RecordingReader();
  RecordingReader(const RecordingReader&) = delete;
  RecordingReader& operator=(const RecordingReader&) = delete;

  /// Reads the next message; its memory is reused. Returns false at the end, see end(): a message
  /// above `max_message_bytes` is one. Throws Error{io or out_of_memory, stage file}.
  bool next(RecordedMessage& message);

  /// How the recording ended; `whole` before next() has returned false.
  RecordingEnd end() const noexcept;
  /// What is missing or damaged, for people: one line. Empty for a whole recording.
  const std::string& problem() const noexcept;
  std::uint64_t num_messages() const noexcept;  ///< read so far
  /// When the recording began, by the clock of the machine that made it.
  std::chrono::system_clock::time_point started() const noexcept;

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace depthcloud
