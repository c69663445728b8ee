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

/// What happens to a frame that is offered while max_in_flight frames are being processed. With
/// fewer frames in flight, both policies let it wait until it is taken; a newer frame replaces it.
enum class GatePolicy {
  latest_wins,      ///< the frame waits; a newer frame replaces it
  skip_while_busy,  ///< the frame is skipped
};

struct GateOptions {
  GatePolicy policy = GatePolicy::latest_wins;
  int max_in_flight = 1;  ///< largest number of tickets that exist at the same time
  /// Skips a frame offered less than 1 / max_fps seconds (in whole nanoseconds) after the last
  /// frame that was accepted, whatever happened to that one since. Skipped frames do not count. To
  /// pass every frame of a camera, set it above the camera's rate, because the camera's clock
  /// jitters. 0: off.
  double max_fps = 0;
  /// Drops a frame that was captured longer ago than this when it is taken; 0: off.
  Clock::duration max_age{};
  /// The clock; tests replace it. Must not throw and must not call the gate.
  std::function<Clock::time_point()> now = &Clock::now;
};

/// Throws Error{invalid_argument, stage control} if an option is out of range.
void validate(const GateOptions& options);

namespace detail {
/// Returns the shortest time between two entries at this rate; zero if the rate is not limited.
Clock::duration frame_period(double max_fps);
}  // namespace detail

/// Counts of frames, consistent at any moment:
/// offered = admitted + skipped + replaced + expired + waiting.
struct GateCounters {
  std::uint64_t offered = 0;
  std::uint64_t admitted = 0;   ///< taken, as a ticket
  std::uint64_t skipped = 0;    ///< rejected by the policy, the rate or a closed gate
  std::uint64_t replaced = 0;   ///< replaced by a newer frame while waiting
  std::uint64_t expired = 0;    ///< waited beyond max_age, or until the gate closed
  std::uint64_t waiting = 0;    ///< 0 or 1
  std::uint64_t in_flight = 0;  ///< tickets that exist now; not part of the sum
  bool operator==(const GateCounters&) const = default;
};

/// What happened to an offered frame: it waits, it waits and replaced an older frame, or it was
/// skipped.
enum class OfferResult { waiting, replaced_older, skipped };

template <typename T>
class FrameGate;

/// One admitted frame, which the ticket owns. Destroying the ticket makes room in the gate.
/// Movable; may outlive the gate. Thread-safety: one thread at a time.
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

/// Decides which frames are processed: at most one frame waits and at most max_in_flight are in
/// flight, so a slow stage never builds a queue. The gate never destroys a frame while it holds its
/// lock. Thread-safe.
template <typename T>
class FrameGate {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "a move that throws would lose a frame");

 public:
  /// Throws Error{invalid_argument, stage control} if an option is out of range.
  explicit FrameGate(const GateOptions& options = {});
  /// Calls close(). Existing tickets stay valid.
  ~FrameGate() { close(); }
  FrameGate(const FrameGate&) = delete;
  FrameGate& operator=(const FrameGate&) = delete;

  /// Offers a frame, captured at `captured` (default: now), which counts for max_age. Never blocks.
  OfferResult offer(T frame, Clock::time_point captured);
  OfferResult offer(T frame) { return offer(std::move(frame), state_->options.now()); }

  /// Returns the waiting frame if it may enter now, else nothing. Never blocks.
  std::optional<Ticket<T>> take();
  /// Waits until a frame may enter and returns it. Returns nothing only if the gate is closed.
  std::optional<Ticket<T>> take_wait();

  /// Skips all further frames, drops the waiting one and wakes take_wait(). May be called more than
  /// once.
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
