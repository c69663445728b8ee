// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "access.hpp"
#include "pages.hpp"
#include "service.hpp"

namespace server {

using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// The sub-protocol that a page names beside its token, and that is answered.
inline constexpr const char* sub_protocol = "depthcloud.v1";
bool offers_protocol(const Request& request);

/// Headers that every answer has.
void set_common_headers(boost::beast::http::fields& response);

/// Returns the answer to a request, or nothing if it is an allowed request for a WebSocket. `local`
/// is the address on which the connection arrived, `client` that of the client.
std::optional<Response> answer(const Request& request, Service& service, const Pages& pages,
                               const boost::asio::ip::address& local,
                               const boost::asio::ip::address& client);

/// An answer of plain text.
Response plain_answer(unsigned version, boost::beast::http::status status, std::string_view text);

}  // namespace server
