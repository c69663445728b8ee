// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace server {

/// The addresses that share a prefix: "10.0.0.0/8", "fd00::/8", or one address.
class NetworkRange {
 public:
  /// Nothing for text that is not CIDR.
  static std::optional<NetworkRange> parse(std::string_view text);
  bool contains(const boost::asio::ip::address& address) const;

 private:
  boost::asio::ip::address_v6 base_;  // IPv4 as ::ffff:a.b.c.d
  int bits_ = 128;
};

/// An address from text, IPv4 within IPv6 made plain; nothing if it is none.
std::optional<boost::asio::ip::address> parse_address(std::string_view text);
/// ::ffff:a.b.c.d as a.b.c.d.
boost::asio::ip::address plain(const boost::asio::ip::address& address);

/// Whom the limit of one address counts: an IPv4 address, or the /64 network of an IPv6 address,
/// since every address of that is its owner's to take.
boost::asio::ip::address counted_as(const boost::asio::ip::address& address);

/// Whom a request came from: the peer, or, as far as the peers are proxies to be trusted, the last
/// address of X-Forwarded-For that is not one.
boost::asio::ip::address client_address(const boost::asio::ip::address& peer,
                                        std::string_view forwarded_for,
                                        const std::vector<NetworkRange>& trusted);

}  // namespace server
