// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/video_writer.hpp>

#include "camera_json.hpp"
#include "commands.hpp"
#include "file_error.hpp"
#include "inert_flags.hpp"
#include "inputs.hpp"
#include "network.hpp"
#include "photo.hpp"
#include "progress.hpp"
#include "run_each.hpp"
#include "standard_streams.hpp"
#include "video.hpp"

namespace cli {
namespace {

using depthcloud::DepthMap;
using depthcloud::Stage;
using Json = nlohmann::ordered_json;

std::vector<std::uint8_t> encode(const DepthMap& depth, DepthFormat format) {
  switch (format) {
    case DepthFormat::npy:
      return depthcloud::encode_npy(depth.depth(), depth.width(), depth.height());
    case DepthFormat::pfm:
      return depthcloud::encode_pfm(depth.depth(), depth.width(), depth.height());
    case DepthFormat::millimetre_png:
      return depthcloud::encode_depth_png16(depth.depth(), depth.width(), depth.height());
    case DepthFormat::color_png:
      break;
  }
  const depthcloud::Image picture = depthcloud::color_map(depth.view());
  return depthcloud::encode_png(picture.view());
}

Json json_of(const depthcloud::ScaleFit& fit) {
  return {{"model", to_string(fit.model)}, {"scale", fit.scale},     {"shift", fit.shift},
          {"points", fit.points},          {"inliers", fit.inliers}, {"error", fit.error}};
}

Json report(const PhotoDepth& photo) {
  const DepthMap& depth = photo.depth;
  Json stage_ms;
  for (const Stage stage : {Stage::decode, Stage::preprocess, Stage::infer, Stage::metric}) {
    if (stage == Stage::metric && photo.times[stage] == 0) continue;
    stage_ms[to_string(stage)] = photo.times[stage];
  }
  return {{"width", depth.width()},
          {"height", depth.height()},
          {"fx", depth.intrinsics().fx},
          {"fy", depth.intrinsics().fy},
          {"cx", depth.intrinsics().cx},
          {"cy", depth.intrinsics().cy},
          {"intrinsics_source", to_string(depth.info().intrinsics_source)},
          {"is_metric", depth.is_metric()},
          {"metres_from", metres_from(depth)},
          {"scale_fit", photo.fit ? json_of(*photo.fit) : Json()},
          {"extrinsics", rows_of(depth.info().extrinsics)},
          {"stage_ms", stage_ms}};
}

/// What 16 bits of thousandths cannot hold.
std::vector<std::string> range_notes(const DepthMap& depth, const std::filesystem::path& output) {
  constexpr double farthest = 65.535;
  constexpr double rounding = 0.0005;
  const auto values = depth.depth();
  const auto far = std::ranges::count_if(
      values, [](float z) { return std::isfinite(z) && z >= farthest + rounding; });
  const auto near = std::ranges::count_if(values, [](float z) { return z > 0 && z < rounding; });
  std::vector<std::string> lines;
  if (far > 0) {
    lines.push_back(fmt::format("{}: {} of {} pixels are beyond {} and were written as {}",
                                output.string(), far, values.size(), farthest, farthest));
  }
  if (near > 0) {
    lines.push_back(
        fmt::format("{}: {} of {} pixels are nearer than {} and were written as 0, "
                    "which is no depth",
                    output.string(), near, values.size(), rounding));
  }
  return lines;
}

/// Writes what a photo gives. Throws before anything is written where there is no depth at all.
void write_outputs(const DepthCommand& command, const std::filesystem::path& output,
                   const PhotoDepth& photo, const std::string& model, Progress& progress) {
  const DepthMap& depth = photo.depth;
  if (pixels_with_depth(depth) == 0) throw std::runtime_error(no_depth(command.network.model));
  with_file(output, [&] { write_output(output, encode(depth, command.format)); });
  if (command.format == DepthFormat::millimetre_png) {
    for (const std::string& line : range_notes(depth, output)) progress.note(line);
  }
  if (command.confidence_output) {
    const std::filesystem::path& file = *command.confidence_output;
    with_file(file, [&] {
      depthcloud::write_file(
          file, depthcloud::encode_npy(depth.confidence(), depth.width(), depth.height()));
    });
    if (!has_confidence(depth)) {
      progress.note(fmt::format("{}: {} gives no confidence, so that it is 1 everywhere",
                                file.string(), model));
    }
  }
  if (command.normals_output) {
    with_file(*command.normals_output, [&] {
      depthcloud::write_file(
          *command.normals_output,
          depthcloud::encode_npy_normals(depth.normals(), depth.width(), depth.height()));
    });
  }
  if (command.json_output) {
    with_file(*command.json_output, [&] { write_json(*command.json_output, report(photo)); });
  }
}

/// Writes one photo's depth; its lines of the summary.
std::string make(const DepthCommand& command, const Job& job,
                 const depthcloud::EstimatorSource& network,
                 const std::optional<KnownMetres>& metres, Progress& progress) {
  const std::filesystem::path& name = *job.pair.photo;
  PhotoDepth photo = estimate_photo(network, command.network, name, command.full_size);
  for (const std::string& note : photo.notes) {
    progress.note(fmt::format("{}: {}", name.string(), note));
  }
  photo.depth = photo.depth.host();
  if (metres) metres->apply(photo);
  write_outputs(command, job.output, photo, network.estimator().info().name, progress);
  return fmt::format("{}: {} -> {}\n{}: {}", name.string(), summary(photo.depth, photo.times),
                     job.output.string(), name.string(), photo.camera) +
         metres_line(photo, name);
}

/// What to say of flags that this command has and that can do nothing.
std::vector<std::string> notes_on(const DepthCommand& command,
                                  const depthcloud::EstimatorSource& network) {
  std::vector<std::string> lines = inert_flags(command);
  for (std::string& line : inert_flags(command.network, network.estimator().info())) {
    lines.push_back(std::move(line));
  }
  return lines;
}

/// The values of a picture in millimetres, as --png16 writes them.
std::vector<std::uint16_t> millimetres(const DepthMap& depth) {
  std::vector<std::uint16_t> values;
  values.reserve(depth.depth().size());
  for (const float z : depth.depth()) {
    const double value = std::isfinite(z) && z > 0 ? std::round(z * 1000.0) : 0;
    values.push_back(static_cast<std::uint16_t>(std::min(value, 65535.0)));
  }
  return values;
}

/// Writes the pictures of a video as a video of the size of the first depth map.
class DepthVideo {
 public:
  explicit DepthVideo(const DepthCommand& command) : command_(command) {}

  void add(const DepthMap& depth, std::chrono::microseconds time, Progress& progress) {
    with_file(command_.output, [&] {
      if (!writer_) {
        writer_.emplace(command_.output, *command_.video_content, depth.width(), depth.height());
      }
      if (*command_.video_content == depthcloud::VideoContent::gray16) {
        writer_->write(millimetres(depth), time);
        note_range(depth, progress);
      } else {
        const depthcloud::Image picture = depthcloud::color_map(depth.view());
        writer_->write(picture.view(), time);
      }
    });
  }

  void finish() {
    if (writer_) with_file(command_.output, [&] { writer_->finish(); });
  }

 private:
  /// What 16 bits cannot hold, of the first picture that has it.
  void note_range(const DepthMap& depth, Progress& progress) {
    if (has_noted_) return;
    for (const std::string& line : range_notes(depth, command_.output)) {
      progress.note(line);
      has_noted_ = true;
    }
  }

  const DepthCommand& command_;
  std::optional<depthcloud::VideoWriter> writer_;
  bool has_noted_ = false;
};

int write_depth_video(const DepthCommand& command, VideoInput& video,
                      const depthcloud::EstimatorSource& network,
                      const std::optional<KnownMetres>& metres, Progress& progress) {
  DepthVideo output(command);
  std::size_t made = 0;
  const auto make_all = [&] {
    while (std::optional<depthcloud::VideoFrame> frame = video.next()) {
      PhotoDepth photo =
          estimate_image(network, command.network, std::move(frame->image), command.full_size);
      if (metres) metres->apply(photo);
      output.add(photo.depth.host(), frame->time, progress);
      ++made;
      progress.advance();
    }
  };
  try {
    make_all();
  } catch (...) {
    output.finish();  // what there is, is a whole file
    throw;
  }
  output.finish();
  progress.tell(fmt::format("{}: {} pictures -> {}", video.name(), made, command.output.string()));
  return 0;
}

int write_depth_files(const DepthCommand& command, VideoInput& video,
                      const depthcloud::EstimatorSource& network,
                      const std::optional<KnownMetres>& metres, Progress& progress) {
  make_folder(command.output);
  PictureFiles files(command.output, to_string(command.format));
  return run_video(
      video, files, progress, [&](depthcloud::Image&& picture, const std::filesystem::path& file) {
        PhotoDepth photo =
            estimate_image(network, command.network, std::move(picture), command.full_size);
        photo.depth = photo.depth.host();
        if (metres) metres->apply(photo);
        write_outputs(command, file, photo, network.estimator().info().name, progress);
      });
}

int run_video(const DepthCommand& command) {
  check_output(command.output);
  const auto metres = KnownMetres::load(command.known_metres);
  const auto network = load_network(command.network);
  VideoInput video(command.inputs.front(), *command.video, command.network);
  Progress progress(video.expected(), command.quiet, false);
  for (const std::string& line : notes_on(command, *network)) progress.note(line);
  return command.video_content ? write_depth_video(command, video, *network, metres, progress)
                               : write_depth_files(command, video, *network, metres, progress);
}

}  // namespace

int run(const DepthCommand& command) {
  if (command.video) return run_video(command);
  const auto [jobs, left_over] = plan(command);
  const auto metres = KnownMetres::load(command.known_metres);
  const auto network = load_network(command.network);
  if (command.into_folder) make_folder(command.output);
  Progress progress(jobs.size(), command.quiet, is_stream(command.output));
  for (const std::string& line : left_over) progress.note(line);
  for (const std::string& line : notes_on(command, *network)) progress.note(line);
  return run_each(jobs, progress,
                  [&](const Job& job) { return make(command, job, *network, metres, progress); });
}

}  // namespace cli
