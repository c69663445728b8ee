// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "options.hpp"
#include "pages.hpp"
#include "service.hpp"
#include "tls.hpp"

namespace server {

class Connection;

/// Listens, loads the model meanwhile, serves until a signal comes, and drains. Thread-safety: one
/// thread, which run() makes the server's.
class Server {
 public:
  /// Binds. Throws UsageError, boost::system::system_error.
  explicit Server(const Options& options);
  ~Server();

  /// Where others reach it.
  std::vector<std::string> urls() const;
  /// Of the certificate; empty without TLS.
  const std::string& fingerprint() const { return tls_.fingerprint; }

  /// Returns once it was asked to end and has drained. Throws what loading the model throws.
  void run();

 private:
  void accept();
  void load();
  void end();
  void admit(boost::asio::ip::tcp::socket socket);
  void work();
  void drain(depthcloud::Clock::time_point deadline);
  void say_goodbye();
  void end_for_certain();

  Options options_;
  std::jthread last_resort_;  // ends when all below has ended
  std::stop_source stop_;     // of the network's passes
  boost::asio::io_context io_{1};
  Tls tls_;
  Pages pages_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  Service service_;
  std::map<std::uint64_t, Connection*> connections_;  // the oldest first
  std::uint64_t accepted_ = 0;
  bool ending_ = false;
  std::thread loader_;
  std::exception_ptr failure_;
};

}  // namespace server
