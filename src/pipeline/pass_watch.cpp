// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pass_watch.hpp"

#include <chrono>

#include <fmt/format.h>

#include "core/log.hpp"

namespace depthcloud {

void PassWatch::start() {
  if (limit_ <= Clock::duration::zero()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PassWatch::begin() {
  {
    const std::lock_guard lock(mutex_);
    began_ = Clock::now();
  }
  changed_.notify_one();
}

void PassWatch::end() noexcept {
  {
    const std::lock_guard lock(mutex_);
    began_.reset();
  }
  changed_.notify_one();
}

void PassWatch::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return began_.has_value(); })) {
    const Clock::time_point watched = *began_;
    const auto is_over = [&] { return began_ != watched; };
    const bool over = changed_.wait_until(lock, stop, watched + limit_, is_over);
    if (over || stop.stop_requested()) continue;
    ++slow_passes_;
    lock.unlock();  // the callback of the log may ask for the count
    log(LogLevel::warning, fmt::format("a pass of the network takes longer than {} s",
                                       std::chrono::duration<double>(limit_).count()));
    lock.lock();
    changed_.wait(lock, stop, is_over);
  }
}

std::uint64_t PassWatch::slow_passes() const {
  const std::lock_guard lock(mutex_);
  return slow_passes_;
}

}  // namespace depthcloud
