// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "connection.hpp"
#include "session.hpp"

namespace server {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

/// Connections beside the clients: pages, health checks, and those that have yet to say anything.
constexpr std::size_t http_connections = 256;
constexpr std::uint16_t going_away = 1001;  // of RFC 6455
constexpr auto drain_poll = std::chrono::milliseconds(10);
constexpr auto accept_pause = std::chrono::milliseconds(100);

Pages pages_for(const Options& options) {
  return options.viewer_dir.empty() ? Pages::built_in() : Pages::of_folder(options.viewer_dir);
}

std::vector<std::string> names(const Options& options) {
  std::vector<std::string> result = options.access.hosts;
  if (!options.host.is_unspecified() && !options.host.is_loopback()) {
    result.push_back(options.host.to_string());
  }
  return result;
}

int batch_for(const Options& options, Model& model) {
  depthcloud::Image gray(640, 480);
  std::fill_n(gray.data(), gray.stride() * gray.height(), std::uint8_t{128});
  return depthcloud::fastest_batch(*model.source, std::as_const(gray).view(), options.max_batch);
}

}  // namespace

Server::Server(const Options& options)
    : options_(options),
      tls_(options.tls.on() ? make_tls(options.tls, names(options)) : Tls{}),
      pages_(pages_for(options)),
      acceptor_(io_, tcp::endpoint(options.host, options.port)),
      signals_(io_, SIGTERM, SIGINT),
      timer_(io_),
      service_(io_, options_) {}

Server::~Server() {
  if (loader_.joinable()) loader_.join();
}

std::string Server::url() const {
  const tcp::endpoint at = acceptor_.local_endpoint();
  const std::string host = at.address().is_v6() ? fmt::format("[{}]", at.address().to_string())
                                                : at.address().to_string();
  return fmt::format("{}://{}:{}/", options_.tls.on() ? "https" : "http", host, at.port());
}

void Server::run() {
  signals_.async_wait([this](const auto& error, int) {
    if (!error) end();
  });
  accept();
  loader_ = std::thread([this] { load(); });
  io_.run();

  // What is left did not end in time. It refers to the service, so it goes first.
  service_.stop();
  while (!service_.sessions().empty()) service_.sessions().begin()->second->drop();
  for (Connection* connection : connections_) connection->drop();
  io_.restart();
  io_.poll();
  if (failure_) std::rethrow_exception(failure_);
}

void Server::load() {
  try {
    auto model = std::make_shared<Model>(load_model(options_.model));
    const int batch = batch_for(options_, *model);
    net::post(io_, [this, model, batch] {
      if (ending_) return;
      service_.start(std::move(*model), batch);
      spdlog::info("event=ready model={} device={} batch={}", service_.snapshot().model,
                   service_.snapshot().device, batch);
    });
  } catch (...) {
    net::post(io_, [this, failure = std::current_exception()] {
      failure_ = failure;
      io_.stop();
    });
  }
}

void Server::accept() {
  acceptor_.async_accept([this](const auto& error, tcp::socket socket) {
    if (ending_) return;
    if (error) {  // out of file descriptors, most likely: others will be closed soon
      spdlog::warn("event=accept_failed reason=\"{}\"", error.message());
      timer_.expires_after(accept_pause);
      timer_.async_wait([this](const auto& cancelled) {
        if (!cancelled) accept();
      });
      return;
    }
    if (connections_.size() < http_connections) {
      auto connection =
          std::make_shared<Connection>(std::move(socket), tls_.context.get(), service_, pages_,
                                       [this](Connection& ended) { connections_.erase(&ended); });
      connections_.insert(connection.get());
      connection->run();
    }
    accept();
  });
}

void Server::end() {
  spdlog::info("event=ending");
  ending_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  service_.stop();
  signals_.async_wait([this](const auto& error, int) {
    if (!error) io_.stop();  // asked twice: at once
  });
  drain(depthcloud::Clock::now() + options_.drain_timeout);
}

/// Sends what is on its way, says goodbye, and ends when all have answered or the time is up.
void Server::drain(depthcloud::Clock::time_point deadline) {
  for (const auto& [id, session] : std::map(service_.sessions())) {
    if (session->is_drained()) session->close(going_away);
  }
  if (service_.sessions().empty() || depthcloud::Clock::now() >= deadline) return io_.stop();
  timer_.expires_after(drain_poll);
  timer_.async_wait([this, deadline](const auto& cancelled) {
    if (!cancelled) drain(deadline);
  });
}

}  // namespace server
