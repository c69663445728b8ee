// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

/// Counts the passes of a network that take longer than a limit and reports each through the log,
/// while it runs: a pass that never ends is seen, too. Thread-safety: share freely.
class PassWatch {
 public:
  /// No pass is too long where `limit` is zero.
  explicit PassWatch(Clock::duration limit) : limit_(limit) {}

  /// Starts the thread that watches. Throws std::system_error.
  void start();

  /// Calls `pass` under watch and returns what it returns.
  template <typename Pass>
  auto watch(Pass&& pass) {
    struct Turn {
      PassWatch& watch;
      ~Turn() { watch.end(); }
    };
    begin();
    const Turn turn{*this};
    return pass();
  }

  /// How many passes were too long so far, the one that runs included.
  std::uint64_t slow_passes() const;

 private:
  void begin();
  void end() noexcept;
  void run(const std::stop_token& stop);

  const Clock::duration limit_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Clock::time_point> began_;  ///< the pass that runs
  std::uint64_t slow_passes_ = 0;
  std::jthread thread_;  ///< last: ends before the rest goes
};

}  // namespace depthcloud
