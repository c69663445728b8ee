// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/system_info.hpp>

#include "commands.hpp"
#include "file_error.hpp"
#include "file_report.hpp"
#include "inert_flags.hpp"
#include "system_report.hpp"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string confidence_text(const Json& range) {
  if (range.is_null()) return "in units of the model's own";
  const auto low = range[0].get<double>();
  if (range[1].is_null()) return fmt::format("from {} up", low);
  const auto high = range[1].get<double>();
  return low == high ? "none" : fmt::format("from {} to {}", low, high);
}

void print_model(const Json& model) {
  const std::string license = text_of(model["license"]);
  const bool by_tokens = model["tokens"].get<int>() > 0;
  fmt::print("model       {} ({}), {} parameters, {} {}, {} on {}, {} depth\n",
             text_of(model["name"]), text_of(model["backend"]), text_of(model["parameters"]),
             by_tokens ? "tokens" : "grid", text_of(model[by_tokens ? "tokens" : "process_res"]),
             text_of(model["precision"]), text_of(model["device"]),
             model["metric"].get<bool>() ? "metric" : "relative");
  const std::string architecture = text_of(model["architecture"]);
  if (!architecture.empty()) fmt::print("network     {}\n", architecture);
  const std::string input = text_of(model["input"]);
  if (!input.empty()) fmt::print("input       {}\n", input);
  const double megabytes = model["memory_bytes"].get<double>() / 1e6;
  if (megabytes > 0) fmt::print("memory      {:.1f} MB of weights\n", megabytes);
  fmt::print("views       {}\n", model["multi_view"].get<bool>()
                                     ? "one, or several of one scene (cloud --multi-view)"
                                     : "one");
  fmt::print("confidence  {}\n", confidence_text(model["confidence"]));
  fmt::print("normals     {}\n",
             model["normals"].get<bool>() ? "where asked for (--normals, --normals-out)" : "none");
  fmt::print("edges       --edge-threshold {} suits this network\n",
             text_of(model["edge_threshold"]));
  if (!license.empty()) fmt::print("license     {}\n", license);
}

void print_device(const Json& device) {
  fmt::print("device      {}: {}\n", text_of(device["name"]), text_of(device["description"]));
  std::string working;
  for (const auto& [precision, obstacle] : device["precisions"].items()) {
    if (obstacle.is_null()) working += (working.empty() ? "" : ", ") + precision;
  }
  fmt::print("precisions  {}\n", working);
  for (const auto& [precision, obstacle] : device["precisions"].items()) {
    if (!obstacle.is_null()) fmt::print("            not {}: {}\n", precision, text_of(obstacle));
  }
}

void print_text(const Json& report) {
  fmt::print("depthcloud  {}\n", text_of(report["depthcloud"]));
  fmt::print("video       {}\n", report["video"].is_null()
                                     ? "not there: " + depthcloud::video_obstacle()
                                     : text_of(report["video"]));
  if (report["libtorch"].is_null()) {
    fmt::print("LibTorch    not loaded: {}\n", text_of(report["no_networks"]));
    return;
  }
  fmt::print("LibTorch    {}\n", text_of(report["libtorch"]));
  fmt::print("processor   {}\n", text_of(report["processor"]));
  for (const Json& device : report["devices"]) print_device(device);
  fmt::print("threads     {}\n", text_of(report["threads"]));
  fmt::print("SIMD        {}\n", text_of(report["simd"]));
  const std::string blas = text_of(report["blas"]);
  fmt::print("BLAS        {}, {:.3g} GFLOP/s\n", blas.empty() ? "not known" : blas,
             report["blas_gflops"].get<double>());
  fmt::print("oneDNN      {:.3g} GFLOP/s\n", report["onednn_gflops"].get<double>());
  if (report["blas_is_slow"].get<bool>()) {
    fmt::print("            this BLAS is slow, or the machine is busy; {}\n",
               blas.find("openblas-openmp") == std::string::npos
                   ? "for a fast BLAS, 'apt-get install libopenblas0-openmp'"
                   : "it should be fast: try again when nothing else runs");
  }
  print_model(report["model"]);
}

/// Text of a file, which a terminal must not take for commands.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return text;
}

/// Numbers as short as float32 needs them, lists and objects in one line.
std::string line_of(const Json& value) {
  if (value.is_number_float()) return fmt::format("{:g}", value.get<double>());
  if (!value.is_structured()) return printable(text_of(value));
  std::string line;
  for (const auto& [key, item] : value.items()) {
    line += line.empty() ? "" : ", ";
    line += value.is_object() ? fmt::format("{} {}", key, line_of(item)) : line_of(item);
  }
  return line;
}

void print_file(const Json& report, const std::string& indent = "") {
  for (const auto& [key, value] : report.items()) {
    if (key == "first") {
      fmt::print("first message\n");
      print_file(value, "  ");
    } else if (!value.is_null()) {
      fmt::print("{}{:<17} {}\n", indent, key, line_of(value));
    }
  }
}

}  // namespace

int run(const InfoCommand& command) {
  for (const std::string& line : inert_flags(command)) {
    fmt::print(stderr, "depthcloud: note: {}\n", line);
  }
  const Json report = command.file
                          ? with_file(*command.file, [&] { return file_report(*command.file); })
                          : system_report(command);
  if (command.json) {
    fmt::print("{}\n", report.dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (command.file) {
    print_file(report);
  } else {
    print_text(report);
  }
  return 0;
}

}  // namespace cli
