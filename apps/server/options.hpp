// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include <depthcloud/estimator.hpp>
#include <depthcloud/frame_gate.hpp>
#include <depthcloud/photo_format.hpp>
#include <depthcloud/view_aligner.hpp>

#include "client_options.hpp"
#include "network_range.hpp"
#include "source_options.hpp"
#include "webrtc_settings.hpp"

namespace server {

/// A command line that cannot be carried out: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The network and how it runs.
struct ModelOptions {
  std::string source = "builtin";
  depthcloud::EstimatorOptions estimator;
  bool fast_decode = false;
  std::int64_t max_pixels = 32'000'000;
  /// JPEG and PNG are what browsers make; every other format is one more library that strangers
  /// feed.
  depthcloud::PhotoFormats formats{depthcloud::PhotoFormat::jpeg, depthcloud::PhotoFormat::png};
};

/// Limits on the resources that untrusted clients can use.
struct Limits {
  std::size_t binary_bytes = std::size_t{8} << 20;  ///< of a binary message
  std::size_t text_bytes = std::size_t{12} << 20;   ///< of a text message
  std::size_t clients = 128;                        ///< WebSockets in all
  std::size_t clients_per_address = 64;
  std::size_t cameras = 8;                              ///< registered; one pass sees them all
  std::size_t video_clients = 8;                        ///< that send video; each has a decoder
  std::size_t queued_bytes = std::size_t{4} << 20;      ///< on their way to one client
  std::chrono::milliseconds handshake_timeout{10'000};  ///< to send a request, to shake hands
  std::chrono::milliseconds idle_timeout{30'000};       ///< of silence; pinged at half of it
};

/// Who may come in.
struct Access {
  std::string token;  ///< empty: none is asked for
  bool insecure = false;
  std::vector<std::string> hosts;    ///< names beside localhost and the bound addresses
  std::vector<std::string> origins;  ///< beside the one that equals Host
  std::vector<NetworkRange> trusted_proxies;
};

struct TlsOptions {
  std::string cert_file;
  std::string key_file;
  bool self_signed = false;
  bool on() const { return self_signed || !cert_file.empty(); }
};

struct Options {
  boost::asio::ip::address host = boost::asio::ip::address_v4::loopback();
  std::uint16_t port = 8000;
  ModelOptions model;
  ClientOptions client;  ///< what a client gets until it configures something else
  depthcloud::GateOptions gate;
  int max_batch = 8;                            ///< at most; how many pay is measured
  std::chrono::milliseconds slow_pass{10'000};  ///< see HubOptions
  depthcloud::AlignOptions align;
  std::vector<SourceOptions> sources;
  std::string source_poses;  ///< file with the extrinsics of the sources; empty: none
  std::chrono::milliseconds ping_interval{15'000};
  std::chrono::milliseconds drain_timeout{5'000};
  Limits limits;
  Access access;
  TlsOptions tls;
  WebRtcSettings webrtc;
  std::string record;                  ///< file that sent clouds are recorded to; empty: none
  std::uint64_t record_max_bytes = 0;  ///< of that file; 0: no limit
  std::string viewer_dir;  ///< empty: the pages that are built in, else those beside the program
  std::string log_level = "warning";
};

/// Reads the command line and checks all that needs no model, socket or file. Nothing when it asked
/// for help or the version, which is printed. Throws UsageError.
std::optional<Options> parse(int argc, char** argv);

}  // namespace server
