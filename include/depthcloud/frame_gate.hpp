// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include <depthcloud/error.hpp>

namespace depthcloud {

using Clock = std::chrono::steady_clock;

/// What happens to a frame that is offered while max_in_flight others are being processed. While
/// there is room it waits to be taken, and a newer one replaces it, under either policy.
enum class GatePolicy {
  latest_wins,      ///< it waits, and a newer one replaces it
  skip_while_busy,  ///< it is skipped
};

struct GateOptions {
  GatePolicy policy = GatePolicy::latest_wins;
  int max_in_flight = 1;  ///< tickets out at a time
  /// Skips a frame offered less than 1 / max_fps seconds (in whole nanoseconds) after the last one
  /// that was let in to wait, whatever became of that one since; a skipped frame does not count.
  /// Set it above the rate of a camera that shall pass whole, as the camera's clock jitters. 0:
  /// off.
  double max_fps = 0;
  Clock::duration
      max_age{};  ///< a frame captured longer ago than this at take() is dropped; 0: off
  /// Replaced in tests. Must not throw and must not call the gate.
  std::function<Clock::time_point()> now = &Clock::now;
};

/// Throws Error{invalid_argument, stage control} for an option out of its range.
void validate(const GateOptions& options);

namespace detail {
/// The least time between two entries at this rate; zero when the rate is not limited.
Clock::duration frame_period(double max_fps);
}  // namespace detail

/// Exact at any moment: offered = admitted + skipped + replaced + expired + waiting.
struct GateCounters {
  std::uint64_t offered = 0;
  std::uint64_t admitted = 0;   ///< given out by take()
  std::uint64_t skipped = 0;    ///< turned away by policy, rate or a closed gate
  std::uint64_t replaced = 0;   ///< waited until a newer frame came
  std::uint64_t expired = 0;    ///< waited beyond max_age, or until the gate closed
  std::uint64_t waiting = 0;    ///< 0 or 1
  std::uint64_t in_flight = 0;  ///< tickets out now; not part of the sum
  bool operator==(const GateCounters&) const = default;
};

/// What became of an offered frame.
enum class OfferResult { waiting, replaced_older, skipped };

template <typename T>
class FrameGate;

/// One admitted frame. The gate frees when the ticket is destroyed, on every path, exceptions
/// included. Movable; may outlive the gate. Thread-safety: one thread at a time.
template <typename T>
class Ticket {
 public:
  Ticket(Ticket&& other) noexcept = default;
  Ticket& operator=(Ticket&& other) noexcept {
    if (this != &other) {
      release();
      state_ = std::move(other.state_);
      frame_ = std::move(other.frame_);
      capture_time_ = other.capture_time_;
    }
    return *this;
  }
  ~Ticket() { release(); }

  T& frame() noexcept { return frame_; }
  const T& frame() const noexcept { return frame_; }
  Clock::time_point capture_time() const noexcept { return capture_time_; }

 private:
  friend class FrameGate<T>;
  Ticket(std::shared_ptr<typename FrameGate<T>::State> state, T frame, Clock::time_point captured)
      : state_(std::move(state)), frame_(std::move(frame)), capture_time_(captured) {}
  void release() noexcept;

  std::shared_ptr<typename FrameGate<T>::State> state_;
  T frame_;
  Clock::time_point capture_time_;
};

/// Decides which frames enter: at most one waits and at most max_in_flight are out, so that a slow
/// stage never builds a queue. A frame is never destroyed under the gate's lock. Thread-safety:
/// share freely.
template <typename T>
class FrameGate {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a move that throws would lose a frame");

 public:
  explicit FrameGate(const GateOptions& options = {});
  /// Wakes take_wait(). Tickets that are out stay valid.
  ~FrameGate() { close(); }
  FrameGate(const FrameGate&) = delete;
  FrameGate& operator=(const FrameGate&) = delete;

  /// Offers a frame; never blocks. `captured` is when it was made, for max_age.
  OfferResult offer(T frame, Clock::time_point captured);
  OfferResult offer(T frame) { return offer(std::move(frame), state_->options.now()); }

  /// The waiting frame, if one may enter now; never blocks.
  std::optional<Ticket<T>> take();
  /// Waits until a frame may enter or the gate is closed; empty only when it is closed.
  std::optional<Ticket<T>> take_wait();

  /// Turns every further offer away, drops the waiting frame, wakes take_wait(). Idempotent.
  void close();

  GateCounters counters() const;

 private:
  friend class Ticket<T>;
  struct Waiting {
    T frame;
    Clock::time_point captured;
  };
  struct State {
    GateOptions options;
    Clock::duration period{};  ///< of max_fps
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::optional<Waiting> waiting;
    std::optional<Clock::time_point> last_entry;
    GateCounters counters;
    bool closed = false;
  };
  static bool busy(const State& state);
  static bool too_soon(const State& state, Clock::time_point now);
  static std::optional<Waiting> take_waiting(State& state);
  static std::optional<Ticket<T>> admit(const std::shared_ptr<State>& state, Waiting& waiting);

  std::shared_ptr<State> state_;
};

}  // namespace depthcloud

#include <depthcloud/detail/frame_gate.hpp>
