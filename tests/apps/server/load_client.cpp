// SPDX-License-Identifier: Apache-2.0
// Clients of depthcloud-server that send one JPEG at a fixed rate and read all clouds:
//   depthcloud_load_client PORT CLIENTS FPS SECONDS JPEG [CONFIGURE_JSON]
// Prints JSON: for each client how many frames it sent and how many clouds and errors came back;
// and over all clouds the milliseconds from sending a frame to having its cloud (`latency_ms`), the
// same less the stage times that the cloud tells (`overhead_ms`), and how many newer frames had
// been sent when the network began with this one (`behind`).
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

struct Load {
  unsigned short port = 0;
  int clients = 0;
  double fps = 0;
  double seconds = 0;
  std::string jpeg;
  std::string configure;
};

/// What the end of a packet tells: its last keys are frame_id and stage_ms.
struct Tail {
  std::uint64_t frame_id = 0;
  double stages_ms = 0;
};

std::uint64_t big_endian(const std::uint8_t* bytes, int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

/// A number of msgpack at the place behind `key`; nothing where there is none.
std::optional<double> number_behind(std::string_view tail, std::string_view key) {
  const auto at = tail.rfind(key);
  if (at == std::string_view::npos || tail.size() < at + key.size() + 9) return std::nullopt;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(tail.data()) + at + key.size();
  switch (bytes[0]) {
    case 0xcb:
      return std::bit_cast<double>(big_endian(bytes + 1, 8));
    case 0xcc:
      return static_cast<double>(bytes[1]);
    case 0xcd:
      return static_cast<double>(big_endian(bytes + 1, 2));
    case 0xce:
      return static_cast<double>(big_endian(bytes + 1, 4));
    default:
      return bytes[0] < 0x80 ? std::optional<double>(bytes[0]) : std::nullopt;
  }
}

std::optional<Tail> read_tail(std::string_view packet) {
  const std::string_view tail =
      packet.substr(packet.size() - std::min<std::size_t>(packet.size(), 256));
  const auto id = number_behind(tail, "frame_id");
  if (!id) return std::nullopt;
  Tail result{static_cast<std::uint64_t>(*id), 0};
  for (const char* stage : {"decode", "preprocess", "infer", "cloud"}) {
    result.stages_ms += number_behind(tail, stage).value_or(0);
  }
  return result;
}

class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(net::io_context& io, const Load& load) : load_(load), socket_(io), timer_(io) {}

  void run(Clock::time_point start) {
    const net::ip::tcp::endpoint server(net::ip::address_v4::loopback(), load_.port);
    beast::get_lowest_layer(socket_).connect(server);
    beast::get_lowest_layer(socket_).socket().set_option(net::ip::tcp::no_delay(true));
    socket_.handshake("127.0.0.1", "/ws");
    socket_.read_message_max(0);
    if (!load_.configure.empty()) {
      socket_.text(true);
      socket_.write(net::buffer(load_.configure));
    }
    socket_.binary(true);
    next_ = start;
    read();
    tick();
  }

  void stop() {
    timer_.cancel();
    beast::get_lowest_layer(socket_).close();
  }

  json report() const {
    return {{"sent", sent_at_.size()}, {"clouds", clouds_}, {"errors", errors_}, {"lost", lost_}};
  }
  std::vector<double> latency_ms, overhead_ms, behind;

 private:
  void tick() {
    next_ +=
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / load_.fps));
    timer_.expires_at(next_);
    timer_.async_wait([self = shared_from_this()](const auto& error) {
      // What had expired before stop() comes without an error.
      if (error || !beast::get_lowest_layer(self->socket_).socket().is_open()) return;
      if (!self->writing_) self->write();
      self->tick();
    });
  }

  void write() {
    writing_ = true;
    sent_at_.push_back(Clock::now());
    socket_.async_write(net::buffer(load_.jpeg),
                        [self = shared_from_this()](const auto& error, std::size_t) {
                          self->writing_ = false;
                          if (error) self->lost_ = true;
                        });
  }

  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](const auto& error, std::size_t) {
      if (error) {
        self->lost_ |= error != net::error::operation_aborted;
        return;
      }
      self->received();
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  void received() {
    const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    if (socket_.got_text()) {
      errors_ += bytes.find("\"error\"") != std::string_view::npos;
      return;
    }
    ++clouds_;
    const auto tail = read_tail(bytes);
    if (!tail || tail->frame_id < 1 || tail->frame_id > sent_at_.size()) {
      ++errors_;
      return;
    }
    const Clock::time_point sent = sent_at_[tail->frame_id - 1];
    const std::chrono::duration<double, std::milli> took = Clock::now() - sent;
    latency_ms.push_back(took.count());
    overhead_ms.push_back(took.count() - tail->stages_ms);
    // The network began when the cloud came less its stages; later frames waited in vain.
    const auto began =
        Clock::now() - std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double, std::milli>(tail->stages_ms));
    behind.push_back(static_cast<double>(std::upper_bound(sent_at_.begin(), sent_at_.end(), began) -
                                         sent_at_.begin() -
                                         static_cast<std::ptrdiff_t>(tail->frame_id)));
  }

  const Load& load_;
  beast::websocket::stream<beast::tcp_stream> socket_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  Clock::time_point next_{};
  std::vector<Clock::time_point> sent_at_;
  std::size_t clouds_ = 0;
  std::size_t errors_ = 0;
  bool writing_ = false;
  bool lost_ = false;
};

json percentiles(std::vector<double> values) {
  if (values.empty()) return nullptr;
  std::sort(values.begin(), values.end());
  const auto rank = [&](double share) {
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
  };
  return {{"p50", rank(0.50)}, {"p95", rank(0.95)}, {"p99", rank(0.99)}, {"max", values.back()}};
}

std::string read_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (bytes.empty()) throw std::runtime_error(std::string("cannot read ") + path);
  return bytes;
}

json run(const Load& load) {
  net::io_context io{1};
  std::vector<std::shared_ptr<Client>> clients;
  const auto start = Clock::now();
  const auto period = std::chrono::duration<double>(1 / load.fps);
  for (int i = 0; i < load.clients; ++i) {
    clients.push_back(std::make_shared<Client>(io, load));
    // Cameras do not fire all at once.
    clients.back()->run(start +
                        std::chrono::duration_cast<Clock::duration>(period * i / load.clients));
  }
  io.run_for(
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(load.seconds)));
  json reports = json::array();
  std::vector<double> latency, overhead, behind;
  for (const auto& client : clients) {
    reports.push_back(client->report());
    latency.insert(latency.end(), client->latency_ms.begin(), client->latency_ms.end());
    overhead.insert(overhead.end(), client->overhead_ms.begin(), client->overhead_ms.end());
    behind.insert(behind.end(), client->behind.begin(), client->behind.end());
    client->stop();
  }
  io.restart();
  io.run();
  return {{"clients", reports},
          {"latency_ms", percentiles(latency)},
          {"overhead_ms", percentiles(overhead)},
          {"behind", percentiles(behind)}};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 6 || argc > 7) {
    std::cerr << "usage: depthcloud_load_client PORT CLIENTS FPS SECONDS JPEG [CONFIGURE_JSON]\n";
    return 2;
  }
  Load load{.port = static_cast<unsigned short>(std::atoi(argv[1])),
            .clients = std::atoi(argv[2]),
            .fps = std::atof(argv[3]),
            .seconds = std::atof(argv[4]),
            .jpeg = read_file(argv[5]),
            .configure = argc > 6 ? argv[6] : ""};
  std::cout << run(load).dump() << "\n";
} catch (const std::exception& error) {
  std::cerr << "depthcloud_load_client: " << error.what() << "\n";
  return 1;
}
