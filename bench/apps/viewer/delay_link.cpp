// SPDX-License-Identifier: Apache-2.0
// A link that takes its time, where the kernel has no netem:
//   depthcloud_delay_link NAMESPACE HERE THERE MILLISECONDS
// makes the network interface HERE in this network namespace and THERE in NAMESPACE (of `ip
// netns`); every IP packet that leaves by one arrives at the other so much later. Prints "ready"
// when both are there; they go with the program. Needs root.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

int checked(int result, const std::string& what) {
  if (result < 0) throw std::runtime_error(what + ": " + std::strerror(errno));
  return result;
}

/// One end: what this namespace sends over the interface is read here, what is written arrives
/// there.
int open_end(const std::string& name) {
  const int end = checked(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  checked(ioctl(end, TUNSETIFF, &request), name);
  return end;
}

struct Packet {
  Clock::time_point due;
  std::vector<std::uint8_t> bytes;
};

struct Direction {
  int from;
  int to;
  std::deque<Packet> packets;

  void take(Clock::duration delay) {
    std::array<std::uint8_t, 65536> buffer{};
    for (ssize_t size = 0; (size = read(from, buffer.data(), buffer.size())) > 0;) {
      packets.push_back({Clock::now() + delay, {buffer.begin(), buffer.begin() + size}});
    }
  }
  /// One that the other side does not take (it is down) is lost, as on any link.
  void deliver() {
    while (!packets.empty() && packets.front().due <= Clock::now()) {
      const std::vector<std::uint8_t>& bytes = packets.front().bytes;
      [[maybe_unused]] const ssize_t written = write(to, bytes.data(), bytes.size());
      packets.pop_front();
    }
  }
};

timespec until(Clock::time_point due) {
  const auto left = std::max(due - Clock::now(), Clock::duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
}

void relay(int here, int there, Clock::duration delay) {
  Direction directions[] = {{here, there, {}}, {there, here, {}}};
  pollfd ends[] = {{.fd = here, .events = POLLIN, .revents = 0},
                   {.fd = there, .events = POLLIN, .revents = 0}};
  while (true) {
    Clock::time_point next = Clock::now() + std::chrono::seconds(1);
    for (const Direction& direction : directions) {
      if (!direction.packets.empty()) next = std::min(next, direction.packets.front().due);
    }
    const timespec wait = until(next);
    ppoll(ends, std::size(ends), &wait, nullptr);
    for (Direction& direction : directions) {
      direction.take(delay);
      direction.deliver();
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) throw std::runtime_error("NAMESPACE HERE THERE MILLISECONDS expected");
  prctl(PR_SET_TIMERSLACK, 1UL);
  const int here = open_end(argv[2]);
  const int space =
      checked(open(("/run/netns/" + std::string(argv[1])).c_str(), O_RDONLY | O_CLOEXEC), argv[1]);
  checked(setns(space, CLONE_NEWNET), argv[1]);
  const int there = open_end(argv[3]);
  std::puts("ready");
  std::fflush(stdout);
  relay(here, there,
        std::chrono::duration_cast<Clock::duration>(
            std::chrono::duration<double, std::milli>(std::stod(argv[4]))));
} catch (const std::exception& error) {
  std::fprintf(stderr, "depthcloud_delay_link: %s\n", error.what());
  return 1;
}
