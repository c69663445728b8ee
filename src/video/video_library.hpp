// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <depthcloud/video_decoder.hpp>
#include <depthcloud/video_source.hpp>
#include <depthcloud/video_writer.hpp>
#include <depthcloud/webrtc_peer.hpp>

#include "core/module.hpp"

namespace depthcloud {

/// What is behind a VideoSource, with the same promises.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  virtual std::optional<VideoFrame> read() = 0;
  virtual void stop() noexcept = 0;
  virtual const VideoInfo& info() const = 0;
  virtual VideoSourceCounters counters() const = 0;
};

/// What is behind a VideoDecoder, with the same promises.
class UnitDecoder {
 public:
  virtual ~UnitDecoder() = default;
  virtual void push(const AccessUnit& unit) = 0;
  virtual VideoDecoderCounters counters() const = 0;
};

/// What is behind a VideoWriter: rows without gaps, checked.
class PictureWriter {
 public:
  virtual ~PictureWriter() = default;
  virtual void write(std::span<const std::uint8_t> pixels, std::chrono::microseconds time) = 0;
  virtual void finish() = 0;
};

/// What is behind a WebRtcPeer, with the same promises.
class PeerConnection {
 public:
  virtual ~PeerConnection() = default;
  virtual void offer(std::string_view sdp) = 0;
  virtual void add(const IceCandidate& candidate) = 0;
  virtual void send(std::shared_ptr<const std::vector<std::uint8_t>> message) = 0;
  virtual WebRtcCounters counters() const = 0;
};

/// All code of the library that uses GStreamer, behind one interface without its types.
/// Thread-safety: share freely.
class VideoLibrary {
 public:
  virtual ~VideoLibrary() = default;

  /// Throw as the constructors of VideoSource, VideoDecoder and WebRtcPeer; the options are valid.
  virtual std::unique_ptr<SourceReader> open(std::string_view uri,
                                             const VideoSourceOptions& options) const = 0;
  virtual std::unique_ptr<UnitDecoder> make_decoder(VideoCodec codec,
                                                    VideoDecoderCallbacks callbacks,
                                                    const VideoDecoderOptions& options) const = 0;
  /// Throws as the constructor of VideoWriter.
  virtual std::unique_ptr<PictureWriter> make_writer(const std::filesystem::path& file,
                                                     VideoContent content, int width,
                                                     int height) const = 0;
  virtual std::unique_ptr<PeerConnection> make_peer(WebRtcCallbacks callbacks,
                                                    const WebRtcOptions& options) const = 0;
  /// Its name and version, "GStreamer 1.22.0".
  virtual std::string version() const = 0;
};

/// The video library that is linked into the program, else that of the shared object
/// libdepthcloud_video, which is loaded by the first call and stays loaded, so that no program
/// needs GStreamer to start. Throws Error{unavailable, stage load} that names what is missing.
/// Thread-safety: share freely.
const VideoLibrary& video_library();

}  // namespace depthcloud

extern "C" {
/// Defined where the video library is linked in.
[[gnu::weak]] const depthcloud::VideoLibrary& depthcloud_video();

/// What libdepthcloud_video exports: a VideoLibrary, or nullptr for a library of another version.
const void* depthcloud_open_video(const char* version, depthcloud::LogFunction log);
}
