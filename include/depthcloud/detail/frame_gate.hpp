// SPDX-License-Identifier: Apache-2.0
#pragma once

// The definitions of frame_gate.hpp. In each function, the frame that leaves the gate is declared
// before the lock, so that it is destroyed after the lock is released.

#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

template <typename T>
FrameGate<T>::FrameGate(const GateOptions& options) : state_(std::make_shared<State>()) {
  validate(options);
  state_->period = detail::frame_period(options.max_fps);
  state_->options = options;
}

template <typename T>
OfferResult FrameGate<T>::offer(T frame, Clock::time_point captured) {
  State& state = *state_;
  std::optional<Waiting> older;
  const std::lock_guard lock(state.mutex);
  ++state.counters.offered;
  const Clock::time_point now = state.options.now();
  const bool unwanted = state.options.policy == GatePolicy::skip_while_busy && busy(state);
  if (state.closed || unwanted || too_soon(state, now)) {
    ++state.counters.skipped;
    return OfferResult::skipped;
  }
  older = take_waiting(state);
  if (older) ++state.counters.replaced;
  state.waiting.emplace(Waiting{std::move(frame), captured});
  state.counters.waiting = 1;
  state.last_entry = now;
  state.changed.notify_one();
  return older ? OfferResult::replaced_older : OfferResult::waiting;
}

template <typename T>
std::optional<Ticket<T>> FrameGate<T>::take() {
  std::optional<Waiting> next;
  const std::lock_guard lock(state_->mutex);
  if (busy(*state_)) return std::nullopt;
  next = take_waiting(*state_);
  return next ? admit(state_, *next) : std::nullopt;
}

template <typename T>
std::optional<Ticket<T>> FrameGate<T>::take_wait() {
  const std::shared_ptr<State> state = state_;  // the gate may be destroyed while this waits
  while (true) {
    std::optional<Waiting> next;
    std::unique_lock lock(state->mutex);
    state->changed.wait(lock, [&] { return state->closed || (state->waiting && !busy(*state)); });
    if (state->closed) return std::nullopt;
    next = take_waiting(*state);
    if (std::optional<Ticket<T>> ticket = admit(state, *next)) return ticket;
  }
}

template <typename T>
void FrameGate<T>::close() {
  std::optional<Waiting> dropped;
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  dropped = take_waiting(*state_);
  if (dropped) ++state_->counters.expired;
  state_->changed.notify_all();
}

template <typename T>
GateCounters FrameGate<T>::counters() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counters;
}

template <typename T>
bool FrameGate<T>::busy(const State& state) {
  return state.counters.in_flight >= static_cast<std::uint64_t>(state.options.max_in_flight);
}

template <typename T>
bool FrameGate<T>::too_soon(const State& state, Clock::time_point now) {
  return state.last_entry && now - *state.last_entry < state.period;
}

template <typename T>
auto FrameGate<T>::take_waiting(State& state) -> std::optional<Waiting> {
  std::optional<Waiting> frame(std::move(state.waiting));
  state.waiting.reset();
  state.counters.waiting = 0;
  return frame;
}

/// A ticket for a frame that just stopped waiting, unless it is too old.
template <typename T>
std::optional<Ticket<T>> FrameGate<T>::admit(const std::shared_ptr<State>& state,
                                             Waiting& waiting) {
  const Clock::duration max_age = state->options.max_age;
  if (max_age > Clock::duration::zero() && waiting.captured < state->options.now() - max_age) {
    ++state->counters.expired;
    return std::nullopt;
  }
  ++state->counters.admitted;
  ++state->counters.in_flight;
  return Ticket<T>(state, std::move(waiting.frame), waiting.captured);
}

template <typename T>
void Ticket<T>::release() noexcept {
  if (!state_) return;
  {
    const std::lock_guard lock(state_->mutex);
    --state_->counters.in_flight;
  }
  state_->changed.notify_one();
  state_.reset();
}

}  // namespace depthcloud
