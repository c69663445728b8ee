// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <boost/asio/ip/address.hpp>

namespace server {

/// The addresses under which others reach a server that listens on `host`: `host` itself or, if it
/// is 0.0.0.0 or ::, those of the network interfaces that are up, without link-local ones. Those of
/// loopback stand for them where there are no others.
std::vector<boost::asio::ip::address> reachable_addresses(const boost::asio::ip::address& host);

}  // namespace server
