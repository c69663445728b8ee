// SPDX-License-Identifier: Apache-2.0
#include "inert_flags.hpp"

#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

namespace cli {
namespace {

using Lines = std::vector<std::string>;

/// Adds a line for each of the flags that was given.
void add(Lines& lines, const GivenFlags& given, std::initializer_list<const char*> flags,
         std::string_view reason) {
  for (const char* flag : flags) {
    if (given.has(flag)) lines.push_back(fmt::format("{} has no effect: {}", flag, reason));
  }
}

void add_axes(Lines& lines, const GivenFlags& given, CloudFormat format, depthcloud::Axes axes) {
  if (format == CloudFormat::msgpack && axes != depthcloud::Axes::v1) {
    add(lines, given, {"--axes"}, "the axes of a .msgpack are always v1");
  }
}

void add_wire(Lines& lines, const CloudCommand& command) {
  const GivenFlags& given = command.network.given;
  if (command.format != CloudFormat::msgpack ||
      command.wire.encoding != depthcloud::Encoding::depth) {
    add(lines, given, {"--relative-error", "--colors", "--jpeg-quality"},
        "it is of a .msgpack with --encoding depth");
  } else if (command.wire.colors == depthcloud::GridColors::client) {
    add(lines, given, {"--jpeg-quality"}, "--colors client sends no JPEG");
    add(lines, given, {"--color"}, "--colors client sends no colours");
    if (!command.has_photo()) {
      lines.emplace_back(
          "--colors client leaves the points without colours: there is no photo that a client "
          "could keep");
    }
  }
  add_axes(lines, given, command.format, command.cloud.axes);
  if (command.format == CloudFormat::msgpack) {
    add(lines, given, {"--normals"}, "a .msgpack has no normals");
  }
}

void add_photo(Lines& lines, const CloudCommand& command) {
  const GivenFlags& given = command.network.given;
  if (!command.has_photo()) {
    add(lines, given, {"--salvage", "--keep-transparent", "--stretch", "--depth-orientation"},
        "there is no photo");
  } else if (command.color.value_or(PointColor::photo) != PointColor::photo) {
    add(lines, given, {"--keep-transparent"},
        "only with the colours of a photo are transparent pixels left out");
  }
}

/// Flags of videos without one, and of photos with one.
void add_video(Lines& lines, const GivenFlags& given, bool is_video) {
  if (!is_video) {
    add(lines, given, {"--fps", "--start", "--end", "--max-frames"}, "there is no video");
  } else {
    add(lines, given, {"--salvage", "--fast-decode", "--keep-transparent"},
        "it is of photos, not of a video");
  }
}

}  // namespace

Lines inert_confidence_flags(const GivenFlags& given, const std::string& reason) {
  Lines lines;
  add(lines, given, {"--min-confidence", "--confidence-percentile"}, reason);
  return lines;
}

Lines inert_flags(const CloudCommand& command) {
  const GivenFlags& given = command.network.given;
  Lines lines;
  if (command.knows_depth()) {
    lines = inert_confidence_flags(given, "a depth file has no confidence");
    add(lines, given,
        {"--device", "--precision", "--metric-model", "--metric-interval", "--process-res",
         "--tokens", "--resolution-level", "--resize-method", "--threads", "--fast-decode"},
        fmt::format("no network runs with {}", command.pairs ? "--pairs" : "--depth"));
  }
  add_photo(lines, command);
  add_video(lines, given, command.video.has_value());
  add_wire(lines, command);
  if (command.scene) {
    add(lines, given, {"--metric-interval"}, "the metric network sees every view of a scene");
  }
  if (command.scene && command.scene->cameras) {
    add(lines, given, {"--reference-view", "--fov", "--intrinsics", "--intrinsics-size"},
        "the cameras are known");
  }
  return lines;
}

Lines inert_flags(const DepthCommand& command) {
  Lines lines;
  add_video(lines, command.network.given, command.video.has_value());
  return lines;
}

Lines inert_flags(const InfoCommand& command) {
  Lines lines;
  if (command.file) {
    add(lines, command.given, {"--model", "--metric-model", "--device", "--precision"},
        "a file is described");
  }
  return lines;
}

Lines inert_flags(const ConvertCommand& command) {
  Lines lines;
  add_axes(lines, command.given, command.format, command.axes);
  if (command.format == CloudFormat::msgpack &&
      command.wire.encoding == depthcloud::Encoding::depth) {
    add(lines, command.given, {"--max-points"}, "--encoding depth sends the whole grid");
  }
  return lines;
}

Lines inert_flags(const ReplayCommand& command) {
  Lines lines;
  add_axes(lines, command.given, command.format, command.axes);
  if (command.output != "-") {
    add(lines, command.given, {"--speed", "--raw", "--loop"},
        "files are written once, as fast as can be");
  }
  return lines;
}

Lines inert_flags(const NetworkOptions& network, const depthcloud::ModelInfo& model) {
  Lines lines;
  if (model.backend == "constant") {
    add(lines, network.given,
        {"--threads", "--device", "--precision", "--resize-method", "--tokens",
         "--resolution-level"},
        "constant depth runs no network");
    return lines;
  }
  if (model.backend != "moge") {
    add(lines, network.given, {"--tokens", "--resolution-level"},
        fmt::format("{} is not MoGe", model.name));
  } else {
    add(lines, network.given, {"--fast-decode"},
        "the depth of MoGe has as many pixels as the photo");
  }
  if (model.architecture.find("Depth Anything 3") == std::string::npos) {
    add(lines, network.given, {"--resize-method"},
        fmt::format("{} is not Depth Anything 3", model.name));
  }
  const depthcloud::Precision wanted = network.estimator.precision;
  if (wanted != depthcloud::Precision::automatic && wanted != model.precision) {
    add(lines, network.given, {"--precision"},
        fmt::format("{} computes in {}", model.name, to_string(model.precision)));
  }
  return lines;
}

}  // namespace cli
