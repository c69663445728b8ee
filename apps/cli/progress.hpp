// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace cli {

/// A bar on standard error, with the time that is left, while many photos or the pictures of a
/// video are worked on; nothing where that is no terminal.
class Progress {
 public:
  /// A total of 0 is not known: the bar counts. Lines of what is done go to standard output, or to
  /// standard error where that is taken.
  Progress(std::size_t total, bool quiet, bool output_is_taken);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more photo is done; `line` is shown unless the command is quiet.
  void done(const std::string& line);
  /// The same without a line, of one of very many.
  void advance();
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
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool quiet_;
  bool visible_;
  std::FILE* lines_;
};

}  // namespace cli
