// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace cli {

Progress::Progress(std::size_t total, bool quiet, bool output_is_taken)
    : total_(total),
      quiet_(quiet),
      visible_(!quiet && total > 1 && ::isatty(::fileno(stderr)) != 0),
      lines_(output_is_taken ? stderr : stdout) {
  draw();
}

Progress::~Progress() { clear(); }

void Progress::done(const std::string& line) {
  clear();
  if (!quiet_) {
    fmt::print(lines_, "{}\n", line);
    std::fflush(lines_);
  }
  ++finished_;
  draw();
}

void Progress::note(const std::string& line) {
  if (quiet_) return;
  clear();
  fmt::print(stderr, "depthcloud: note: {}\n", line);
  draw();
}

void Progress::failed(const std::string& line) {
  clear();
  fmt::print(stderr, "{}\n", line);
  ++finished_;
  draw();
}

void Progress::draw() const {
  if (!visible_) return;
  constexpr std::size_t width = 40;
  const std::size_t filled = width * finished_ / total_;
  fmt::print(stderr, "[{:#<{}}{:.<{}}] {}/{}", "", filled, "", width - filled, finished_, total_);
}

void Progress::clear() const {
  if (visible_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace cli
