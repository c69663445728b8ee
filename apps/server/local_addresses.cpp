// SPDX-License-Identifier: Apache-2.0
#include "local_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <optional>

namespace server {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

std::optional<address> address_of(const sockaddr* socket) {
  if (socket == nullptr) return std::nullopt;
  if (socket->sa_family == AF_INET) {
    sockaddr_in of_v4;
    std::memcpy(&of_v4, socket, sizeof of_v4);
    return address_v4(ntohl(of_v4.sin_addr.s_addr));
  }
  if (socket->sa_family == AF_INET6) {
    sockaddr_in6 of_v6;
    std::memcpy(&of_v6, socket, sizeof of_v6);
    address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &of_v6.sin6_addr, bytes.size());
    return address_v6(bytes);
  }
  return std::nullopt;
}

bool is_link_local(const address& local) {
  return local.is_v6() ? local.to_v6().is_link_local()
                       : local.to_v4().to_uint() >> 16 == 0xA9FE;  // 169.254.0.0/16
}

}  // namespace

std::vector<address> reachable_addresses(const address& host) {
  if (!host.is_unspecified()) return {host};
  std::vector<address> found;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) == 0) {
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> interfaces(first, ::freeifaddrs);
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
      const auto local = address_of(each->ifa_addr);
      const bool is_heard = local && (local->is_v4() || host.is_v6());
      if (!is_heard || (each->ifa_flags & IFF_UP) == 0) continue;
      if (!local->is_loopback() && !is_link_local(*local)) found.push_back(*local);
    }
  }
  if (found.empty()) {
    found.push_back(host.is_v6() ? address(address_v6::loopback())
                                 : address(address_v4::loopback()));
  }
  return found;
}

}  // namespace server
