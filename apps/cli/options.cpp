// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <depthcloud/device.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/version.hpp>

#include "../renamed_flag.hpp"
#include "paths.hpp"
#include "standard_streams.hpp"
#include "video_name.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// CLI::Range lets NaN pass; this takes only numbers above (or at) `low` and below `high`.
CLI::Validator number(bool (*accept)(double), const std::string& range) {
  return CLI::Validator(
      [=](const std::string& text) {
        double value = std::nan("");
        const bool good = CLI::detail::lexical_cast(text, value) && accept(value);
        return good ? std::string() : fmt::format("'{}' is not a number {}", text, range);
      },
      "", "number");
}
const char* const not_negative_text = "that is finite and not negative";
bool not_negative(double x) { return x >= 0 && x < infinity; }
bool positive(double x) { return x > 0 && x < infinity; }
bool positive_or_infinite(double x) { return x > 0; }
bool percentile(double x) { return x >= 0 && x < 100; }
bool relative_error(double x) { return x >= 0.0001 && x <= 0.1; }
bool finite(double x) { return x > -infinity && x < infinity; }
bool proper_share(double x) { return x > 0 && x < 1; }
bool angle(double x) { return x > 0 && x < 180; }

depthcloud::Intrinsics parse_intrinsics(const std::string& text) {
  const std::vector<std::string> parts = CLI::detail::split(text, ',');
  double value[4];
  bool good = parts.size() == 4;
  for (std::size_t i = 0; good && i < 4; ++i) {
    good = CLI::detail::lexical_cast(parts[i], value[i]);
  }
  const depthcloud::Intrinsics intrinsics =
      good ? depthcloud::Intrinsics{value[0], value[1], value[2], value[3]}
           : depthcloud::Intrinsics{};
  if (!intrinsics.valid()) {
    throw CLI::ValidationError("--intrinsics",
                               fmt::format("'{}' is not fx,fy,cx,cy with fx, fy > 0", text));
  }
  return intrinsics;
}

/// Two whole numbers above 0 with an 'x' between them.
Size parse_size(const std::string& flag, const std::string& text) {
  const std::vector<std::string> parts = CLI::detail::split(text, 'x');
  Size size;
  const bool good = parts.size() == 2 && CLI::detail::lexical_cast(parts[0], size.width) &&
                    CLI::detail::lexical_cast(parts[1], size.height) && size.width > 0 &&
                    size.height > 0;
  if (!good) throw CLI::ValidationError(flag, fmt::format("'{}' is not WIDTHxHEIGHT", text));
  return size;
}

void add_camera(CLI::App& app, NetworkOptions& network) {
  depthcloud::EstimatorOptions& camera = network.estimator;
  auto* fov = app.add_option("--fov", camera.fov_degrees, "Horizontal field of view, degrees")
                  ->check(number(angle, "between 0 and 180"));
  auto* intrinsics =
      app.add_option_function<std::string>(
             "--intrinsics",
             [&camera](const std::string& text) { camera.intrinsics = parse_intrinsics(text); },
             "Pinhole camera in pixels of the photo; with --depth of the depth map, or of "
             "--intrinsics-size")
          ->type_name("FX,FY,CX,CY")
          ->excludes(fov);
  app.add_option_function<std::string>(
         "--intrinsics-size",
         [&network](const std::string& text) {
           network.intrinsics_size = parse_size("--intrinsics-size", text);
         },
         "The size of the picture in whose pixels --intrinsics counts; 1x1: of normalised ones")
      ->type_name("WxH")
      ->needs(intrinsics);
}

/// An option that takes one of an enum's names.
template <typename Enum>
CLI::Option* add_choice(CLI::App& app, const std::string& flag, Enum& value,
                        Enum (*parse)(std::string_view), std::span<const char* const> names,
                        const std::string& description) {
  return app
      .add_option_function<std::string>(
          flag, [&value, parse](const std::string& text) { value = parse(text); }, description)
      ->check(CLI::IsMember(names))
      ->default_str(to_string(value));
}

void add_device_and_precision(CLI::App& app, depthcloud::EstimatorOptions& estimator) {
  app.add_option("--device", estimator.device, "auto, cpu, cuda, cuda:N or mps")
      ->capture_default_str();
  add_choice(app, "--precision", estimator.precision, depthcloud::parse_precision,
             depthcloud::precision_names(),
             "Number format of the network; auto: the faster of f32 and bf16 on this machine");
}

CLI::Option* add_metric_model(CLI::App& app, depthcloud::EstimatorOptions& estimator) {
  return app.add_option(
      "--metric-model", estimator.metric_model,
      "A second network that gives metres, such as DA3METRIC-LARGE beside DA3-SMALL");
}

/// How much MoGe sees of a photo, beside --process-res.
void add_tokens(CLI::App& app, depthcloud::EstimatorOptions& estimator) {
  auto* grid = app.get_option("--process-res");
  auto* tokens = app.add_option("--tokens", estimator.tokens,
                                "Of MoGe: patches that the network sees of a photo of any size")
                     ->check(CLI::Range(1, 40'000).description(""))
                     ->excludes(grid);
  app.add_option("--resolution-level", estimator.resolution_level,
                 "Of MoGe: 0, the quickest, to 9; without it 0 on the CPU and 9 on a GPU")
      ->check(CLI::Range(0, 9).description(""))
      ->excludes(grid)
      ->excludes(tokens);
}

void add_decode(CLI::App& app, depthcloud::DecodeOptions& decode) {
  app.add_flag("--salvage", decode.salvage,
               "Take what is there of a photo that ends too soon or is corrupt");
  app.add_option("--max-pixels", decode.max_pixels,
                 "Largest photo or depth file, pixels; 0: what there is memory for")
      ->check(number(not_negative, not_negative_text))
      ->capture_default_str();
}

/// Returns the option of the model.
CLI::Option* add_network(CLI::App& app, NetworkOptions& network, bool& full_size) {
  auto* model =
      app.add_option(
             "--model", network.model,
             "builtin, constant:METRES, a model file or folder, or the name of a fetched one")
          ->capture_default_str();
  add_device_and_precision(app, network.estimator);
  app.add_option("--metric-interval", network.estimator.metric_interval,
                 "Of the pictures of a camera or a video, --metric-model sees every n-th")
      ->check(CLI::Range(1, 1000).description(""))
      ->capture_default_str()
      ->needs(add_metric_model(app, network.estimator));
  app.add_option("--process-res", network.estimator.process_res,
                 "Longer side of the network's grid, pixels; 0: the model's own")
      ->check(number(not_negative, not_negative_text));
  add_tokens(app, network.estimator);
  add_choice(app, "--resize-method", network.estimator.resize_method,
             depthcloud::parse_resize_method, depthcloud::resize_method_names(),
             "How Depth Anything 3 scales a photo to its grid");
  app.add_option("--threads", network.estimator.threads, "Threads of CPU arithmetic; 0: all cores")
      ->check(number(not_negative, not_negative_text));
  auto* full = app.add_flag("--full-size", full_size, "Upsample the depth to the photo's size");
  app.add_flag("--fast-decode", network.fast_decode,
               "Decode a large JPEG at a reduced scale (the built-in network always does)")
      ->excludes(full);
  add_decode(app, network.decode);
  add_camera(app, network);
  return model;
}

void add_known_metres(CLI::App& app, KnownMetresOptions& metres) {
  auto* file = app.add_option(
      "--known-depth", metres.file,
      "Metres at a few pixels of the photo, to which depth is scaled: text with x, y and "
      "metres on each line, or a depth image; -: standard input");
  add_choice(app, "--scale-model", metres.fit.model, depthcloud::parse_scale_model,
             depthcloud::scale_model_names(),
             "What --known-depth fits: a scale, or a scale and a shift of depth or inverse depth")
      ->needs(file);
  app.add_option("--inlier-error", metres.fit.inlier_error,
                 "Known depths that the fit misses by a larger share are passed over")
      ->check(number(proper_share, "above 0 and below 1"))
      ->capture_default_str()
      ->needs(file);
  app.add_option("--known-depth-scale", metres.image.scale,
                 "Multiplies the values of a depth image; without it integers are millimetres")
      ->check(number(positive, "that is finite and above 0"))
      ->needs(file);
}

void add_video(CLI::App& app, VideoOptions& video) {
  app.add_option("--fps", video.fps, "Of a video: take at most this many pictures a second; 0: all")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--start", video.start, "Of a video: time of the first picture, seconds")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--end", video.end, "Of a video: take no later picture, seconds")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--max-frames", video.max_frames, "Of a video: take this many pictures; 0: all")
      ->check(number(not_negative, not_negative_text));
}

/// What is common to all that makes clouds of something.
template <typename Stride>
CLI::Option* add_stride(CLI::App& app, Stride& stride, const std::string& description) {
  return app.add_option("--stride", stride, description)
      ->check(CLI::Range(1, std::numeric_limits<int>::max()).description(""));
}

void add_max_points(CLI::App& app, std::size_t& max_points) {
  app.add_option("--max-points", max_points,
                 "Keep at most this many points, spread evenly; 0: no limit")
      ->check(number(not_negative, not_negative_text));
}

void add_axes(CLI::App& app, depthcloud::Axes& axes) {
  add_choice(app, "--axes", axes, depthcloud::parse_axes, depthcloud::axes_names(),
             "Axes of a .ply or .pcd; .msgpack is always v1");
}

void add_filters(CLI::App& app, depthcloud::CloudOptions& cloud) {
  add_stride(app, cloud.stride, "Take every n-th row and column")
      ->default_str(std::to_string(*cloud.stride));
  app.add_option("--min-confidence", cloud.min_confidence,
                 "Drop pixels of lower confidence, in the model's own units")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--confidence-percentile", cloud.confidence_percentile,
                 "Drop this percentage of the pixels, those of lowest confidence")
      ->check(number(percentile, "from 0 to below 100"));
  app.add_option("--min-depth", cloud.min_depth, "Drop nearer pixels")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--max-depth", cloud.max_depth, "Drop farther pixels")
      ->check(number(positive_or_infinite, "above 0"));
  app.add_option("--edge-threshold", cloud.edge_threshold,
                 "Drop flying pixels, whose depth differs from a neighbour's by more than this "
                 "share (0.1: 10 %)")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--voxel-size", cloud.voxel_size,
                 "Keep one point, the first, in each cube of this side, in the unit of the depth; "
                 "0: off")
      ->check(number(not_negative, not_negative_text));
  add_max_points(app, cloud.max_points);
  app.add_flag("--keep-transparent", cloud.keep_transparent,
               "Keep fully transparent pixels of a photo, which give no points otherwise");
  add_axes(app, cloud.axes);
}

void add_encoding(CLI::App& app, depthcloud::WireFormat& wire) {
  add_choice(app, "--encoding", wire.encoding, depthcloud::parse_encoding,
             depthcloud::encoding_names(), "Encoding of the points in a .msgpack");
}

void add_wire(CLI::App& app, depthcloud::WireFormat& wire) {
  add_encoding(app, wire);
  app.add_option("--relative-error", wire.relative_error,
                 "With --encoding depth: largest relative error of a depth")
      ->check(number(relative_error, "from 0.0001 to 0.1"))
      ->capture_default_str();
  add_choice(app, "--colors", wire.colors, depthcloud::parse_grid_colors,
             depthcloud::grid_colors_names(),
             "With --encoding depth: a JPEG, or no colours, for a client that keeps the photo");
  app.add_option("--jpeg-quality", wire.jpeg_quality, "With --encoding depth: 1 to 100")
      ->check(CLI::Range(1, 100).description(""))
      ->capture_default_str();
}

const std::vector<std::string> cloud_formats = {"ply", "pcd", "msgpack"};
const std::vector<std::string> depth_formats = {"npy", "pfm", "png"};

PointColor parse_color(const std::string& text) {
  return text == "photo"   ? PointColor::photo
         : text == "depth" ? PointColor::depth
                           : PointColor::gray;
}

/// The command line as CLI11 sees it, and the values that it fills in.
struct Grammar {
  CLI::App app{"Photos to depth maps and coloured point clouds", "depthcloud"};
  CloudCommand cloud;
  std::string cloud_format;
  bool multi_view = false;
  SceneOptions scene;
  VideoOptions cloud_video;
  DepthCommand depth;
  VideoOptions depth_video;
  bool gray16 = false;
  std::string depth_format;
  bool png16 = false;
  InfoCommand info;

  CLI::App* cloud_app = app.add_subcommand("cloud", "Turn photos into coloured point clouds");
  CLI::App* depth_app = app.add_subcommand("depth", "Estimate the depth of a photo");
  CLI::App* info_app =
      app.add_subcommand("info", "Describe a file, or this build, machine and model");
  ConvertCommand convert;
  std::string convert_format;
  ReplayCommand replay;
  std::string replay_format;
  CLI::App* convert_app =
      app.add_subcommand("convert", "Turn clouds from one of .ply, .pcd and .msgpack into another");
  CLI::App* replay_app =
      app.add_subcommand("replay", "Take the messages out of a recording of depthcloud-server");

  std::vector<std::string> fetch_names;
  bool fetch_list = false;
  FetchCommand fetch;
  CLI::App* fetch_app =
      app.add_subcommand("fetch", "Download published networks, for --model to find by name");

  Grammar() {
    app.require_subcommand(0, 1);  // settle() says better what is missing
    app.set_version_flag("--version", std::string("depthcloud ") + depthcloud::version());
    add_cloud();
    add_depth();
    add_convert();
    add_replay();
    add_fetch();
    info_app->add_option("file", info.file,
                         "Cloud, recording, depth file or photo to describe; -: standard input");
    info_app->add_option("--model", info.model, "Model to describe");
    add_device_and_precision(*info_app, info.estimator);
    add_metric_model(*info_app, info.estimator);
    info_app->add_flag("--json", info.json, "Print JSON");
  }

  void add_fetch() {
    depthcloud::FetchOptions& options = fetch.options;
    auto* names =
        fetch_app->add_option("names", fetch_names, "Models to download, named as in --list");
    fetch_app->add_flag("--list", fetch_list, "Show all models, their licences and sizes")
        ->excludes(names);
    fetch_app->add_flag("--accept-licence,--accept-license", options.accept_license,
                        "Accept a licence that is not a free one");
    fetch_app->add_option("--dir", options.folder,
                          "Folder in which a folder of each model is made, in place of the cache");
    fetch_app->add_option("--endpoint", options.endpoint,
                          "Address of the hub; else $HF_ENDPOINT or https://huggingface.co");
    fetch_app
        ->add_option("--cacert", options.ca_file,
                     "Certificates to trust, PEM; else $CURL_CA_BUNDLE, $SSL_CERT_FILE or the "
                     "system's")
        ->check(CLI::ExistingFile);
    fetch_app
        ->add_option_function<int>(
            "--timeout", [&options](int value) { options.timeout = std::chrono::seconds(value); },
            "Give up where nothing arrives for so many seconds")
        ->check(CLI::Range(1, 3600).description(""))
        ->default_str("30");
    fetch_app->add_flag("-q,--quiet", fetch.quiet, "Print errors only");
  }

  void add_cloud() {
    auto* photos = cloud_app->add_option("photos", cloud.inputs,
                                         "Photos, folders of photos, or one video; -: standard "
                                         "input");
    cloud_app
        ->add_option("-o,--output", cloud.output,
                     "File .ply, .pcd or .msgpack; a folder; -: standard output")
        ->required();
    cloud_app->add_option("--format", cloud_format, "Format of the files in an output folder")
        ->check(CLI::IsMember(cloud_formats));
    auto* depth_file = cloud_app->add_option("--depth", cloud.depth,
                                             "Known depth: .npy, .npz, .pfm, .png, .pgm, .tiff or "
                                             ".exr; a folder of such; -: standard input");
    auto* pairs = cloud_app
                      ->add_option("--pairs", cloud.pairs,
                                   "List of photos and their depth, a pair on each line")
                      ->excludes(depth_file)
                      ->excludes(photos);
    cloud_app
        ->add_option_function<std::string>(
            "--color", [this](const std::string& text) { cloud.color = parse_color(text); },
            "Colour of the points: of the photo, by depth, or gray; without a photo by depth")
        ->check(CLI::IsMember({"photo", "depth", "gray"}));
    add_filters(*cloud_app, cloud.cloud);
    cloud_app->add_flag("--normals", cloud.cloud.normals,
                        "Write the normals of a network that computes them: nx ny nz of a .ply, "
                        "normal_x ... of a .pcd");
    add_wire(*cloud_app, cloud.wire);
    add_network(*cloud_app, cloud.network, cloud.full_size)->excludes(depth_file)->excludes(pairs);
    add_known_depth();
    add_known_metres(*cloud_app, cloud.known_metres);
    add_scene(depth_file, pairs);
    add_video(*cloud_app, cloud_video);
    cloud_app->add_flag("-q,--quiet", cloud.quiet, "Print errors only");
  }

  /// What --depth means, and how it lies on the photo.
  void add_known_depth() {
    KnownDepth& known = cloud.known_depth;
    cloud_app
        ->add_option("--depth-scale", known.file.scale,
                     "Multiplies the values of --depth; without it integers of 16, 32 and 64 bits "
                     "are millimetres and floats metres, in every format")
        ->check(number(positive, "that is finite and above 0"));
    cloud_app->add_option("--depth-array", known.file.array,
                          "Which array of a .npz, or channel of a .exr, is depth");
    add_kind(known);
    cloud_app
        ->add_option_function<std::string>(
            "--depth-orientation",
            [&known](const std::string& text) { known.as_stored = text == "stored"; },
            "Whether --depth lies as the upright photo, or as it was stored before EXIF turned it")
        ->check(CLI::IsMember({"upright", "stored"}));
    cloud_app->add_flag("--stretch", known.stretch,
                        "Take a --depth of another shape for the same view as the photo");
  }

  void add_kind(KnownDepth& known) {
    cloud_app
        ->add_option_function<std::string>(
            "--depth-kind",
            [&known](const std::string& text) {
              known.meaning.kind = depthcloud::parse_depth_kind(text);
              known.file.kind = known.meaning.kind;
            },
            "What --depth measures: z along the optical axis, distance along the ray, inverse "
            "depth, or disparity in pixels")
        ->check(CLI::IsMember(depthcloud::depth_kind_names()))
        ->default_str("z");
    cloud_app
        ->add_option("--baseline", known.meaning.baseline,
                     "Of --depth-kind disparity: distance between the cameras, metres")
        ->check(number(positive, "that is finite and above 0"));
    cloud_app
        ->add_option("--disparity-offset", known.meaning.disparity_offset,
                     "Of --depth-kind disparity: pixels that are added to it (doffs)")
        ->check(number(finite, "that is finite"));
  }

  void add_scene(CLI::Option* depth_file, CLI::Option* pairs) {
    auto* several =
        cloud_app
            ->add_flag("--multi-view", multi_view,
                       "The photos show one scene: make one cloud of all, in one world frame")
            ->excludes(depth_file)
            ->excludes(pairs);
    add_choice(*cloud_app, "--reference-view", scene.reference_view,
               depthcloud::parse_reference_view, depthcloud::reference_view_names(),
               "With three or more photos: how to choose the reference view")
        ->needs(several);
    cloud_app
        ->add_option("--cameras", scene.cameras,
                     "Known cameras of the photos, JSON as --json writes")
        ->needs(several);
    cloud_app->add_option("--json", scene.json_output, "Write the cameras of the photos as JSON")
        ->needs(several);
  }

  void add_depth() {
    depth_app
        ->add_option("photos", depth.inputs,
                     "Photos, folders of photos, or one video; -: standard input")
        ->required();
    depth_app
        ->add_option("-o,--output", depth.output,
                     "File .npy, .pfm or .png; a folder; -: standard output")
        ->required();
    depth_app->add_option("--format", depth_format, "Format of the files in an output folder")
        ->check(CLI::IsMember(depth_formats));
    depth_app->add_flag("--png16", png16, "Write a 16-bit .png of millimetres, not a picture");
    depth_app->add_option("--confidence-out", depth.confidence_output, "Confidence, .npy");
    depth_app->add_option("--normals-out", depth.normals_output,
                          "Normals of a network that computes them: .npy of height x width x 3, "
                          "axes opencv");
    depth_app->add_option("--json", depth.json_output, "Camera, size and times, JSON");
    add_network(*depth_app, depth.network, depth.full_size);
    add_known_metres(*depth_app, depth.known_metres);
    add_video(*depth_app, depth_video);
    depth_app->add_flag("--gray16", gray16,
                        "Of a .mkv: 16 bits of millimetres without loss (FFV1), not a picture");
    depth_app->add_flag("-q,--quiet", depth.quiet, "Print errors only");
  }

  void add_convert() {
    convert_app
        ->add_option("clouds", convert.inputs,
                     "Clouds (.ply, .pcd, .msgpack), folders of clouds; -: standard input")
        ->required();
    convert_app
        ->add_option("-o,--output", convert.output,
                     "File .ply, .pcd or .msgpack; a folder; -: standard output")
        ->required();
    convert_app->add_option("--format", convert_format, "Format of the files in an output folder")
        ->check(CLI::IsMember(cloud_formats));
    add_stride(*convert_app, convert.stride,
               "Take every n-th row and column of a .msgpack in the encoding depth")
        ->capture_default_str();
    add_max_points(*convert_app, convert.max_points);
    add_axes(*convert_app, convert.axes);
    add_encoding(*convert_app, convert.wire);
    convert_app->add_flag("-q,--quiet", convert.quiet, "Print errors only");
  }

  void add_replay() {
    replay_app->add_option("recording", replay.recording, "Recording; -: standard input")
        ->required();
    replay_app
        ->add_option("-o,--output", replay.output,
                     "A folder, or - for the messages on standard output, at their times")
        ->required();
    replay_app->add_option("--format", replay_format, "Format of the files in the folder")
        ->check(CLI::IsMember(cloud_formats));
    replay_app->add_option("--stream", replay.stream, "Take the messages of this client only");
    auto* speed = replay_app->add_option("--speed", replay.speed, "Times as fast as recorded")
                      ->check(number(positive, "that is finite and above 0"))
                      ->capture_default_str();
    replay_app->add_flag("--raw", replay.raw, "As fast as they are taken")->excludes(speed);
    replay_app->add_flag("--loop", replay.loop, "Begin again at the end, until interrupted");
    add_axes(*replay_app, replay.axes);
    replay_app->add_flag("-q,--quiet", replay.quiet, "Print errors only");
  }
};

template <typename... Values>
[[noreturn]] void refuse(fmt::format_string<Values...> text, Values&&... values) {
  throw UsageError(fmt::format(text, std::forward<Values>(values)...));
}

void check_device(const std::string& device) {
  if (device != "auto") depthcloud::parse_device(device);
}

/// ".ply, .pcd or .msgpack"
std::string listed(const std::vector<std::string>& formats) {
  return fmt::format(".{}, .{} or .{}", formats[0], formats[1], formats[2]);
}

/// Where results go, and how.
struct Destination {
  std::string format;
  bool into_folder = false;
};

/// One file or many in a folder, and in which format.
Destination destination(const fs::path& output, bool many, const std::string& format,
                        const std::vector<std::string>& formats) {
  if (is_stream(output)) {
    if (many) throw UsageError(stream_takes_one);
    if (format.empty()) refuse("-o - needs --format");
    return {format};
  }
  const bool folder_exists = is_folder(output);
  const std::string suffix = extension(output);
  const std::string of_output = suffix.empty() ? "" : suffix.substr(1);
  const bool is_file = std::ranges::count(formats, of_output) > 0;
  if (format.empty()) {
    if (many) throw UsageError(several_need_folder);
    if (folder_exists) refuse("-o '{}' is a folder: give --format too", output.string());
    if (!is_file) refuse("-o '{}' is not {}", output.string(), listed(formats));
    return {of_output};
  }
  if (is_file && !folder_exists) {
    if (many) refuse("many inputs do not fit in the one file '{}'", output.string());
    if (of_output != format) refuse("-o '{}' contradicts --format {}", output.string(), format);
    return {format};
  }
  if (is_there(output) && !folder_exists) refuse("-o '{}' is not a folder", output.string());
  return {format, true};
}

/// A scene is one file, however many photos it has.
void settle_scene(CloudCommand& command, const std::string& format) {
  const Destination chosen = destination(command.output, false, format, cloud_formats);
  if (chosen.into_folder) {
    refuse("--multi-view makes one cloud: -o '{}' is not a .ply, .pcd or .msgpack file",
           command.output.string());
  }
  command.format = parse_cloud_format(chosen.format);
  if (command.scene->cameras && !command.network.estimator.metric_model.empty()) {
    refuse("--metric-model and --cameras both set the unit of depth: give one");
  }
  const auto& json = command.scene->json_output;
  if (json && (is_folder(*json) || same_file(*json, command.output))) {
    refuse("--json '{}' is a folder or the cloud", json->string());
  }
  if (json && command.scene->cameras && same_file(*json, *command.scene->cameras)) {
    refuse("'{}' would be overwritten", json->string());
  }
}

void settle_output(CloudCommand& command, const std::string& format) {
  const bool depth_alone = command.inputs.empty() && command.depth;
  const bool many = are_many(command.inputs) || (depth_alone && is_folder(*command.depth));
  const Destination chosen = destination(command.output, many, format, cloud_formats);
  command.format = parse_cloud_format(chosen.format);
  command.into_folder = chosen.into_folder;
}

void check_inputs(const CloudCommand& command) {
  if (command.inputs.empty() && !command.knows_depth()) {
    refuse("no photo: give one, or --depth, or --pairs");
  }
  if (command.depth && are_many(command.inputs) && is_there(*command.depth) &&
      !is_folder(*command.depth)) {
    refuse("--depth '{}' is the depth of one photo: of many it is a folder",
           command.depth->string());
  }
  if (!command.has_photo()) {
    if (command.color == PointColor::photo) refuse("--color photo needs a photo");
    if (command.full_size) refuse("--full-size is the size of a photo: there is none");
  }
  std::size_t streams = 0;
  for (const fs::path& input : command.inputs) streams += is_stream(input) ? 1 : 0;
  for (const auto& input : {command.depth, command.pairs}) streams += input && is_stream(*input);
  streams += is_stream(command.known_metres.file) ? 1 : 0;
  if (streams > 1) refuse("'-', standard input, is one file");
}

void check_known_depth(const CloudCommand& command) {
  if (command.knows_depth()) return;
  for (const char* flag : {"--depth-scale", "--depth-array", "--depth-kind", "--baseline",
                           "--disparity-offset", "--depth-orientation", "--stretch"}) {
    if (command.network.given.has(flag)) refuse("{} needs --depth or --pairs", flag);
  }
}

void check_meaning(const depthcloud::DepthMeaning& meaning, const GivenFlags& given) {
  const bool is_disparity = meaning.kind == depthcloud::DepthKind::disparity;
  if (is_disparity && meaning.baseline == 0) refuse("--depth-kind disparity needs --baseline");
  if (!is_disparity && (given.has("--baseline") || given.has("--disparity-offset"))) {
    refuse("--baseline and --disparity-offset are of --depth-kind disparity");
  }
}

void check_encoding(const depthcloud::WireFormat& wire, CloudFormat format) {
  if (format != CloudFormat::msgpack && wire.encoding != depthcloud::Encoding::f32) {
    refuse("--encoding {} is only for a .msgpack, not for a .{}", to_string(wire.encoding),
           to_string(format));
  }
}

ConvertCommand settle(ConvertCommand command, const std::string& format) {
  const Destination chosen =
      destination(command.output, are_many(command.inputs), format, cloud_formats);
  command.format = parse_cloud_format(chosen.format);
  command.into_folder = chosen.into_folder;
  check_encoding(command.wire, command.format);
  if (std::ranges::count_if(command.inputs, is_stream) > 1) {
    refuse("'-', standard input, is one file");
  }
  return command;
}

ReplayCommand settle(ReplayCommand command, const std::string& format) {
  if (!format.empty()) command.format = parse_cloud_format(format);
  if (is_stream(command.output)) {
    if (command.format != CloudFormat::msgpack) {
      refuse("standard output takes the messages as they are: --format {} needs a folder", format);
    }
  } else if (format.empty()) {
    refuse(
        "-o '{}' names a folder for files of their own: give --format too, or -o - for one stream",
        command.output.string());
  } else if (is_there(command.output) && !is_folder(command.output)) {
    refuse("-o '{}' is not a folder", command.output.string());
  }
  if (command.loop && is_stream(command.recording)) {
    refuse("--loop reads the recording again: standard input cannot be");
  }
  return command;
}

FetchCommand settle(FetchCommand command, const std::vector<std::string>& names, bool list) {
  if (names.empty() && !list) refuse("name a model to fetch, or ask with --list for all of them");
  for (const std::string& name : names) {
    const depthcloud::PublishedModel* const model = depthcloud::find_published_model(name);
    if (model == nullptr) {
      refuse("no published model is named '{}': 'depthcloud fetch --list' shows all", name);
    }
    if (!model->is_free() && !command.options.accept_license) {
      refuse(
          "the weights of {} are under {} (https://spdx.org/licenses/{}.html), which is not a free "
          "licence: --accept-licence accepts it",
          model->name, model->license, model->license);
    }
    command.models.push_back(model);
  }
  return command;
}

/// The options of a video, where there is one.
std::optional<VideoOptions> settle_video(const std::vector<fs::path>& inputs,
                                         const VideoOptions& options) {
  if (std::ranges::none_of(inputs, is_video)) return std::nullopt;
  if (inputs.size() > 1) refuse("a video is read alone, without other videos or photos");
  if (options.end && *options.end < options.start) {
    refuse("--end {} is before --start {}", *options.end, options.start);
  }
  return options;
}

void check_known_metres(const KnownMetresOptions& metres, const NetworkOptions& network) {
  if (!metres.file.empty() && !network.estimator.metric_model.empty()) {
    refuse("--known-depth and --metric-model both give metres: give one");
  }
  if (is_folder(metres.file)) {
    refuse("--known-depth '{}' is a folder: it is one file", metres.file.string());
  }
}

/// A scene keeps its cameras: no shift of depth moves them, and known ones have a unit.
void check_known_metres(const KnownMetresOptions& metres, const SceneOptions& scene) {
  if (metres.file.empty()) return;
  if (metres.fit.model != depthcloud::ScaleModel::scale) {
    refuse("--scale-model {} shifts depth, which moves no camera: of --multi-view it is scale",
           to_string(metres.fit.model));
  }
  if (scene.cameras) refuse("--known-depth and --cameras both set the unit of depth: give one");
}

CloudCommand settle(CloudCommand command, const std::string& format) {
  if (command.video && command.knows_depth()) refuse("--depth is of photos, not of a video");
  if (command.video && command.scene) refuse("--multi-view takes photos, not a video");
  check_inputs(command);
  check_known_metres(command.known_metres, command.network);
  if (command.scene) check_known_metres(command.known_metres, *command.scene);
  check_known_depth(command);
  check_meaning(command.known_depth.meaning, command.network.given);
  if (command.cloud.normals && command.knows_depth()) {
    refuse("--normals are those of a network: with --depth and --pairs none runs");
  }
  if (const auto most = command.network.decode.max_pixels; most > 0) {
    command.known_depth.file.max_pixels = most;
  }
  check_device(command.network.estimator.device);
  depthcloud::validate(command.cloud);
  command.scene ? settle_scene(command, format) : settle_output(command, format);
  check_encoding(command.wire, command.format);
  if (command.format == CloudFormat::msgpack) command.cloud.normals = false;  // it has none
  command.network.estimator.normals = command.cloud.normals;
  if (command.scene && command.wire.encoding == depthcloud::Encoding::depth) {
    refuse("--encoding depth sends the grid of one camera: it cannot be used with --multi-view");
  }
  return command;
}

DepthFormat depth_format(const std::string& name, bool png16) {
  if (name == "png") return png16 ? DepthFormat::millimetre_png : DepthFormat::color_png;
  if (png16) refuse("--png16 is of a .png, not of a .{}", name);
  return name == "npy" ? DepthFormat::npy : DepthFormat::pfm;
}

/// Of the one photo of a command.
void check_side_output(const fs::path& output, bool many, const char* flag) {
  if (many) refuse("{} is of one photo", flag);
  if (is_folder(output)) refuse("'{}' is a folder", output.string());
  if (is_stream(output)) refuse("{} is a file, not standard output", flag);
}

/// A video of depth: the only output of several pictures that is one file.
void settle_depth_video(DepthCommand& command, const std::string& format, bool png16, bool gray16) {
  if (!command.video) refuse("-o '{}' is made of a video", command.output.string());
  if (!format.empty()) refuse("-o '{}' contradicts --format {}", command.output.string(), format);
  if (png16) refuse("--png16 is of a .png, not of a .mkv: see --gray16");
  for (const auto& other :
       {command.confidence_output, command.normals_output, command.json_output}) {
    if (other) refuse("--confidence-out, --normals-out and --json are of one photo");
  }
  if (same_file(command.output, command.inputs.front()) || is_folder(command.output)) {
    refuse("-o '{}' is the video that is read, or a folder", command.output.string());
  }
  command.video_content =
      gray16 ? depthcloud::VideoContent::gray16 : depthcloud::VideoContent::color;
}

DepthCommand settle(DepthCommand command, const std::string& format, bool png16, bool gray16) {
  check_device(command.network.estimator.device);
  check_known_metres(command.known_metres, command.network);
  if (is_stream(command.known_metres.file) && std::ranges::any_of(command.inputs, is_stream)) {
    refuse("'-', standard input, is one file");
  }
  if (extension(command.output) == ".mkv" && !is_folder(command.output)) {
    settle_depth_video(command, format, png16, gray16);
    return command;
  }
  if (gray16) refuse("--gray16 is of a .mkv, not of '{}'", command.output.string());
  const bool many = are_many(command.inputs);
  const Destination chosen = destination(command.output, many, format, depth_formats);
  command.format = depth_format(chosen.format, png16);
  command.into_folder = chosen.into_folder;
  const auto& confidence = command.confidence_output;
  const auto& normals = command.normals_output;
  const auto& json = command.json_output;
  if (confidence) check_side_output(*confidence, many, "--confidence-out");
  if (normals) check_side_output(*normals, many, "--normals-out");
  if (json) check_side_output(*json, many, "--json");
  if (confidence && extension(*confidence) != ".npy") {
    refuse("--confidence-out '{}' is not .npy", confidence->string());
  }
  if (normals && extension(*normals) != ".npy") {
    refuse("--normals-out '{}' is not .npy", normals->string());
  }
  command.network.estimator.normals = normals.has_value();
  std::vector<fs::path> files = {command.inputs.front()};
  for (const std::optional<fs::path>& output :
       {std::optional(command.output), confidence, normals, json}) {
    if (!output || is_stream(*output)) continue;
    for (const fs::path& other : files) {
      if (same_file(*output, other) && !is_folder(other)) {
        refuse("'{}' would be overwritten", other.string());
      }
    }
    files.push_back(*output);
  }
  return command;
}

GivenFlags given_flags(const CLI::App& app) {
  GivenFlags given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    for (const std::string& name : option->get_lnames()) given.add("--" + name);
  }
  return given;
}

Command settle(const Grammar& grammar) {
  if (*grammar.cloud_app) {
    CloudCommand command = grammar.cloud;
    command.network.given = given_flags(*grammar.cloud_app);
    if (grammar.multi_view) command.scene = grammar.scene;
    command.video = settle_video(command.inputs, grammar.cloud_video);
    return settle(std::move(command), grammar.cloud_format);
  }
  if (*grammar.depth_app) {
    DepthCommand command = grammar.depth;
    command.network.given = given_flags(*grammar.depth_app);
    command.video = settle_video(command.inputs, grammar.depth_video);
    return settle(std::move(command), grammar.depth_format, grammar.png16, grammar.gray16);
  }
  if (*grammar.convert_app) {
    ConvertCommand command = grammar.convert;
    command.given = given_flags(*grammar.convert_app);
    return settle(std::move(command), grammar.convert_format);
  }
  if (*grammar.replay_app) {
    ReplayCommand command = grammar.replay;
    command.given = given_flags(*grammar.replay_app);
    return settle(std::move(command), grammar.replay_format);
  }
  if (*grammar.fetch_app) return settle(grammar.fetch, grammar.fetch_names, grammar.fetch_list);
  if (!*grammar.info_app) {
    refuse(
        "name a command: cloud, depth, info, convert, replay or fetch (see 'depthcloud --help')");
  }
  check_device(grammar.info.estimator.device);
  InfoCommand command = grammar.info;
  command.given = given_flags(*grammar.info_app);
  return command;
}

/// What to say of names that begin like a flag.
std::string dash_hint(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    const bool is_short =
        word.size() > 2 && word[0] == '-' && std::isalpha(static_cast<unsigned char>(word[1]));
    if ((is_short && word[1] != 'o') || (word.size() > 1 && word[0] == '-' && is_there(word))) {
      return fmt::format("; a file whose name begins with '-' stands behind '--', or as './{}'",
                         word);
    }
  }
  return "";
}

}  // namespace

const char* to_string(DepthFormat format) {
  switch (format) {
    case DepthFormat::npy:
      return "npy";
    case DepthFormat::pfm:
      return "pfm";
    case DepthFormat::color_png:
    case DepthFormat::millimetre_png:
      break;
  }
  return "png";
}

bool are_many(const std::vector<fs::path>& inputs) {
  return inputs.size() > 1 ||
         (!inputs.empty() && (is_folder(inputs.front()) || is_video(inputs.front())));
}

std::optional<Command> parse(int argc, char** argv) {
  Grammar grammar;
  try {
    grammar.app.parse(argc, argv);
    return settle(grammar);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      throw UsageError(fmt::format("{} (see 'depthcloud --help'){}{}", error.what(),
                                   dash_hint(argc, argv), renamed_flag_hint(argc, argv)));
    }
    grammar.app.exit(error);
    return std::nullopt;
  } catch (const depthcloud::Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace cli
