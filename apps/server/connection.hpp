// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http_answer.hpp"
#include "pages.hpp"
#include "service.hpp"
#include "transport.hpp"

namespace server {

/// One TCP connection while it speaks HTTP; a request for a WebSocket makes it a Session. Lives as
/// long as it has work to wait for. Thread-safety: the server's thread only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `ended` is called when it is over, or a Session took it over. `tls`: nullptr for plain HTTP.
  Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls, Service& service,
             const Pages& pages, std::function<void()> ended);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void run();
  /// Ends it without a word.
  void drop();

 private:
  void read();
  void on_request();
  void write(Response response);
  void goodbye();
  void limit_time();

  Transport transport_;
  Service& service_;
  const Pages& pages_;
  std::function<void()> ended_;
  boost::asio::ip::address local_;
  boost::asio::ip::address peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::shared_ptr<Response> response_;
};

}  // namespace server
