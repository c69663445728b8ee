// SPDX-License-Identifier: Apache-2.0
#include "stop_signal.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>

namespace cli {
namespace {

volatile std::sig_atomic_t requested = 0;

}  // namespace

void catch_stop_signals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { requested = 1; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // and no SA_RESTART: waiting ends
  for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool stop_requested() noexcept { return requested != 0; }

void wait_until(std::chrono::steady_clock::time_point time) {
  using std::chrono::milliseconds;
  constexpr milliseconds longest(100);  // a signal just before poll() does not interrupt it
  while (!stop_requested()) {
    const auto left = time - std::chrono::steady_clock::now();
    if (left <= left.zero()) return;
    const auto slice = std::chrono::ceil<milliseconds>(std::min<decltype(left)>(left, longest));
    ::poll(nullptr, 0, static_cast<int>(slice.count()));
  }
}

}  // namespace cli
