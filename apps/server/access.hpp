// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "options.hpp"

namespace server {

using Request = boost::beast::http::request<boost::beast::http::string_body>;

/// Host names this server: localhost, the address that the connection came in at, or a name that is
/// allowed. Keeps out pages of a name that was made to resolve to this machine (DNS rebinding).
bool host_is_ours(const Request& request, const boost::asio::ip::address& local,
                  const Access& access);

/// Origin, when present, is Host itself or one that is allowed. Keeps out other sites' pages.
bool origin_is_ours(const Request& request, const Access& access);

/// The token, if one is asked for, as "Authorization: Bearer" or as the sub-protocol
/// "bearer.TOKEN"; compared in constant time.
bool knows_token(const Request& request, const Access& access);

/// X-Forwarded-For; all of it where proxies have added headers of their own to a stranger's.
std::string forwarded_for(const Request& request);

/// Whether a comma-separated header holds this element.
bool has_element(std::string_view header, std::string_view element);

}  // namespace server
