// SPDX-License-Identifier: Apache-2.0
// Every flag of depthcloud-server: what it sets, and what it refuses.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "server/options.hpp"

namespace {

using server::Options;
using server::UsageError;
using Words = std::vector<std::string>;
using std::chrono::milliseconds;

Options parsed(Words words) {
  words.insert(words.begin(), "depthcloud-server");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return server::parse(static_cast<int>(argv.size()), argv.data()).value();
}

std::string joined(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += " " + word;
  return line;
}

}  // namespace

TEST_SUITE("server_options") {
  TEST_CASE("defaults are the limits that the documents name") {
    const Options options = parsed({});
    CHECK(options.host.to_string() == "127.0.0.1");
    CHECK(options.port == 8000);
    CHECK(options.model.source == "builtin");
    CHECK(options.model.max_pixels == 32'000'000);
    CHECK(options.model.formats ==
          depthcloud::PhotoFormats{depthcloud::PhotoFormat::jpeg, depthcloud::PhotoFormat::png});
    CHECK(options.client.cloud.stride == 2);
    CHECK(options.gate.policy == depthcloud::GatePolicy::latest_wins);
    CHECK(options.gate.max_fps == 0);
    CHECK(options.limits.binary_bytes == 8u << 20);
    CHECK(options.limits.text_bytes == 12u << 20);
    CHECK(options.limits.queued_bytes == 4u << 20);
    CHECK(options.limits.clients == 128);
    CHECK(options.limits.clients_per_address == 64);
    CHECK(options.limits.cameras == 8);
    CHECK(options.limits.video_clients == 8);
    CHECK(options.sources.empty());
    CHECK(options.ping_interval == milliseconds(15'000));
    CHECK(options.access.token.empty());
    CHECK(!options.tls.on());
  }

  TEST_CASE("each flag sets what it names") {
    struct Flag {
      Words words;
      std::function<bool(const Options&)> is_set;
    };
    const std::vector<Flag> flags = {
        {{"--host", "localhost"}, [](auto& o) { return o.host.is_loopback(); }},
        {{"--host", "10.0.0.1", "--insecure"},
         [](auto& o) { return o.host.to_string() == "10.0.0.1" && o.access.insecure; }},
        {{"--port", "81"}, [](auto& o) { return o.port == 81; }},
        {{"--model", "x.pt"}, [](auto& o) { return o.model.source == "x.pt"; }},
        {{"--device", "cuda:1"}, [](auto& o) { return o.model.estimator.device == "cuda:1"; }},
        {{"--precision", "bf16"},
         [](auto& o) { return o.model.estimator.precision == depthcloud::Precision::bf16; }},
        {{"--process-res", "256"}, [](auto& o) { return o.model.estimator.process_res == 256; }},
        {{"--tokens", "1500"}, [](auto& o) { return o.model.estimator.tokens == 1500; }},
        {{"--resolution-level", "4"},
         [](auto& o) { return o.model.estimator.resolution_level == 4; }},
        {{"--metric-model", "m", "--metric-interval", "5"},
         [](auto& o) {
           return o.model.estimator.metric_model == "m" && o.model.estimator.metric_interval == 5;
         }},
        {{"--threads", "3"}, [](auto& o) { return o.model.estimator.threads == 3; }},
        {{"--fov", "65.5"}, [](auto& o) { return o.model.estimator.fov_degrees == 65.5; }},
        {{"--fast-decode"}, [](auto& o) { return o.model.fast_decode; }},
        {{"--max-pixels", "100"}, [](auto& o) { return o.model.max_pixels == 100; }},
        {{"--stride", "64"}, [](auto& o) { return o.client.cloud.stride == 64; }},
        {{"--min-confidence", "1.5"},
         [](auto& o) { return o.client.cloud.min_confidence == 1.5f; }},
        {{"--confidence-percentile", "20"},
         [](auto& o) { return o.client.cloud.confidence_percentile == 20; }},
        {{"--min-depth", "1"}, [](auto& o) { return o.client.cloud.min_depth == 1; }},
        {{"--max-depth", "9"}, [](auto& o) { return o.client.cloud.max_depth == 9; }},
        {{"--max-points", "7"}, [](auto& o) { return o.client.cloud.max_points == 7; }},
        {{"--edge-threshold", "0.5"},
         [](auto& o) { return o.client.cloud.edge_threshold == 0.5f; }},
        {{"--policy", "skip_while_busy"},
         [](auto& o) { return o.gate.policy == depthcloud::GatePolicy::skip_while_busy; }},
        {{"--max-fps", "2.5"}, [](auto& o) { return o.gate.max_fps == 2.5; }},
        {{"--max-age", "20"}, [](auto& o) { return o.gate.max_age == milliseconds(20); }},
        {{"--max-batch", "2"}, [](auto& o) { return o.max_batch == 2; }},
        {{"--align-window", "7"}, [](auto& o) { return o.align.window == milliseconds(7); }},
        {{"--align-buffer", "9"}, [](auto& o) { return o.align.buffer_size == 9; }},
        {{"--max-binary-bytes", "5"}, [](auto& o) { return o.limits.binary_bytes == 5; }},
        {{"--max-text-bytes", "6"}, [](auto& o) { return o.limits.text_bytes == 6; }},
        {{"--max-clients", "7"}, [](auto& o) { return o.limits.clients == 7; }},
        {{"--max-clients-per-address", "8"},
         [](auto& o) { return o.limits.clients_per_address == 8; }},
        {{"--max-cameras", "9"}, [](auto& o) { return o.limits.cameras == 9; }},
        {{"--max-queued-bytes", "10"}, [](auto& o) { return o.limits.queued_bytes == 10; }},
        {{"--max-video-clients", "0"}, [](auto& o) { return o.limits.video_clients == 0; }},
        {{"--source", "porch=rtsp://10.0.0.2/?a=b", "--source", "a/b=c.mp4"},
         [](auto& o) {
           return o.sources.size() == 2 && o.sources[0].name == "porch" &&
                  o.sources[0].uri == "rtsp://10.0.0.2/?a=b" && o.sources[1].name == "source-2" &&
                  o.sources[1].uri == "a/b=c.mp4";
         }},
        {{"--webrtc", "--stun", "stun:192.0.2.1"},
         [](auto& o) { return o.webrtc.is_on && o.webrtc.stun.has_value(); }},
        {{"--webrtc", "--turn", "turn:a:b@192.0.2.1", "--turn", "turn:a:b@192.0.2.2"},
         [](auto& o) { return o.webrtc.turn.size() == 2 && o.webrtc.browser_turn.empty(); }},
        {{"--webrtc", "--browser-turn", "turns:a:b@192.0.2.1"},
         [](auto& o) { return o.webrtc.browser_turn.size() == 1 && o.webrtc.turn.empty(); }},
        {{"--webrtc", "--udp-ports", "50000-50100"},
         [](auto& o) { return o.webrtc.first_port == 50000 && o.webrtc.last_port == 50100; }},
        {{"--webrtc", "--max-peers", "3"}, [](auto& o) { return o.webrtc.peers == 3; }},
        {{"--source", "test:", "--source-poses", "poses.json"},
         [](auto& o) { return o.source_poses == "poses.json"; }},
        {{"--handshake-timeout", "0.25"},
         [](auto& o) { return o.limits.handshake_timeout == milliseconds(250); }},
        {{"--idle-timeout", "2"},
         [](auto& o) { return o.limits.idle_timeout == milliseconds(2000); }},
        {{"--ping-interval", "3"}, [](auto& o) { return o.ping_interval == milliseconds(3000); }},
        {{"--slow-pass", "0.5"}, [](auto& o) { return o.slow_pass == milliseconds(500); }},
        {{"--drain-timeout", "0"}, [](auto& o) { return o.drain_timeout == milliseconds(0); }},
        {{"--token", "aZ9-._~+"}, [](auto& o) { return o.access.token == "aZ9-._~+"; }},
        {{"--allow-host", "a.example", "--allow-host", "b.example"},
         [](auto& o) {
           return o.access.hosts == Words{"a.example", "b.example"};
         }},
        {{"--allow-origin", "https://a.example:8443"},
         [](auto& o) { return o.access.origins == Words{"https://a.example:8443"}; }},
        {{"--trust-proxy", "10.0.0.0/8", "--trust-proxy", "fd00::/8"},
         [](auto& o) { return o.access.trusted_proxies.size() == 2; }},
        {{"--tls-cert", "c.pem", "--tls-key", "k.pem"},
         [](auto& o) { return o.tls.cert_file == "c.pem" && o.tls.key_file == "k.pem"; }},
        {{"--tls-self-signed"}, [](auto& o) { return o.tls.self_signed; }},
        {{"--record", "a.dcr"}, [](auto& o) { return o.record == "a.dcr"; }},
        {{"--record", "a.dcr", "--record-max-bytes", "5000000000"},
         [](auto& o) { return o.record_max_bytes == 5'000'000'000; }},
        {{"--viewer-dir", "."}, [](auto& o) { return o.viewer_dir == "."; }},
        {{"--log-level", "debug"}, [](auto& o) { return o.log_level == "debug"; }},
    };
    const Options defaults = parsed({});
    for (const Flag& flag : flags) {
      CAPTURE(joined(flag.words));
      CHECK(flag.is_set(parsed(flag.words)));
      if (flag.words != Words{"--host", "localhost"}) CHECK(!flag.is_set(defaults));
    }
  }

  TEST_CASE("sources have names of their own, and no more of them than cameras are allowed") {
    CHECK_THROWS_WITH_AS(parsed({"--source", "a=test:", "--source", "a=camera:0"}),
                         "--source a: given twice", UsageError);
    CHECK_THROWS_AS(parsed({"--source", std::string(65, 'a') + "=test:"}), UsageError);
    CHECK_THROWS_AS(parsed({"--source", "test:", "--source", "test:", "--max-cameras", "1"}),
                    UsageError);
  }

  TEST_CASE("photo formats are added where this build has them") {
    using depthcloud::PhotoFormat;
    if (!depthcloud::photo_format_obstacle(PhotoFormat::webp).empty()) {
      CHECK_THROWS_AS(parsed({"--photo-formats", "webp"}), server::UsageError);
      return;
    }
    const auto formats = parsed({"--photo-formats", "webp"}).model.formats;
    CHECK(formats.contains(PhotoFormat::webp));
    CHECK(formats.contains(PhotoFormat::jpeg));
    CHECK_FALSE(formats.contains(PhotoFormat::tiff));
  }

  TEST_CASE("each flag refuses what is out of its range, in one line") {
    const std::vector<Words> bad = {{"--host", "example.org"},
                                    {"--host", "0.0.0.0"},
                                    {"--host", "::"},
                                    {"--port", "70000"},
                                    {"--port", "x"},
                                    {"--port", "-1"},
                                    {"--device", "abacus"},
                                    {"--precision", "f8"},
                                    {"--process-res", "-1"},
                                    {"--process-res", "8193"},
                                    {"--tokens", "0"},
                                    {"--tokens", "40001"},
                                    {"--resolution-level", "10"},
                                    {"--metric-model"},
                                    {"--metric-interval", "2"},
                                    {"--metric-model", "m", "--metric-interval", "0"},
                                    {"--threads", "-1"},
                                    {"--fov", "0"},
                                    {"--fov", "180"},
                                    {"--fov", "nan"},
                                    {"--fast-decode=maybe"},
                                    {"--max-pixels", "0"},
                                    {"--photo-formats", "gif"},
                                    {"--stride", "0"},
                                    {"--stride", "65"},
                                    {"--stride", "1.5"},
                                    {"--min-confidence", "nan"},
                                    {"--min-confidence", "-1"},
                                    {"--confidence-percentile", "100"},
                                    {"--min-depth", "-1"},
                                    {"--max-depth", "nan"},
                                    {"--record-max-bytes", "-1"},
                                    {"--max-points", "-1"},
                                    {"--max-points", "4294967297"},
                                    {"--edge-threshold", "-1"},
                                    {"--edge-threshold", "nan"},
                                    {"--port", "65536"},
                                    {"--port", "-1"},
                                    {"--policy", "none"},
                                    {"--max-fps", "-1"},
                                    {"--max-fps", "inf"},
                                    {"--max-age", "inf"},
                                    {"--max-age", "-1"},
                                    {"--max-batch", "0"},
                                    {"--max-batch", "65"},
                                    {"--align-window", "-1"},
                                    {"--align-buffer", "0"},
                                    {"--align-buffer", "65"},
                                    {"--max-binary-bytes", "0"},
                                    {"--max-text-bytes", "0"},
                                    {"--max-clients", "0"},
                                    {"--max-clients", "x"},
                                    {"--max-clients-per-address", "0"},
                                    {"--max-cameras", "0"},
                                    {"--max-queued-bytes", "0"},
                                    {"--max-video-clients", "-1"},
                                    {"--stun", "stun:192.0.2.1"},
                                    {"--webrtc", "--stun", "http://192.0.2.1"},
                                    {"--webrtc", "--turn", "turn:192.0.2.1"},
                                    {"--webrtc", "--browser-turn", "192.0.2.1"},
                                    {"--webrtc", "--udp-ports", "50100-50000"},
                                    {"--webrtc", "--max-peers", "0"},
                                    {"--source", ""},
                                    {"--source", "porch="},
                                    {"--source", "camera-1=test:"},
                                    {"--source", "=test:"},
                                    {"--source", "a b=test:"},
                                    {"--source-poses", "poses.json"},
                                    {"--handshake-timeout", "0"},
                                    {"--handshake-timeout", "1e9"},
                                    {"--idle-timeout", "0"},
                                    {"--ping-interval", "0"},
                                    {"--drain-timeout", "-1"},
                                    {"--slow-pass", "-1"},
                                    {"--token", ""},
                                    {"--token", "a b"},
                                    {"--token", "a,b"},
                                    {"--token", "a/b"},
                                    {"--allow-origin", "example.org"},
                                    {"--allow-origin", "https://"},
                                    {"--allow-origin", "https://a/b"},
                                    {"--trust-proxy", "10.0.0.0/33"},
                                    {"--trust-proxy", "10.0.0.0/"},
                                    {"--trust-proxy", "10.0.0.0/8x"},
                                    {"--trust-proxy", "proxy"},
                                    {"--tls-cert", "x.pem"},
                                    {"--tls-key", "x.pem"},
                                    {"--tls-self-signed", "--tls-cert", "x", "--tls-key", "x"},
                                    {"--viewer-dir", "/nowhere"},
                                    {"--log-level", "loud"},
                                    {"--model"},
                                    {"--allow-host"},
                                    {"--insecure=perhaps"},
                                    {"--nonsense"},
                                    {"stray"}};
    for (const Words& words : bad) {
      CAPTURE(joined(words));
      std::string message;
      try {
        parsed(words);
      } catch (const UsageError& error) {
        message = error.what();
      }
      CHECK(!message.empty());
      CHECK(message.find('\n') == std::string::npos);
    }
  }
}
