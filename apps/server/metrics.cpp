// SPDX-License-Identifier: Apache-2.0
#include "metrics.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include <depthcloud/version.hpp>

namespace server {
namespace {

/// Text in the exposition format, family by family.
class Exposition {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = fmt::format("depthcloud_{}", name);
    print("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
  }

  template <typename Value>
  void value(Value value, std::string_view labels = {}) {
    print("{}{} {}\n", name_, braced(labels), value);
  }

  void histogram(const Histogram& histogram, std::string_view label = {}) {
    const std::string_view comma = label.empty() ? "" : ",";
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < Histogram::bounds.size(); ++i) {
      below += histogram.bucket(i);
      print("{}_bucket{{{}{}le=\"{}\"}} {}\n", name_, label, comma, Histogram::bounds[i], below);
    }
    print("{}_bucket{{{}{}le=\"+Inf\"}} {}\n", name_, label, comma, histogram.count());
    print("{}_sum{} {}\n", name_, braced(label), histogram.sum());
    print("{}_count{} {}\n", name_, braced(label), histogram.count());
  }

  template <typename Value>
  void single(std::string_view name, std::string_view type, std::string_view help, Value number) {
    family(name, type, help);
    value(number);
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string braced(std::string_view labels) {
    return labels.empty() ? "" : fmt::format("{{{}}}", labels);
  }
  template <typename... Values>
  void print(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), text, std::forward<Values>(values)...);
  }

  std::string name_;
  std::string text_;
};

std::string escaped(std::string_view label) {
  std::string result;
  for (const char c : label) {
    if (c == '\\' || c == '"') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

void write_frames(Exposition& out, const Metrics& metrics, const Snapshot& now) {
  out.family("frames_total", "counter",
             "Frames by what became of them: offered = admitted + skipped + replaced + expired + "
             "waiting");
  out.value(now.frames.offered, "state=\"offered\"");
  out.value(now.frames.admitted, "state=\"admitted\"");
  out.value(now.frames.skipped, "state=\"skipped\"");
  out.value(now.frames.replaced, "state=\"replaced\"");
  out.value(now.frames.expired, "state=\"expired\"");
  out.value(metrics.frames_processed, "state=\"processed\"");
  out.value(metrics.frames_failed, "state=\"failed\"");
  out.family("frames", "gauge", "Frames that are in the server");
  out.value(now.frames.waiting, "state=\"waiting\"");
  out.value(now.frames.in_flight, "state=\"in_flight\"");
  out.single("camera_frames_total", "counter", "Frames of registered cameras",
             metrics.camera_frames);
  out.single("camera_sets_total", "counter",
             "Sets of views of one moment that were offered as one frame", metrics.camera_sets);
  out.single("slow_passes_total", "counter",
             "Passes of the network that took longer than --slow-pass", now.slow_passes);
  out.single("batch_limit", "gauge", "Frames that share a pass of the network at most", now.batch);
}

void write_traffic(Exposition& out, const Metrics& metrics, const Snapshot& now) {
  out.single("clouds_sent_total", "counter", "Clouds that were written to a client",
             metrics.clouds_sent);
  out.single("clouds_dropped_total", "counter",
             "Clouds that a client read too slowly and a newer one replaced",
             metrics.clouds_dropped);
  out.single("errors_sent_total", "counter", "Error messages to clients", metrics.errors_sent);
  out.single("received_bytes_total", "counter", "Bytes of messages from clients",
             metrics.bytes_received);
  out.single("sent_bytes_total", "counter", "Bytes of messages to clients", metrics.bytes_sent);
  out.single("queued_bytes", "gauge", "Bytes that wait to be written to clients", now.queued_bytes);
  out.single("oversized_messages_total", "counter", "Messages that closed their connection",
             metrics.messages_too_big);
}

void write_recording(Exposition& out, const RecorderCounters& now) {
  out.single("recording", "gauge", "1 while clouds are recorded (--record)", now.recording ? 1 : 0);
  out.single("recorded_clouds_total", "counter", "Clouds in the recording", now.messages);
  out.single("recorded_bytes", "gauge", "Bytes of the recording", now.bytes);
  out.single("recording_dropped_total", "counter",
             "Clouds that were sent and are not in the recording: the disk was too slow, or the "
             "recording had ended",
             now.dropped);
}

void write_video(Exposition& out, const Metrics& metrics, const Snapshot& now) {
  out.single("video_clients", "gauge", "Clients that have a video decoder", now.video_clients);
  out.family(
      "video_units_total", "counter",
      "Access units of clients by what became of them: received = decoded + failed + dropped "
      "+ waiting");
  out.value(now.video.units, "state=\"received\"");
  out.value(now.video.decoded, "state=\"decoded\"");
  out.value(now.video.failed, "state=\"failed\"");
  out.value(now.video.dropped, "state=\"dropped\"");
  out.single("video_units", "gauge", "Access units that wait for a decoder", now.video.waiting);
  out.single("video_pictures_replaced_total", "counter",
             "Decoded pictures of clients that a newer one replaced", now.video.replaced);
  out.single("key_frame_requests_total", "counter", "Key frames that were asked of clients",
             metrics.key_frames_asked);
}

void write_peers(Exposition& out, const Metrics& metrics, const Snapshot& now) {
  out.single("webrtc_peers", "gauge", "WebRTC connections, those that are ending included",
             now.peers);
  out.single("webrtc_offered_total", "counter", "WebRTC connections that clients offered",
             metrics.peers_offered);
  out.single("webrtc_connected_total", "counter", "WebRTC connections over which media could flow",
             metrics.peers_connected);
  out.single("webrtc_lost_total", "counter",
             "WebRTC connections that broke off, or did not come about", metrics.peers_lost);
  out.single("webrtc_clouds_total", "counter", "Clouds that went out over data channels",
             metrics.clouds_by_channel);
}

void write_sources(Exposition& out, const std::vector<SourceSnapshot>& sources) {
  const auto family = [&](const char* name, const char* type, const char* help, const auto& value) {
    out.family(name, type, help);
    for (const SourceSnapshot& source : sources) {
      out.value(value(source), fmt::format("source=\"{}\"", source.name));
    }
  };
  const auto counter = [&](const char* name, const char* help,
                           std::uint64_t CameraSourceCounters::*count) {
    family(name, "counter", help, [count](const auto& source) { return source.counters.*count; });
  };
  family("source_up", "gauge", "1 while a camera of the server (--source) gives pictures",
         [](const auto& source) { return source.is_running ? 1 : 0; });
  family("source_watchers", "gauge", "Clients that watch a source",
         [](const auto& source) { return source.watchers; });
  counter("source_pictures_total", "Pictures that were read", &CameraSourceCounters::pictures);
  counter("source_dropped_total", "Pictures that came faster than they were read",
          &CameraSourceCounters::dropped);
  counter("source_corrupt_total", "Parts that the decoder could not read",
          &CameraSourceCounters::corrupt);
  counter("source_opened_total", "Times that a source began to deliver",
          &CameraSourceCounters::opened);
  counter("source_failed_total", "Times that a source did not open, broke off or ended",
          &CameraSourceCounters::failed);
}

void write_clients(Exposition& out, const Metrics& metrics, const Snapshot& now) {
  out.family("clients", "gauge", "WebSocket clients by role");
  out.value(now.plain_clients, "role=\"none\"");
  out.value(now.cameras, "role=\"camera\"");
  out.value(now.viewers, "role=\"viewer\"");
  out.single("clients_accepted_total", "counter", "WebSocket clients that were let in",
             metrics.clients_accepted);
  out.single("clients_refused_total", "counter",
             "Requests that a host, an origin, a token or a limit turned away",
             metrics.clients_refused);
  out.family("http_responses_total", "counter", "Answers to HTTP requests");
  for (std::size_t hundreds = 1; hundreds < metrics.http_responses.size(); ++hundreds) {
    out.value(metrics.http_responses[hundreds], fmt::format("code=\"{}xx\"", hundreds));
  }
}

}  // namespace

void Histogram::observe(double seconds) {
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), seconds);
  if (bound != bounds.end()) ++buckets_[static_cast<std::size_t>(bound - bounds.begin())];
  ++count_;
  sum_ += seconds;
}

std::string prometheus(const Metrics& metrics, const Snapshot& now) {
  Exposition out;
  out.family("build_info", "gauge", "What runs here");
  out.value(1, fmt::format("version=\"{}\",model=\"{}\",device=\"{}\",precision=\"{}\"",
                           depthcloud::version(), escaped(now.model), escaped(now.device),
                           escaped(now.precision)));
  out.single("ready", "gauge", "1 once the model is loaded and warm", now.ready ? 1 : 0);
  out.family("stage_seconds", "histogram", "Time that a frame spent in each stage");
  for (std::size_t i = 0; i < depthcloud::timed_stage_count; ++i) {
    const depthcloud::Stage stage = depthcloud::timed_stages[i];
    if (stage == depthcloud::Stage::metric && metrics.stages[i].sum() == 0) continue;
    out.histogram(metrics.stages[i], fmt::format("stage=\"{}\"", to_string(stage)));
  }
  out.family("overhead_seconds", "histogram",
             "From the last byte of a frame to the last byte of its cloud, less its stages");
  out.histogram(metrics.overhead);
  write_frames(out, metrics, now);
  write_traffic(out, metrics, now);
  write_clients(out, metrics, now);
  write_video(out, metrics, now);
  write_peers(out, metrics, now);
  write_sources(out, now.sources);
  write_recording(out, now.recording);
  return out.take();
}

}  // namespace server
