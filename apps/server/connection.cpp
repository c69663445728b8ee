// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <utility>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "session.hpp"

namespace server {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::uint32_t header_limit = 16 * 1024;
constexpr std::uint64_t body_limit = 1024;  // no request of ours has one

std::optional<http::status> status_of(const boost::system::error_code& error) {
  if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) return http::status::payload_too_large;
  if (error.category() == http::make_error_code(http::error::bad_method).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return http::status::bad_request;
  }
  return std::nullopt;  // the connection is gone
}

}  // namespace

Connection::Connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                       Service& service, const Pages& pages, std::function<void()> ended)
    : transport_(std::move(socket), tls),
      service_(service),
      pages_(pages),
      ended_(std::move(ended)) {
  boost::system::error_code ignored;
  auto& lowest = transport_.next_layer().socket();
  local_ = plain(lowest.local_endpoint(ignored).address());
  peer_ = plain(lowest.remote_endpoint(ignored).address());
  lowest.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

Connection::~Connection() { ended_(); }

void Connection::run() {
  limit_time();
  transport_.async_handshake([self = shared_from_this()](const auto& error) {
    if (!error) self->read();
  });
}

void Connection::limit_time() {
  transport_.next_layer().expires_after(service_.options().limits.handshake_timeout);
}

void Connection::read() {
  parser_.emplace();
  parser_->header_limit(header_limit);
  parser_->body_limit(body_limit);
  limit_time();
  http::async_read(transport_, buffer_, *parser_,
                   [self = shared_from_this()](const auto& error, std::size_t) {
                     if (!error) return self->on_request();
                     const auto status = status_of(error);
                     if (!status) return self->goodbye();
                     Response response = plain_answer(11, *status, "that is no request of HTTP\n");
                     response.keep_alive(false);
                     self->write(std::move(response));
                   });
}

void Connection::on_request() {
  const Request request = parser_->release();
  const boost::asio::ip::address client =
      client_address(peer_, forwarded_for(request), service_.options().access.trusted_proxies);
  std::optional<Response> response = answer(request, service_, pages_, local_, client);
  if (!response && buffer_.size() > 0) {
    response = plain_answer(request.version(), http::status::bad_request,
                            "a WebSocket sends nothing before the handshake\n");
  }
  if (!response) {
    std::make_shared<Session>(std::move(transport_), service_, client)->run(request);
    return;
  }
  response->keep_alive(request.keep_alive());
  response->prepare_payload();
  if (request.method() == http::verb::head)
    response->body().clear();  // its length stays in the header
  write(std::move(*response));
}

void Connection::write(Response response) {
  ++service_.metrics().http_responses[response.result_int() / 100];
  response_ = std::make_shared<Response>(std::move(response));
  if (!response_->has_content_length()) response_->prepare_payload();
  // A page is longer than a request, and a phone's network slower.
  transport_.next_layer().expires_after(service_.options().limits.idle_timeout);
  http::async_write(transport_, *response_,
                    [self = shared_from_this()](const auto& error, std::size_t) {
                      if (error) return;
                      if (self->response_->keep_alive()) {
                        self->read();
                      } else {
                        self->goodbye();
                      }
                    });
}

void Connection::goodbye() {
  limit_time();
  transport_.async_shutdown([self = shared_from_this()](const auto&) {});
}

void Connection::drop() { transport_.next_layer().close(); }

}  // namespace server
