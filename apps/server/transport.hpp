// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace server {

/// A TCP connection with or without TLS under one type, so that Beast's templates are compiled
/// once.
class Transport {
 public:
  using next_layer_type = boost::beast::tcp_stream;
  using executor_type = next_layer_type::executor_type;

  /// Without a context: plain TCP.
  Transport(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* context) {
    if (context) {
      tls_ = std::make_unique<TlsStream>(std::move(socket), *context);
    } else {
      tcp_ = std::make_unique<next_layer_type>(std::move(socket));
    }
  }

  next_layer_type& next_layer() { return tls_ ? tls_->next_layer() : *tcp_; }
  const next_layer_type& next_layer() const { return tls_ ? tls_->next_layer() : *tcp_; }
  executor_type get_executor() { return next_layer().get_executor(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      tcp_->async_read_some(buffers, std::forward<Handler>(handler));
    }
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      tcp_->async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

  /// The TLS handshake; at once without TLS.
  template <typename Handler>
  void async_handshake(Handler&& handler) {
    if (tls_) {
      tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(handler));
    } else {
      boost::asio::post(get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
        handler(boost::system::error_code());
      });
    }
  }

  /// Ends TLS, then TCP.
  template <typename Handler>
  void async_shutdown(Handler&& handler) {
    if (tls_) {
      tls_->async_shutdown(std::forward<Handler>(handler));
    } else {
      boost::system::error_code error;
      next_layer().socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, error);
      boost::asio::post(
          get_executor(),
          [error, handler = std::forward<Handler>(handler)]() mutable { handler(error); });
    }
  }

  /// What Beast calls when a WebSocket ends.
  template <typename Handler>
  friend void async_teardown(boost::beast::role_type role, Transport& transport,
                             Handler&& handler) {
    if (transport.tls_) {
      transport.tls_->async_shutdown(std::forward<Handler>(handler));
    } else {
      boost::beast::websocket::async_teardown(role, transport.tcp_->socket(),
                                              std::forward<Handler>(handler));
    }
  }

 private:
  using TlsStream = boost::beast::ssl_stream<boost::beast::tcp_stream>;
  std::unique_ptr<next_layer_type> tcp_;
  std::unique_ptr<TlsStream> tls_;
};

}  // namespace server
