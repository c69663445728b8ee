// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/decode.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/model_fetch.hpp>
#include <depthcloud/video_writer.hpp>
#include <depthcloud/wire.hpp>

#include "cloud_format.hpp"
#include "given_flags.hpp"
#include "known_depth.hpp"
#include "known_metres.hpp"
#include "point_color.hpp"
#include "size.hpp"

namespace cli {

/// A command line that cannot be carried out: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Why several results do not go where one would.
inline constexpr const char* several_need_folder =
    "more than one input, a folder or a video needs --format, and a folder as its -o";
inline constexpr const char* stream_takes_one =
    "more than one result does not fit in standard output";

/// Whether photos are to be several, however many a folder or a video holds.
bool are_many(const std::vector<std::filesystem::path>& inputs);

/// The network and how it runs.
struct NetworkOptions {
  std::string model = "builtin";
  depthcloud::EstimatorOptions estimator;
  std::optional<Size> intrinsics_size;  ///< the picture in whose pixels its intrinsics count
  depthcloud::DecodeOptions decode{.alpha = true};  ///< of the photos
  bool fast_decode = false;
  GivenFlags given;  ///< of the whole command
};

/// How photos that show one scene become one cloud.
struct SceneOptions {
  depthcloud::ReferenceView reference_view = depthcloud::ReferenceView::saddle_balanced;
  std::optional<std::filesystem::path> cameras;      ///< known ones, JSON
  std::optional<std::filesystem::path> json_output;  ///< the cameras of the cloud
};

/// Which pictures of a video are taken. Times in seconds of the video.
struct VideoOptions {
  double fps = 0;  ///< at most so many a second; 0: all
  double start = 0;
  std::optional<double> end;
  std::size_t max_frames = 0;  ///< 0: all
};

struct CloudCommand {
  /// Photos and folders of photos; none where depth alone becomes points.
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path output;  ///< a file, or a folder where `into_folder` says so
  bool into_folder = false;
  CloudFormat format = CloudFormat::ply;
  /// A file, or a folder of files named as the photos are, in place of a network.
  std::optional<std::filesystem::path> depth;
  std::optional<std::filesystem::path> pairs;  ///< a list of photos and their depth
  std::optional<PointColor> color;  ///< nothing: of the photo, or of depth where there is none
  KnownDepth known_depth;
  NetworkOptions network;
  depthcloud::CloudOptions cloud{.stride = 1, .axes = depthcloud::Axes::opengl};
  depthcloud::WireFormat wire;  ///< of a .msgpack
  KnownMetresOptions known_metres;
  std::optional<SceneOptions> scene;  ///< all photos in one call and one cloud
  std::optional<VideoOptions> video;  ///< the one input is a video
  bool full_size = false;
  bool quiet = false;

  bool knows_depth() const { return depth || pairs; }
  bool has_photo() const { return !inputs.empty() || pairs; }
};

enum class DepthFormat { npy, pfm, color_png, millimetre_png };

/// "npy", "pfm" or "png": the value of --format and, behind a dot, the file's extension.
const char* to_string(DepthFormat format);

struct DepthCommand {
  std::vector<std::filesystem::path> inputs;  ///< photos and folders of photos
  std::filesystem::path output;               ///< a file, or a folder where `into_folder` says so
  bool into_folder = false;
  DepthFormat format = DepthFormat::npy;
  std::optional<std::filesystem::path> confidence_output;
  std::optional<std::filesystem::path> normals_output;
  std::optional<std::filesystem::path> json_output;
  std::optional<VideoOptions> video;                      ///< the one input is a video
  std::optional<depthcloud::VideoContent> video_content;  ///< the output is one
  NetworkOptions network;
  KnownMetresOptions known_metres;
  bool full_size = false;
  bool quiet = false;
};

struct InfoCommand {
  std::optional<std::filesystem::path> file;  ///< nothing: the build, the machine and the model
  std::optional<std::string> model;  ///< nothing: the default model, where this build has one
  depthcloud::EstimatorOptions estimator;
  GivenFlags given;
  bool json = false;
};

struct ConvertCommand {
  std::vector<std::filesystem::path> inputs;  ///< clouds and folders of clouds
  std::filesystem::path output;               ///< a file, or a folder where `into_folder` says so
  bool into_folder = false;
  CloudFormat format = CloudFormat::ply;
  int stride = 1;
  std::size_t max_points = 0;  ///< 0: all
  depthcloud::Axes axes = depthcloud::Axes::opengl;
  depthcloud::WireFormat wire;  ///< of a .msgpack
  GivenFlags given;
  bool quiet = false;
};

struct ReplayCommand {
  std::filesystem::path recording;
  std::filesystem::path output;  ///< a folder, or "-"
  CloudFormat format = CloudFormat::msgpack;
  std::optional<std::uint64_t> stream;  ///< nothing: all
  double speed = 1;
  bool raw = false;
  bool loop = false;
  depthcloud::Axes axes = depthcloud::Axes::opengl;
  GivenFlags given;
  bool quiet = false;
};

struct FetchCommand {
  std::vector<const depthcloud::PublishedModel*> models;  ///< none: all of them are to be listed
  depthcloud::FetchOptions options;
  bool quiet = false;
};

using Command = std::variant<CloudCommand, DepthCommand, InfoCommand, ConvertCommand, ReplayCommand,
                             FetchCommand>;

/// Reads the command line and checks everything that needs no photo, model or depth map. Returns
/// nothing if it printed the help or the version. Throws UsageError.
std::optional<Command> parse(int argc, char** argv);

}  // namespace cli
