// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <depthcloud/video_source.hpp>

#include "options.hpp"
#include "progress.hpp"

namespace cli {

/// The pictures of a video that a command takes. SIGINT and SIGTERM end it as its end would.
class VideoInput {
 public:
  /// Opens the video. Throws FileError.
  VideoInput(const std::filesystem::path& name, const VideoOptions& options,
             const NetworkOptions& network);
  ~VideoInput();
  VideoInput(const VideoInput&) = delete;
  VideoInput& operator=(const VideoInput&) = delete;

  /// What messages call it: without a password.
  const std::string& name() const { return name_; }
  /// About how many pictures there are; 0: nobody knows.
  std::size_t expected() const;
  /// The next picture. Throws FileError.
  std::optional<depthcloud::VideoFrame> next();

 private:
  std::string name_;
  VideoOptions options_;
  std::unique_ptr<depthcloud::VideoSource> source_;
  std::uint64_t taken_ = 0;
  std::atomic<bool> is_done_{false};
  std::thread watch_;  // for signals
};

/// The files of the pictures of a video in a folder, and frames.csv, which lists them.
class PictureFiles {
 public:
  PictureFiles(std::filesystem::path folder, std::string suffix)
      : folder_(std::move(folder)), suffix_(std::move(suffix)) {}

  /// By the number of the picture: "000012.ply".
  std::filesystem::path file_of(const depthcloud::VideoFrame& frame) const;
  /// To be called when the file is written.
  void add(std::uint64_t number, std::chrono::microseconds time, const std::filesystem::path& file);
  /// Writes frames.csv. Throws FileError.
  void write_table() const;

 private:
  std::filesystem::path folder_;
  std::string suffix_;
  std::string rows_ = "number,time,file\n";
};

/// Makes something of each picture; one that fails is reported, and the others go on. Returns how
/// many failed. Throws FileError where the video breaks off.
std::size_t for_each_picture(VideoInput& video, Progress& progress,
                             const std::function<void(depthcloud::VideoFrame&&)>& make);

/// Makes a file of each picture, and frames.csv of those that were made, however it ends. The exit
/// code.
int run_video(VideoInput& video, PictureFiles& files, Progress& progress,
              const std::function<void(depthcloud::Image&&, const std::filesystem::path&)>& make);

}  // namespace cli
