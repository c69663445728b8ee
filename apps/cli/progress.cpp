// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace cli {

Progress::Progress(std::size_t total, bool quiet, bool output_is_taken, const char* unit)
    : total_(total),
      quiet_(quiet),
      visible_(!quiet && total != 1 && ::isatty(::fileno(stderr)) != 0),
      lines_(output_is_taken ? stderr : stdout),
      unit_(unit) {
  draw();
}

Progress::~Progress() { clear(); }

void Progress::done(const std::string& line) {
  tell(line);
  advance();
}

void Progress::advance() {
  clear();
  ++finished_;
  draw();
}

void Progress::reach(std::size_t finished) {
  if (!reached_first_) reached_first_ = finished;
  if (finished == finished_) return;
  clear();
  finished_ = finished;
  draw();
}

void Progress::tell(const std::string& line) {
  if (quiet_) return;
  clear();
  fmt::print(lines_, "{}\n", line);
  std::fflush(lines_);
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
  if (total_ == 0) {
    fmt::print(stderr, "{} pictures", finished_);
    return;
  }
  constexpr std::size_t width = 40;
  const std::size_t filled = width * std::min(finished_, total_) / total_;
  fmt::print(stderr, "[{:#<{}}{:.<{}}] {}/{}{}", "", filled, "", width - filled, finished_, total_,
             unit_);
  const std::size_t before = reached_first_.value_or(0);
  if (finished_ <= before || finished_ >= total_) return;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
  const double left = passed.count() / static_cast<double>(finished_ - before) *
                      static_cast<double>(total_ - finished_);
  const auto seconds = static_cast<long>(std::lround(left));
  fmt::print(stderr, ", {}:{:02} left", seconds / 60, seconds % 60);
}

void Progress::clear() const {
  if (visible_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace cli
