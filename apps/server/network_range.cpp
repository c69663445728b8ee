// SPDX-License-Identifier: Apache-2.0
#include "network_range.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace server {
namespace {

namespace ip = boost::asio::ip;
constexpr int mapped_prefix = 96;  // of ::ffff:0:0/96, where IPv4 lives

ip::address_v6 as_v6(const ip::address& address) {
  return address.is_v4() ? ip::make_address_v6(ip::v4_mapped, address.to_v4()) : address.to_v6();
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_trusted(const ip::address& address, const std::vector<NetworkRange>& trusted) {
  return std::any_of(trusted.begin(), trusted.end(),
                     [&](const NetworkRange& range) { return range.contains(address); });
}

}  // namespace

ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::optional<ip::address> parse_address(std::string_view text) {
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain(address);
}

std::optional<NetworkRange> NetworkRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const std::optional<ip::address> base = parse_address(text.substr(0, slash));
  if (!base) return std::nullopt;
  NetworkRange range;
  range.base_ = as_v6(*base);
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (bits < 0 || bits > (base->is_v4() ? 32 : 128)) return std::nullopt;
  range.bits_ = base->is_v4() ? mapped_prefix + bits : bits;
  return range;
}

bool NetworkRange::contains(const ip::address& address) const {
  const auto ours = base_.to_bytes();
  const auto theirs = as_v6(address).to_bytes();
  for (int bit = 0; bit < bits_; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const int mask = 0x80 >> (bit % 8);
    if (((ours[byte] ^ theirs[byte]) & mask) != 0) return false;
  }
  return true;
}

ip::address counted_as(const ip::address& address) {
  ip::address counted = plain(address);
  if (counted.is_v4()) return counted;
  ip::address_v6::bytes_type bytes = counted.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes);
}

ip::address client_address(const ip::address& peer, std::string_view forwarded_for,
                           const std::vector<NetworkRange>& trusted) {
  ip::address client = plain(peer);
  while (is_trusted(client, trusted) && !forwarded_for.empty()) {
    const auto comma = forwarded_for.rfind(',');
    const std::string_view last =
        comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1);
    forwarded_for = comma == std::string_view::npos ? "" : forwarded_for.substr(0, comma);
    const std::optional<ip::address> address = parse_address(trimmed(last));
    if (!address) break;  // entries before an invalid one are not trusted
    client = *address;
  }
  return client;
}

}  // namespace server
