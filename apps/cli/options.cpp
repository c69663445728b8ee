// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <cctype>
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

#include "inputs.hpp"

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

/// Returns the option of intrinsics.
CLI::Option* add_camera(CLI::App& app, depthcloud::EstimatorOptions& camera) {
  auto* fov = app.add_option("--fov", camera.fov_degrees, "Horizontal field of view, degrees")
                  ->check(number(angle, "between 0 and 180"));
  return app
      .add_option_function<std::string>(
          "--intrinsics",
          [&camera](const std::string& text) { camera.intrinsics = parse_intrinsics(text); },
          "Pinhole camera in pixels of the photo; with --depth of the depth map, or of "
          "--intrinsics-size")
      ->type_name("FX,FY,CX,CY")
      ->excludes(fov);
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

void add_decode(CLI::App& app, depthcloud::DecodeOptions& decode) {
  app.add_flag("--salvage", decode.salvage,
               "Take what is there of a photo that ends too soon or is corrupt");
  app.add_option("--max-pixels", decode.max_pixels,
                 "Largest photo, pixels; 0: what there is memory for")
      ->check(number(not_negative, not_negative_text))
      ->capture_default_str();
}

/// What is returned of the options of a network and its camera.
struct NetworkFlags {
  CLI::Option* model;
  CLI::Option* intrinsics;
};

NetworkFlags add_network(CLI::App& app, NetworkOptions& network, bool& full_size) {
  auto* model =
      app.add_option("--model", network.model, "builtin, constant:METRES or a model file or folder")
          ->capture_default_str();
  add_device_and_precision(app, network.estimator);
  app.add_option("--process-res", network.estimator.process_res,
                 "Longer side of the network's grid, pixels; 0: the model's own")
      ->check(number(not_negative, not_negative_text));
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
  return {model, add_camera(app, network.estimator)};
}

void add_filters(CLI::App& app, depthcloud::CloudOptions& cloud) {
  app.add_option("--stride", cloud.stride, "Take every n-th row and column")
      ->check(CLI::Range(1, std::numeric_limits<int>::max()).description(""))
      ->capture_default_str();
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
  app.add_option("--edge-filter", cloud.edge_threshold,
                 "Drop flying pixels, whose depth differs from a neighbour's by more than this "
                 "share (0.1: 10 %)")
      ->check(number(not_negative, not_negative_text));
  app.add_option("--max-points", cloud.max_points,
                 "Keep at most this many points, spread evenly; 0: no limit")
      ->check(number(not_negative, not_negative_text));
  app.add_flag("--keep-transparent", cloud.keep_transparent,
               "Keep fully transparent pixels of a photo, which give no points otherwise");
  add_choice(app, "--axes", cloud.axes, depthcloud::parse_axes, depthcloud::axes_names(),
             "Axes of a .ply or .pcd; .msgpack is always v1");
}

void add_wire(CLI::App& app, depthcloud::WireFormat& wire) {
  add_choice(app, "--encoding", wire.encoding, depthcloud::parse_encoding,
             depthcloud::encoding_names(), "Encoding of the points in a .msgpack");
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

/// The command line as CLI11 sees it, and the values that it fills in.
struct Grammar {
  CLI::App app{"Photos to depth maps and coloured point clouds", "depthcloud"};
  CloudCommand cloud;
  std::string cloud_format;
  bool multi_view = false;
  SceneOptions scene;
  DepthCommand depth;
  bool png16 = false;
  InfoCommand info;

  CLI::App* cloud_app = app.add_subcommand("cloud", "Turn photos into coloured point clouds");
  CLI::App* depth_app = app.add_subcommand("depth", "Estimate the depth of a photo");
  CLI::App* info_app = app.add_subcommand("info", "Describe this build, machine and model");

  Grammar() {
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("depthcloud ") + depthcloud::version());
    add_cloud();
    add_depth();
    info_app->add_option("--model", info.model, "Model to describe");
    add_device_and_precision(*info_app, info.estimator);
    info_app->add_flag("--json", info.json, "Print JSON");
  }

  void add_cloud() {
    cloud_app->add_option("photos", cloud.inputs, "Photos, folders of photos")->required();
    cloud_app->add_option("-o,--output", cloud.output, "File .ply, .pcd or .msgpack; or a folder")
        ->required();
    cloud_app->add_option("--format", cloud_format, "Format of the files in an output folder")
        ->check(CLI::IsMember({"ply", "pcd", "msgpack"}));
    auto* depth_file = cloud_app->add_option(
        "--depth", cloud.depth, "Known depth: .npy, .npz, .pfm, .png, .pgm, .tiff or .exr");
    add_filters(*cloud_app, cloud.cloud);
    add_wire(*cloud_app, cloud.wire);
    const NetworkFlags network = add_network(*cloud_app, cloud.network, cloud.full_size);
    network.model->excludes(depth_file);
    add_known_depth(depth_file, network.intrinsics);
    add_scene(depth_file);
    cloud_app->add_flag("-q,--quiet", cloud.quiet, "Print errors only");
  }

  /// What --depth means, and how it lies on the photo.
  void add_known_depth(CLI::Option* depth_file, CLI::Option* intrinsics) {
    KnownDepth& known = cloud.known_depth;
    cloud_app
        ->add_option("--depth-scale", known.file.scale,
                     "Multiplies the values of --depth; without it integers of 16, 32 and 64 bits "
                     "are millimetres and floats metres, in every format")
        ->check(number(positive, "that is finite and above 0"))
        ->needs(depth_file);
    cloud_app
        ->add_option("--depth-array", known.file.array,
                     "Which array of a .npz, or channel of a .exr, is depth")
        ->needs(depth_file);
    add_kind(depth_file, known);
    cloud_app
        ->add_option_function<std::string>(
            "--intrinsics-size",
            [&known](const std::string& text) {
              known.intrinsics_size = parse_size("--intrinsics-size", text);
            },
            "The size of the picture in whose pixels --intrinsics counts; 1x1: of normalised ones")
        ->type_name("WxH")
        ->needs(depth_file)
        ->needs(intrinsics);
    cloud_app
        ->add_option_function<std::string>(
            "--depth-orientation",
            [&known](const std::string& text) { known.as_stored = text == "stored"; },
            "Whether --depth lies as the upright photo, or as it was stored before EXIF turned it")
        ->check(CLI::IsMember({"upright", "stored"}))
        ->needs(depth_file);
    cloud_app
        ->add_flag("--stretch", known.stretch,
                   "Take a --depth of another shape for the same view as the photo")
        ->needs(depth_file);
  }

  void add_kind(CLI::Option* depth_file, KnownDepth& known) {
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
        ->default_str("z")
        ->needs(depth_file);
    cloud_app
        ->add_option("--baseline", known.meaning.baseline,
                     "Of --depth-kind disparity: distance between the cameras, metres")
        ->check(number(positive, "that is finite and above 0"))
        ->needs(depth_file);
    cloud_app
        ->add_option("--disparity-offset", known.meaning.disparity_offset,
                     "Of --depth-kind disparity: pixels that are added to it (doffs)")
        ->check(number(finite, "that is finite"))
        ->needs(depth_file);
  }

  void add_scene(CLI::Option* depth_file) {
    auto* several =
        cloud_app
            ->add_flag("--multi-view", multi_view,
                       "The photos show one scene: make one cloud of all, in one world frame")
            ->excludes(depth_file);
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
    depth_app->add_option("photo", depth.photo, "Photo")->required();
    depth_app->add_option("-o,--output", depth.output, "File .npy, .pfm or .png")->required();
    depth_app->add_flag("--png16", png16, "Write a 16-bit .png of millimetres, not a picture");
    depth_app->add_option("--confidence-out", depth.confidence_output, "Confidence, .npy");
    depth_app->add_option("--json", depth.json_output, "Camera, size and times, JSON");
    add_network(*depth_app, depth.network, depth.full_size);
    depth_app->add_flag("-q,--quiet", depth.quiet, "Print errors only");
  }
};

template <typename... Values>
[[noreturn]] void refuse(fmt::format_string<Values...> text, Values&&... values) {
  throw UsageError(fmt::format(text, std::forward<Values>(values)...));
}

void check_device(const std::string& device) {
  if (device != "auto") depthcloud::parse_device(device);
}

/// A scene is one file, however many photos it has.
void settle_scene(CloudCommand& command, const std::string& format) {
  const std::optional<CloudFormat> of_output = format_of(command.output);
  if (!of_output || fs::is_directory(command.output)) {
    refuse("--multi-view makes one cloud: -o '{}' is not a .ply, .pcd or .msgpack file",
           command.output.string());
  }
  if (!format.empty() && of_output != format_of("cloud." + format)) {
    refuse("-o '{}' contradicts --format {}", command.output.string(), format);
  }
  command.format = *of_output;
  const auto& json = command.scene->json_output;
  if (json && (fs::is_directory(*json) || same_file(*json, command.output))) {
    refuse("--json '{}' is a folder or the cloud", json->string());
  }
  if (json && command.scene->cameras && same_file(*json, *command.scene->cameras)) {
    refuse("'{}' would be overwritten", json->string());
  }
}

/// One file or many in a folder, and in which format.
void settle_output(CloudCommand& command, const std::string& format) {
  const bool many = command.inputs.size() > 1 || fs::is_directory(command.inputs.front());
  const bool folder_exists = fs::is_directory(command.output);
  const std::optional<CloudFormat> of_output = format_of(command.output);
  if (format.empty()) {
    if (many) refuse("more than one photo needs --format, and a folder as its -o");
    if (folder_exists) refuse("-o '{}' is a folder: give --format too", command.output.string());
    if (!of_output) refuse("-o '{}' is not .ply, .pcd or .msgpack", command.output.string());
    command.format = *of_output;
    return;
  }
  command.format = *format_of("cloud." + format);
  if (of_output && !folder_exists) {
    if (many) refuse("many photos do not fit in the one file '{}'", command.output.string());
    if (of_output != command.format) {
      refuse("-o '{}' contradicts --format {}", command.output.string(), format);
    }
    return;
  }
  if (fs::exists(command.output) && !folder_exists) {
    refuse("-o '{}' is not a folder", command.output.string());
  }
  command.into_folder = true;
}

void check_meaning(const depthcloud::DepthMeaning& meaning) {
  const bool is_disparity = meaning.kind == depthcloud::DepthKind::disparity;
  if (is_disparity && meaning.baseline == 0) refuse("--depth-kind disparity needs --baseline");
  if (!is_disparity && (meaning.baseline != 0 || meaning.disparity_offset != 0)) {
    refuse("--baseline and --disparity-offset are of --depth-kind disparity");
  }
}

CloudCommand settle(CloudCommand command, const std::string& format) {
  check_meaning(command.known_depth.meaning);
  if (command.depth && (command.inputs.size() > 1 || fs::is_directory(command.inputs.front()))) {
    refuse("--depth is the depth of one photo");
  }
  check_device(command.network.estimator.device);
  depthcloud::validate(command.cloud);
  command.scene ? settle_scene(command, format) : settle_output(command, format);
  if (command.format != CloudFormat::msgpack &&
      command.wire.encoding != depthcloud::Encoding::f32) {
    refuse("--encoding {} is only for a .msgpack, not for a .{}", to_string(command.wire.encoding),
           to_string(command.format));
  }
  if (command.scene && command.wire.encoding == depthcloud::Encoding::depth) {
    refuse("--encoding depth sends the grid of one camera: it cannot be used with --multi-view");
  }
  return command;
}

DepthFormat depth_format(const fs::path& output, bool png16) {
  const std::string suffix = extension(output);
  if (suffix == ".png") return png16 ? DepthFormat::millimetre_png : DepthFormat::color_png;
  if (png16) refuse("--png16 needs a .png as its -o, not '{}'", output.string());
  if (suffix == ".npy") return DepthFormat::npy;
  if (suffix == ".pfm") return DepthFormat::pfm;
  refuse("-o '{}' is not .npy, .pfm or .png", output.string());
}

DepthCommand settle(DepthCommand command, bool png16) {
  check_device(command.network.estimator.device);
  command.format = depth_format(command.output, png16);
  if (command.confidence_output && extension(*command.confidence_output) != ".npy") {
    refuse("--confidence-out '{}' is not .npy", command.confidence_output->string());
  }
  std::vector<fs::path> files = {command.photo};
  for (const std::optional<fs::path>& output :
       {std::optional(command.output), command.confidence_output, command.json_output}) {
    if (!output) continue;
    if (fs::is_directory(*output)) refuse("'{}' is a folder", output->string());
    for (const fs::path& other : files) {
      if (same_file(*output, other)) refuse("'{}' would be overwritten", other.string());
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
    return settle(std::move(command), grammar.cloud_format);
  }
  if (*grammar.depth_app) {
    DepthCommand command = grammar.depth;
    command.network.given = given_flags(*grammar.depth_app);
    return settle(std::move(command), grammar.png16);
  }
  check_device(grammar.info.estimator.device);
  return grammar.info;
}

/// What to say of names that begin like a flag.
std::string dash_hint(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") break;
    const bool is_short =
        word.size() > 2 && word[0] == '-' && std::isalpha(static_cast<unsigned char>(word[1]));
    if ((is_short && word[1] != 'o') || (word.size() > 1 && word[0] == '-' && fs::exists(word))) {
      return fmt::format("; a file whose name begins with '-' stands behind '--', or as './{}'",
                         word);
    }
  }
  return "";
}

}  // namespace

std::optional<Command> parse(int argc, char** argv) {
  Grammar grammar;
  try {
    grammar.app.parse(argc, argv);
    return settle(grammar);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      throw UsageError(
          fmt::format("{} (see 'depthcloud --help'){}", error.what(), dash_hint(argc, argv)));
    }
    grammar.app.exit(error);
    return std::nullopt;
  } catch (const depthcloud::Error& error) {
    throw UsageError(error.what());
  }
}

}  // namespace cli
