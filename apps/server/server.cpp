// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "client_peer.hpp"
#include "connection.hpp"
#include "in_quotes.hpp"
#include "local_addresses.hpp"
#include "model.hpp"
#include "session.hpp"

namespace server {
namespace {

namespace net = boost::asio;
using tcp = net::ip::tcp;

/// Largest number of connections that are not clients: pages, health checks, and silent ones. One
/// more ends the oldest, so that silent connections cannot lock others out.
constexpr std::size_t http_connections = 256;
constexpr std::uint16_t going_away = 1001;  // of RFC 6455
constexpr auto abandon_grace = std::chrono::seconds(1);
constexpr auto drain_poll = std::chrono::milliseconds(10);
constexpr auto accept_pause = std::chrono::milliseconds(100);

Pages pages_for(const Options& options) {
  return options.viewer_dir.empty() ? Pages::built_in() : Pages::of_folder(options.viewer_dir);
}

std::vector<std::string> names(const Options& options) {
  std::vector<std::string> result = options.access.hosts;
  for (const auto& address : reachable_addresses(options.host)) {
    if (!address.is_loopback()) result.push_back(address.to_string());
  }
  return result;
}

Options with_poses(Options options) {
  if (!options.source_poses.empty()) read_source_poses(options.source_poses, options.sources);
  return options;
}

int batch_for(const Options& options, depthcloud::DepthSource& model) {
  depthcloud::Image gray(640, 480);
  std::fill_n(gray.data(), gray.stride() * gray.height(), std::uint8_t{128});
  return depthcloud::fastest_batch(model, std::as_const(gray).view(), options.max_batch);
}

/// Where the server listens; an error names the port.
tcp::acceptor listen(net::io_context& io, const Options& options) try {
  return {io, tcp::endpoint(options.host, options.port)};
} catch (const boost::system::system_error& error) {
  throw std::runtime_error(fmt::format("cannot listen on {} port {}: {}", options.host.to_string(),
                                       options.port, error.code().message()));
}

}  // namespace

Server::Server(const Options& options)
    : options_(with_poses(options)),
      tls_(options.tls.on() ? make_tls(options.tls, names(options)) : Tls{}),
      pages_(pages_for(options)),
      acceptor_(listen(io_, options)),
      signals_(io_, SIGTERM, SIGINT),
      timer_(io_),
      service_(io_, options_) {}

Server::~Server() {
  if (loader_.joinable()) loader_.join();
}

std::vector<std::string> Server::urls() const {
  const tcp::endpoint at = acceptor_.local_endpoint();
  std::vector<std::string> result;
  for (const auto& address : reachable_addresses(at.address())) {
    const std::string host = address.to_string();
    result.push_back(fmt::format("{}://{}:{}/", options_.tls.on() ? "https" : "http",
                                 address.is_v6() ? fmt::format("[{}]", host) : host, at.port()));
  }
  return result;
}

void Server::run() {
  signals_.async_wait([this](const auto& error, int) {
    if (!error) end();
  });
  accept();
  loader_ = std::thread([this] { load(); });
  work();
  service_.end_recording();
  if (ending_) end_for_certain();
  stop_.request_stop();

  // What is left did not end in time. It refers to the service, so it goes first.
  service_.stop();
  while (!service_.sessions().empty()) service_.sessions().begin()->second->drop();
  for (const auto& [number, connection] : connections_) connection->drop();
  io_.restart();
  io_.poll();
  if (failure_) std::rethrow_exception(failure_);
}

/// What runs is abandoned now. What cannot be, a pass of a TorchScript module or a camera that does
/// not answer, must not keep the process alive.
void Server::end_for_certain() {
  last_resort_ = std::jthread([](const std::stop_token& ended) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    const auto has_ended = [&] { return ended.stop_requested(); };
    if (std::condition_variable_any().wait_for(lock, ended, abandon_grace, has_ended)) return;
    spdlog::warn("event=ended reason=\"a pass of the network or a source did not end\"");
    std::_Exit(EXIT_SUCCESS);
  });
}

/// Runs handlers until there are no more. What one throws has ended the connection that it was for,
/// and nothing else.
void Server::work() {
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::bad_alloc&) {
      spdlog::error("event=failed reason=\"out of memory\"");
    } catch (const std::exception& error) {
      spdlog::error("event=failed reason={}", in_quotes(error.what()));
    }
  }
}

void Server::load() {
  try {
    ModelOptions options = options_.model;
    options.estimator.stop = stop_.get_token();
    const LoadedModel model = load_model(options);
    const int batch = batch_for(options_, *model.source);
    if (options_.webrtc.is_on) check_webrtc(options_);
    const bool takes_video = options_.limits.video_clients > 0;
    net::post(io_, [this, model, batch, codecs = takes_video ? decodable_codecs() : VideoCodecs()] {
      if (ending_) return;
      service_.start(model, batch, codecs);
      ClientOptions defaults = options_.client;
      for (const std::string& note : service_.settle(defaults)) {
        spdlog::warn("event=no_effect message={}", in_quotes(note));
      }
      const Snapshot now = service_.snapshot();
      spdlog::info("event=ready model={} device={} precision={} batch={} video={}", now.model,
                   now.device, now.precision, batch, in_quotes(names_of(service_.codecs())));
    });
  } catch (...) {
    net::post(io_, [this, failure = std::current_exception()] {
      if (ending_) return;
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
    accept();
    admit(std::move(socket));
  });
}

void Server::admit(tcp::socket socket) {
  if (connections_.size() >= http_connections) {
    connections_.begin()->second->drop();
    connections_.erase(connections_.begin());
  }
  const std::uint64_t number = ++accepted_;
  auto connection =
      std::make_shared<Connection>(std::move(socket), tls_.context.get(), service_, pages_,
                                   [this, number] { connections_.erase(number); });
  connections_[number] = connection.get();
  connection->run();
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
  if (service_.sessions().empty() || depthcloud::Clock::now() >= deadline) return io_.stop();
  timer_.expires_after(drain_poll);
  timer_.async_wait([this, deadline](const auto& cancelled) {
    if (!cancelled) drain(deadline);
  });
  say_goodbye();
}

/// Closes the sessions that have nothing on its way.
void Server::say_goodbye() {
  std::vector<std::uint64_t> drained;
  for (const auto& [id, session] : service_.sessions()) {
    if (session->is_drained()) drained.push_back(id);
  }
  // A cloud that has just left the network is posted, but not yet queued.
  net::post(io_, [this, drained = std::move(drained)] {
    for (const std::uint64_t id : drained) {
      const auto found = service_.sessions().find(id);
      if (found != service_.sessions().end() && found->second->is_drained()) {
        found->second->close(going_away);
      }
    }
  });
}

}  // namespace server
