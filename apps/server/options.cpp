// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <depthcloud/device.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/version.hpp>
#include <depthcloud/webrtc_peer.hpp>

#include "../renamed_flag.hpp"

namespace server {
namespace {

using Milliseconds = std::chrono::milliseconds;

template <typename... Values>
[[noreturn]] void refuse(fmt::format_string<Values...> text, Values&&... values) {
  throw UsageError(fmt::format(text, std::forward<Values>(values)...));
}

/// CLI::Range lets NaN pass; this takes only numbers from `low` to `high`.
CLI::Validator number(double low, double high) {
  return CLI::Validator(
      [=](const std::string& text) {
        double value = std::nan("");
        const bool good = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
        return good ? std::string()
                    : fmt::format("'{}' is not a number from {} to {}", text, low, high);
      },
      "", "number");
}

constexpr double most = 1e9;
constexpr double most_seconds = 86'400;

/// A time that is given in seconds.
void add_seconds(CLI::App& app, const std::string& name, Milliseconds& time, double least,
                 const std::string& what) {
  app.add_option_function<double>(
         name,
         [&time](double seconds) {
           time = std::chrono::duration_cast<Milliseconds>(std::chrono::duration<double>(seconds));
         },
         what)
      ->check(number(least, most_seconds))
      ->default_str(fmt::format("{}", static_cast<double>(time.count()) / 1000));
}

void add_milliseconds(CLI::App& app, const std::string& name, depthcloud::Clock::duration& time,
                      const std::string& what) {
  app.add_option_function<double>(
         name,
         [&time](double ms) {
           time = std::chrono::duration_cast<depthcloud::Clock::duration>(
               std::chrono::duration<double, std::milli>(ms));
         },
         what)
      ->check(number(0, most_seconds * 1000))
      ->default_str(fmt::format("{}", std::chrono::duration<double, std::milli>(time).count()));
}

void add_model(CLI::App& app, ModelOptions& model) {
  depthcloud::EstimatorOptions& estimator = model.estimator;
  app.add_option("--model", model.source,
                 "builtin, constant[:METRES[,DELAY_MS]], a model file or folder, or a fetched one")
      ->capture_default_str();
  auto* metric =
      app.add_option("--metric-model", estimator.metric_model,
                     "A second network that gives metres, such as DA3METRIC-LARGE beside "
                     "DA3-SMALL");
  app.add_option("--metric-interval", estimator.metric_interval,
                 "The second network sees every n-th frame of a camera")
      ->check(CLI::Range(1, 1000).description(""))
      ->capture_default_str()
      ->needs(metric);
  app.add_option("--device", estimator.device, "auto, cpu, cuda, cuda:N or mps")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--precision",
         [&estimator](const std::string& text) {
           estimator.precision = depthcloud::parse_precision(text);
         },
         "Number format of the network; auto: the faster of f32 and bf16 on this machine")
      ->check(CLI::IsMember(depthcloud::precision_names()))
      ->default_str(to_string(estimator.precision));
  auto* grid = app.add_option("--process-res", estimator.process_res,
                              "Longer side of the network's grid, pixels; 0: the model's own")
                   ->check(number(0, 8192));
  auto* tokens = app.add_option("--tokens", estimator.tokens,
                                "Of MoGe: patches that the network sees of a picture of any size")
                     ->check(number(1, 40'000))
                     ->excludes(grid);
  app.add_option("--resolution-level", estimator.resolution_level,
                 "Of MoGe: 0, the quickest, to 9; without it 0 on the CPU and 9 on a GPU")
      ->check(number(0, 9))
      ->excludes(grid)
      ->excludes(tokens);
  app.add_option("--threads", estimator.threads, "Threads of CPU arithmetic; 0: all cores")
      ->check(number(0, 4096));
  app.add_option("--fov", estimator.fov_degrees, "Horizontal field of view of the cameras, degrees")
      ->check(number(std::nextafter(0.0, 1.0), std::nextafter(180.0, 0.0)));
  app.add_flag("--fast-decode", model.fast_decode,
               "Decode a large JPEG at a reduced scale (the built-in network always does)");
}

void add_formats(CLI::App& app, depthcloud::PhotoFormats& formats) {
  app.add_option_function<std::vector<std::string>>(
         "--photo-formats",
         [&formats](const std::vector<std::string>& names) {
           for (const std::string& name : names) {
             const depthcloud::PhotoFormat format = depthcloud::parse_photo_format(name);
             const std::string obstacle = depthcloud::photo_format_obstacle(format);
             if (!obstacle.empty()) refuse("--photo-formats {}: {}", name, obstacle);
             formats.insert(format);
           }
         },
         "Photos that are read beside JPEG and PNG: webp, heic, avif, tiff")
      ->delimiter(',');
}

void add_cloud(CLI::App& app, depthcloud::CloudOptions& cloud) {
  app.add_option("--stride", cloud.stride, "Take every n-th row and column")
      ->check(number(1, 64))
      ->default_str(std::to_string(*cloud.stride));
  app.add_option("--min-confidence", cloud.min_confidence,
                 "Drop pixels of lower confidence, in the model's own units")
      ->check(number(0, most));
  app.add_option("--confidence-percentile", cloud.confidence_percentile,
                 "Drop this percentage of the pixels, those of lowest confidence")
      ->check(number(0, 99.99));
  app.add_option("--min-depth", cloud.min_depth, "Drop nearer pixels")->check(number(0, most));
  app.add_option("--max-depth", cloud.max_depth, "Drop farther pixels")->check(number(0, most));
  app.add_option("--max-points", cloud.max_points,
                 "Keep at most this many points, spread evenly; 0: no limit")
      ->check(number(0, 4294967296.0));
  app.add_option("--edge-threshold", cloud.edge_threshold,
                 "Drop flying pixels, whose depth differs from a neighbour's by more than this "
                 "share; 'depthcloud info --model' says what suits a network")
      ->check(number(0, most));
}

void add_streams(CLI::App& app, Options& options) {
  const std::map<std::string, depthcloud::GatePolicy> policies{
      {"latest_wins", depthcloud::GatePolicy::latest_wins},
      {"skip_while_busy", depthcloud::GatePolicy::skip_while_busy}};
  app.add_option("--policy", options.gate.policy,
                 "What happens to a frame while the client's last one is processed")
      ->transform(CLI::CheckedTransformer(policies).description("latest_wins or skip_while_busy"))
      ->default_str("latest_wins");
  app.add_option("--max-fps", options.gate.max_fps,
                 "Frames of one client above this rate are skipped; 0: no limit")
      ->check(number(0, most))
      ->capture_default_str();
  add_milliseconds(app, "--max-age", options.gate.max_age,
                   "Drop frames that waited longer, ms; 0: off");
  app.add_option("--max-batch", options.max_batch,
                 "Most frames of different clients in one pass; fewer if measured to be faster")
      ->check(number(1, 64))
      ->capture_default_str();
  add_milliseconds(app, "--align-window", options.align.window,
                   "Longest time between frames of several cameras that are merged, ms");
  app.add_option("--align-buffer", options.align.buffer_size,
                 "Frames kept per camera until they are merged")
      ->check(number(1, 64))
      ->capture_default_str();
}

void add_limits(CLI::App& app, Options& options) {
  Limits& limits = options.limits;
  const auto size = [&](const std::string& name, std::size_t& value, const std::string& what) {
    app.add_option(name, value, what)->check(number(1, most))->capture_default_str();
  };
  size("--max-binary-bytes", limits.binary_bytes, "Longest binary message");
  size("--max-text-bytes", limits.text_bytes, "Longest text message");
  app.add_option("--max-pixels", options.model.max_pixels, "Largest photo, pixels")
      ->check(number(1, most))
      ->capture_default_str();
  add_formats(app, options.model.formats);
  size("--max-clients", limits.clients, "WebSocket clients");
  size("--max-clients-per-address", limits.clients_per_address, "WebSocket clients of one address");
  size("--max-cameras", limits.cameras, "Registered cameras, whose views share one pass");
  app.add_option("--max-video-clients", limits.video_clients,
                 "Clients that send video, each with a decoder; 0: none may")
      ->check(number(0, 1000))
      ->capture_default_str();
  size("--max-queued-bytes", limits.queued_bytes,
       "Bytes queued for one client; above this, old clouds are dropped");
  add_seconds(app, "--handshake-timeout", limits.handshake_timeout, 0.01,
              "Longest time for a request or a handshake, seconds");
  add_seconds(app, "--idle-timeout", limits.idle_timeout, 0.05,
              "Close a connection after this silence, with a ping after half of it, seconds");
  add_seconds(app, "--ping-interval", options.ping_interval, 0.01,
              "Between the ping messages to cameras, seconds");
  add_seconds(app, "--slow-pass", options.slow_pass, 0,
              "A pass of the network that takes longer is counted and logged; 0: off");
  add_seconds(app, "--drain-timeout", options.drain_timeout, 0,
              "Longest time to finish frames and clouds after SIGTERM, seconds");
}

void add_access(CLI::App& app, Options& options, std::vector<std::string>& proxies) {
  Access& access = options.access;
  app.add_option("--token", access.token, "Needed for /ws and /metrics")
      ->check(CLI::Validator(
          [](const std::string& token) {
            return std::string(token.empty() ? "an empty token lets everybody in: leave it out"
                                             : "");
          },
          "", "token"))
      ->envname("DEPTHCLOUD_TOKEN");
  app.add_flag("--insecure", access.insecure, "Allow a --host for other machines without a token");
  app.add_option("--allow-host", access.hosts, "Another name of this server, accepted in Host");
  app.add_option("--allow-origin", access.origins,
                 "Another origin whose pages may connect, for instance https://example.org");
  app.add_option("--trust-proxy", proxies,
                 "Addresses (CIDR) of proxies whose X-Forwarded-For is trusted");
  auto* cert = app.add_option("--tls-cert", options.tls.cert_file, "PEM certificate chain");
  auto* key = app.add_option("--tls-key", options.tls.key_file, "PEM private key")->needs(cert);
  cert->needs(key);
  app.add_flag("--tls-self-signed", options.tls.self_signed,
               "TLS with a certificate made at every start")
      ->excludes(cert);
}

void add_sources(CLI::App& app, Options& options) {
  auto* source =
      app.add_option_function<std::vector<std::string>>(
             "--source",
             [&options](const std::vector<std::string>& texts) {
               options.sources = parse_sources(texts);
             },
             "URI or NAME=URI of a camera that the server opens: a file, played again and again, "
             "rtsp://..., camera:0, test:")
          ->expected(1)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--source-poses", options.source_poses,
                 "JSON file {\"NAME\": [12 numbers]}: the extrinsics of the sources")
      ->needs(source);
}

void add_webrtc(CLI::App& app, WebRtcSettings& webrtc) {
  auto* on = app.add_flag("--webrtc", webrtc.is_on,
                          "Browsers may send video over WebRTC, which opens UDP ports");
  app.add_option_function<std::string>(
         "--stun",
         [&webrtc](const std::string& text) { webrtc.stun = depthcloud::parse_ice_server(text); },
         "stun:HOST[:PORT], which tells under what address others see this machine")
      ->needs(on);
  const auto relays = [&](const std::string& name, std::vector<depthcloud::IceServer>& servers,
                          const std::string& what) {
    return app
        .add_option_function<std::vector<std::string>>(
            name,
            [&servers](const std::vector<std::string>& texts) {
              servers.clear();
              for (const std::string& text : texts) {
                servers.push_back(depthcloud::parse_ice_server(text));
              }
            },
            what)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->needs(on);
  };
  relays("--turn", webrtc.turn,
         "turn:USER:PASSWORD@HOST[:PORT][?transport=tcp], a relay for the server and the browsers")
      ->envname("DEPTHCLOUD_TURN");
  relays("--browser-turn", webrtc.browser_turn,
         "turn:... or turns:..., a relay for the browsers alone")
      ->envname("DEPTHCLOUD_BROWSER_TURN");
  app.add_option_function<std::string>(
         "--udp-ports",
         [&webrtc](const std::string& text) {
           std::tie(webrtc.first_port, webrtc.last_port) = parse_port_range(text);
         },
         "FIRST-LAST, the UDP ports that WebRTC may open")
      ->needs(on);
  app.add_option("--max-peers", webrtc.peers, "WebRTC connections at once")
      ->check(number(1, 1000))
      ->capture_default_str()
      ->needs(on);
}

void add_recording(CLI::App& app, Options& options) {
  auto* record = app.add_option("--record", options.record,
                                "New file that the clouds sent to clients are recorded to")
                     ->check([](const std::string& text) {
                       return text.empty() ? std::string("is no name of a file") : std::string();
                     });
  constexpr double least = 48;  // of a recording without a message
  app.add_option("--record-max-bytes", options.record_max_bytes,
                 "End the recording before it has more bytes; without it only the disk limits it")
      ->check(number(least, 9e18))
      ->needs(record);
}

/// What RFC 6750 and a WebSocket sub-protocol both can carry.
void check_token(const std::string& token) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+";
  if (token.find_first_not_of(letters) != std::string::npos) {
    refuse("a token consists of letters, digits and - . _ ~ +");
  }
}

void check_origin(const std::string& origin) {
  const auto scheme = origin.find("://");
  const bool good = scheme != std::string::npos && scheme + 3 < origin.size() &&
                    origin.find('/', scheme + 3) == std::string::npos;
  if (!good) refuse("--allow-origin '{}' is not SCHEME://HOST[:PORT]", origin);
}

Options settle(Options options, const std::string& host, const std::vector<std::string>& proxies) {
  const auto address = parse_address(host == "localhost" ? "127.0.0.1" : host);
  if (!address) refuse("--host '{}' is not an IP address", host);
  options.host = *address;
  if (!address->is_loopback() && options.access.token.empty() && !options.access.insecure) {
    refuse("--host {} lets other machines in: give a --token, or --insecure to do without", host);
  }
  check_token(options.access.token);
  for (const std::string& origin : options.access.origins) check_origin(origin);
  for (const std::string& text : proxies) {
    const auto range = NetworkRange::parse(text);
    if (!range) refuse("--trust-proxy '{}' is not an address or CIDR", text);
    options.access.trusted_proxies.push_back(*range);
  }
  if (options.model.estimator.device != "auto")
    depthcloud::parse_device(options.model.estimator.device);
  depthcloud::validate(options.client.cloud);
  depthcloud::validate(options.gate);
  depthcloud::validate(
      depthcloud::WebRtcOptions{.stun = options.webrtc.stun, .turn = options.webrtc.turn});
  if (options.sources.size() > options.limits.cameras) {
    refuse("{} times --source: --max-cameras allows {} cameras", options.sources.size(),
           options.limits.cameras);
  }
  return options;
}

}  // namespace

std::optional<Options> parse(int argc, char** argv) {
  CLI::App app{"Camera frames in, coloured point clouds back, over WebSocket", "depthcloud-server"};
  app.set_version_flag("--version", std::string("depthcloud-server ") + depthcloud::version());
  Options options;
  std::string host = "127.0.0.1";
  std::vector<std::string> proxies;
  app.add_option("--host", host, "Address to listen on")->capture_default_str();
  app.add_option_function<int>(
         "--port", [&](int port) { options.port = static_cast<std::uint16_t>(port); },
         "Port to listen on; 0: any that is free")
      ->check(CLI::Range(0, 65535))
      ->default_str(std::to_string(options.port));
  add_model(app, options.model);
  add_cloud(app, options.client.cloud);
  add_streams(app, options);
  add_limits(app, options);
  add_sources(app, options);
  add_access(app, options, proxies);
  add_webrtc(app, options.webrtc);
  add_recording(app, options);
  app.add_option("--viewer-dir", options.viewer_dir, "Folder of the viewer's pages")
      ->check(CLI::ExistingDirectory);
  app.add_option("--log-level", options.log_level, "What is written to standard error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    return settle(std::move(options), host, proxies);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      refuse("{} (see 'depthcloud-server --help'){}", error.what(), renamed_flag_hint(argc, argv));
    }
    app.exit(error);
    return std::nullopt;
  } catch (const depthcloud::Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace server
