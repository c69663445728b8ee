// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>

namespace cli {

/// A bar on standard error, with the time that is left, while many photos, the pictures of a video
/// or the megabytes of a file are worked on; nothing where that is no terminal.
class Progress {
 public:
  /// A total of 0 is not known: the bar counts. Lines of what is done go to standard output, or to
  /// standard error where that is taken. `unit` stands behind the numbers.
  Progress(std::size_t total, bool quiet, bool output_is_taken, const char* unit = "");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more photo is done; `line` is shown unless the command is quiet.
  void done(const std::string& line);
  /// The same without a line, of one of very many.
  void advance();
  /// So much is done; the first call says what was done before.
  void reach(std::size_t finished);
  /// A line of what is done in all.
  void tell(const std::string& line);
  /// Something that is good to know, but no failure: `line` goes to standard error unless the
  /// command is quiet.
  void note(const std::string& line);
  /// One more photo failed; `line` goes to standard error.
  void failed(const std::string& line);

 private:
  void draw() const;
  void clear() const;

  std::size_t total_;
  std::size_t finished_ = 0;
  std::optional<std::size_t> reached_first_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool quiet_;
  bool visible_;
  std::FILE* lines_;
  const char* unit_;
};

}  // namespace cli
