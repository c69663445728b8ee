// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

/// Calls on their way from any thread to the one that makes them. Thread-safe.
class TaskQueue {
 public:
  using Task = std::function<void()>;

  /// Appends a task; drops it after stop().
  void post(Task task) {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopped_) return;
      tasks_.push_back(std::move(task));
    }
    changed_.notify_one();
  }

  /// Waits for the next task, at most until this time. Returns an empty one at that time and after
  /// stop().
  Task next(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [this] { return is_stopped_ || !tasks_.empty(); });
    if (is_stopped_ || tasks_.empty()) return {};
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  /// Drops what waits, and whatever comes.
  void stop() {
    std::deque<Task> dropped;  // what they hold ends without the mutex
    {
      const std::lock_guard lock(mutex_);
      is_stopped_ = true;
      dropped.swap(tasks_);
    }
    changed_.notify_all();
  }
  bool is_stopped() const {
    const std::lock_guard lock(mutex_);
    return is_stopped_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  bool is_stopped_ = false;
};

}  // namespace depthcloud
