// SPDX-License-Identifier: Apache-2.0
// JPEG frames in, point clouds out: websocket_server [PORT [MODEL]]
//
// The least that a server needs, to copy from: one client at a time, on this machine only. A client
// sends each frame as a binary message and gets one answer to it: a packet (docs/wire-format.md),
// or a text message {"type":"error", ...}. apps/server is the one for strangers, with several
// clients, limits, TLS and tokens.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <nlohmann/json.hpp>

#include <depthcloud/depthcloud.hpp>

namespace net = boost::asio;
namespace beast = boost::beast;
using tcp = net::ip::tcp;
using Client = beast::websocket::stream<tcp::socket>;

namespace {

constexpr std::size_t largest_frame = std::size_t{8} << 20;  // bytes

std::string to_json(const depthcloud::Error& error) {
  const nlohmann::json message = {{"type", "error"},
                                  {"code", to_string(error.code())},
                                  {"stage", to_string(error.stage())},
                                  {"message", error.what()}};
  return message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Answers one frame. What is wrong with it ends neither the connection nor the pipeline.
void answer(Client& client, depthcloud::Pipeline& pipeline, std::span<const std::uint8_t> jpeg,
            std::uint64_t frame_id) {
  try {
    const depthcloud::Frame frame = pipeline.process(jpeg, {.frame_id = frame_id});
    client.binary(true);
    client.write(net::buffer(frame.packet));
  } catch (const depthcloud::Error& error) {
    client.text(true);
    client.write(net::buffer(to_json(error)));
  }
}

/// Serves one client until it leaves, which Beast tells by an exception.
void serve(tcp::socket socket, depthcloud::Pipeline& pipeline) {
  Client client(std::move(socket));
  client.read_message_max(largest_frame);
  client.accept();
  beast::flat_buffer message;
  for (std::uint64_t frame_id = 1;; ++frame_id) {
    client.read(message);
    answer(client, pipeline,
           {static_cast<const std::uint8_t*>(message.data().data()), message.size()}, frame_id);
    message.clear();
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 8000);
  depthcloud::Pipeline pipeline(
      {.model = argc > 2 ? argv[2] : "builtin", .wire = {.encoding = depthcloud::Encoding::depth}});
  pipeline.warm_up(640, 480);

  net::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(net::ip::address_v4::loopback(), port));
  std::printf("ws://127.0.0.1:%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  while (true) {
    try {
      serve(acceptor.accept(), pipeline);
    } catch (const beast::system_error& gone) {
      std::fprintf(stderr, "client: %s\n", gone.code().message().c_str());
    }
  }
} catch (const std::exception& error) {
  std::fprintf(stderr, "websocket_server: %s\n", error.what());
  return 1;
}
