// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/cloud_packer.hpp>

#include "commands.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "inputs.hpp"
#include "network.hpp"
#include "photo.hpp"
#include "point_color.hpp"
#include "progress.hpp"
#include "rgbd.hpp"
#include "run_each.hpp"
#include "scene.hpp"
#include "standard_streams.hpp"
#include "timed.hpp"
#include "video.hpp"

namespace cli {
namespace {

class CloudMaker {
 public:
  explicit CloudMaker(const CloudCommand& command)
      : command_(command),
        metres_(KnownMetres::load(command.known_metres)),
        network_(command.knows_depth() ? nullptr : load_network(command.network)),
        packer_(command.cloud, command.wire) {
    if (command.knows_depth()) forget_confidence();
  }

  /// What to say of flags that this command has and that can do nothing.
  std::vector<std::string> notes() const {
    std::vector<std::string> lines = inert_flags(command_);
    if (!network_) return lines;
    for (std::string& line : inert_flags(command_.network, network_->estimator().info())) {
      lines.push_back(std::move(line));
    }
    return lines;
  }

  /// Writes one cloud; its lines of the summary.
  std::string make(const Job& job, Progress& progress) {
    PhotoDepth photo = depth_of(job.pair);
    if (metres_) metres_->apply(photo);
    recolor(photo, color_of(job.pair));
    check_confidence(photo.depth, progress);
    for (const std::string& note : photo.notes) {
      progress.note(fmt::format("{}: {}", job.pair.name().string(), note));
    }
    depthcloud::StageTimes times = photo.times;
    double write_ms = 0;
    const std::size_t points = write(photo, job.output, times, write_ms);
    if (points == 0) fail_empty(job.pair, photo.depth);
    return fmt::format("{}: {} points from {}, write {:.1f} ms -> {}", job.pair.name().string(),
                       points, summary(photo.depth, times), write_ms, job.output.string()) +
           fmt::format("\n{}: {}", job.pair.name().string(), photo.camera) +
           metres_line(photo, job.pair.name());
  }

  /// Writes one cloud of a picture of a video.
  void make(depthcloud::Image&& picture, const std::filesystem::path& output, Progress& progress) {
    PhotoDepth photo =
        estimate_image(*network_, command_.network, std::move(picture), command_.full_size);
    if (metres_) metres_->apply(photo);
    recolor(photo, command_.color.value_or(PointColor::photo));
    check_confidence(photo.depth, progress);
    double write_ms = 0;
    if (write(photo, output, photo.times, write_ms) == 0) {
      throw std::runtime_error(
          no_points(photo.depth, packer_.cloud_options(), command_.network.model));
    }
  }

 private:
  /// Writes a cloud unless it has no point; returns how many it has.
  std::size_t write(PhotoDepth& photo, const std::filesystem::path& output,
                    depthcloud::StageTimes& times, double& write_ms) {
    if (command_.format == CloudFormat::msgpack) {
      const auto packet = packer_.pack(photo.depth, photo.image.view(), {}, times);
      if (packer_.num_points() == 0) return 0;
      write_ms = timed([&] { with_file(output, [&] { write_output(output, packet); }); });
      return packer_.num_points();
    }
    packer_.build(photo.depth, photo.image.view(), times, cloud_);
    if (cloud_.size() == 0) return 0;
    write_ms = timed(
        [&] { with_file(output, [&] { write_cloud(output, command_.format, cloud_.view()); }); });
    return cloud_.size();
  }

  PhotoDepth depth_of(const Pair& pair) {
    if (network_) {
      return estimate_photo(*network_, command_.network, *pair.photo, command_.full_size);
    }
    return known_depth_of(pair, command_.known_depth, command_.network, command_.full_size);
  }

  PointColor color_of(const Pair& pair) const {
    return command_.color.value_or(pair.photo ? PointColor::photo : PointColor::depth);
  }

  [[noreturn]] void fail_empty(const Pair& pair, const depthcloud::DepthMap& depth) const {
    const std::string reason =
        no_points(depth, packer_.cloud_options(), network_ ? command_.network.model : "");
    if (pair.depth && pixels_with_depth(depth) == 0) throw FileError(*pair.depth, reason);
    throw std::runtime_error(reason);
  }

  void forget_confidence() {
    depthcloud::CloudOptions options = packer_.cloud_options();
    options.min_confidence = 0;
    options.confidence_percentile = 0;
    packer_.set_cloud_options(options);
  }

  /// A network without confidence says 1 everywhere: filters by it would drop all or nothing.
  void check_confidence(const depthcloud::DepthMap& depth, Progress& progress) {
    const depthcloud::CloudOptions& options = packer_.cloud_options();
    if (options.min_confidence <= 0 && options.confidence_percentile <= 0) return;
    if (has_confidence(depth)) return;
    for (const std::string& line : inert_confidence_flags(
             command_.network.given, network_->estimator().info().name + " gives no confidence")) {
      progress.note(line);
    }
    forget_confidence();
  }

  const CloudCommand& command_;
  std::optional<KnownMetres> metres_;
  std::unique_ptr<depthcloud::EstimatorSource> network_;
  depthcloud::CloudPacker packer_;
  depthcloud::PointCloud cloud_;  // its memory serves all photos
};

int run_video(const CloudCommand& command) {
  check_output(command.output);
  CloudMaker maker(command);
  VideoInput video(command.inputs.front(), *command.video, command.network);
  make_folder(command.output);
  Progress progress(video.expected(), command.quiet, false);
  for (const std::string& line : maker.notes()) progress.note(line);
  PictureFiles files(command.output, to_string(command.format));
  return run_video(video, files, progress,
                   [&](depthcloud::Image&& picture, const std::filesystem::path& file) {
                     maker.make(std::move(picture), file, progress);
                   });
}

}  // namespace

int run(const CloudCommand& command) {
  if (command.scene) return run_scene(command);
  if (command.video) return run_video(command);
  const auto [jobs, left_over] = plan(command);
  CloudMaker maker(command);
  if (command.into_folder) make_folder(command.output);
  Progress progress(jobs.size(), command.quiet, is_stream(command.output));
  for (const std::string& line : maker.notes()) progress.note(line);
  for (const std::string& line : left_over) progress.note(line);
  return run_each(jobs, progress, [&](const Job& job) { return maker.make(job, progress); });
}

}  // namespace cli
