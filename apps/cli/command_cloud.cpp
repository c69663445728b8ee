// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/cloud_packer.hpp>
#include <depthcloud/files.hpp>

#include "commands.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "inputs.hpp"
#include "message.hpp"
#include "network.hpp"
#include "photo.hpp"
#include "progress.hpp"
#include "rgbd.hpp"
#include "scene.hpp"
#include "timed.hpp"

namespace cli {
namespace {

class CloudMaker {
 public:
  explicit CloudMaker(const CloudCommand& command)
      : command_(command),
        network_(command.depth ? nullptr : load_network(command.network)),
        packer_(command.cloud, command.wire) {
    if (command.depth) forget_confidence();
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

  /// Writes one photo's cloud; its lines of the summary.
  std::string make(const Job& job, Progress& progress) {
    const PhotoDepth photo = depth_of(job.photo);
    check_confidence(photo.depth, progress);
    for (const std::string& note : photo.notes) {
      progress.note(fmt::format("{}: {}", job.photo.string(), note));
    }
    depthcloud::StageTimes times = photo.times;
    std::size_t points = 0;
    double write_ms = 0;
    if (command_.format == CloudFormat::msgpack) {
      const auto packet = packer_.pack(photo.depth, photo.image.view(), {}, times);
      points = packer_.num_points();
      if (points == 0) fail_empty(photo.depth);
      write_ms = timed(
          [&] { with_file(job.output, [&] { depthcloud::write_file(job.output, packet); }); });
    } else {
      packer_.build(photo.depth, photo.image.view(), times, cloud_);
      points = cloud_.size();
      if (points == 0) fail_empty(photo.depth);
      write_ms = timed([&] {
        with_file(job.output, [&] { write_cloud(job.output, command_.format, cloud_.view()); });
      });
    }
    return fmt::format("{}: {} points from {}, write {:.1f} ms -> {}", job.photo.string(), points,
                       summary(photo.depth, times), write_ms, job.output.string()) +
           fmt::format("\n{}: {}", job.photo.string(), photo.camera);
  }

 private:
  PhotoDepth depth_of(const std::filesystem::path& photo) {
    if (network_) {
      return estimate_photo(*network_, command_.network.decode, photo, command_.full_size);
    }
    return photo_with_depth(photo, *command_.depth, command_.known_depth, command_.network,
                            command_.full_size);
  }

  [[noreturn]] void fail_empty(const depthcloud::DepthMap& depth) const {
    const std::string reason = no_points(depth);
    if (command_.depth && pixels_with_depth(depth) == 0) throw FileError(*command_.depth, reason);
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
  std::unique_ptr<depthcloud::EstimatorSource> network_;
  depthcloud::CloudPacker packer_;
  depthcloud::PointCloud cloud_;  // its memory serves all photos
};

}  // namespace

int run(const CloudCommand& command) {
  if (command.scene) return run_scene(command);
  const std::vector<Job> jobs = plan(command);
  CloudMaker maker(command);
  if (command.into_folder) make_folder(command.output);
  Progress progress(jobs.size(), command.quiet);
  for (const std::string& line : maker.notes()) progress.note(line);
  std::size_t failures = 0;
  for (const Job& job : jobs) {
    try {
      progress.done(with_file(job.photo, [&] { return maker.make(job, progress); }));
    } catch (const std::exception& error) {
      ++failures;
      progress.failed("depthcloud: " + message(error));
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace cli
