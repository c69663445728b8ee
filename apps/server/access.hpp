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

/// Returns whether Origin, if present, equals Host or is allowed. Rejects pages of other sites.
bool origin_is_ours(const Request& request, const Access& access);

/// Returns whether the request has the token, if one is required, as "Authorization: Bearer" or as
/// the sub-protocol "bearer.TOKEN". Compares in constant time.
bool knows_token(const Request& request, const Access& access);

/// Returns X-Forwarded-For; if there are several such headers, all of them, joined.
std::string forwarded_for(const Request& request);

/// Whether a comma-separated header holds this element.
bool has_element(std::string_view header, std::string_view element);

}  // namespace server
