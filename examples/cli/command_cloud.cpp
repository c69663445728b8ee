// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/wire.hpp>

#include "commands.hpp"
#include "estimate.hpp"
#include "inputs.hpp"
#include "message.hpp"
#include "photo.hpp"
#include "progress.hpp"
#include "scene.hpp"
#include "timed.hpp"

namespace cli {
namespace {

using depthcloud::Stage;

class CloudMaker {
 public:
  explicit CloudMaker(const CloudCommand& command)
      : command_(command),
        estimator_(command.depth ? nullptr : load_estimator(command.network)),
        builder_(command.cloud) {}

  /// Writes one photo's cloud; its line of the summary.
  std::string make(const Job& job) {
    PhotoDepth photo = depth_of(job.photo);
    const bool as_grid = command_.format == CloudFormat::msgpack &&
                         command_.wire.encoding == depthcloud::Encoding::depth;
    photo.times[Stage::cloud] = timed([&] {
      if (as_grid) return builder_.build_grid(photo.depth, photo.image.view(), grid_);
      builder_.build(photo.depth, photo.image.view(), cloud_);
    });
    const double write_ms = timed([&] {
      if (as_grid) {
        return depthcloud::write_file(job.output,
                                      depthcloud::pack(grid_, {.format = command_.wire}));
      }
      write_cloud(job.output, command_.format, cloud_.view(), command_.wire);
    });
    return fmt::format("{}: {} points from {}, write {:.1f} ms -> {}", job.photo.string(),
                       as_grid ? grid_.num_points : cloud_.size(),
                       summary(photo.depth, photo.times), write_ms, job.output.string());
  }

 private:
  PhotoDepth depth_of(const std::filesystem::path& photo) {
    if (estimator_) return estimate_photo(*estimator_, photo, command_.full_size);
    return photo_with_depth(photo, *command_.depth, command_.depth_scale, command_.network.camera,
                            command_.full_size);
  }

  const CloudCommand& command_;
  std::unique_ptr<Estimator> estimator_;
  depthcloud::PointCloudBuilder builder_;
  // Their memory serves all photos.
  depthcloud::PointCloud cloud_;
  depthcloud::DepthGrid grid_;
};

}  // namespace

int run(const CloudCommand& command) {
  if (command.scene) return run_scene(command);
  const std::vector<Job> jobs = plan(command);
  CloudMaker maker(command);
  if (command.into_folder) make_folder(command.output);
  Progress progress(jobs.size(), command.quiet);
  std::size_t failures = 0;
  for (const Job& job : jobs) {
    try {
      progress.done(maker.make(job));
    } catch (const std::exception& error) {
      ++failures;
      progress.failed(fmt::format("depthcloud: {}: {}", job.photo.string(), message(error)));
    }
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace cli
