// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/published_model.hpp>

#include "file_error.hpp"
#include "input_files.hpp"
#include "paths.hpp"
#include "standard_streams.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;
using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;

/// By its suffix: whether it can be read turns out when it is opened.
bool is_photo(const fs::path& path) {
  constexpr std::string_view suffixes[] = {".jpg", ".jpeg", ".jpe",  ".jfif", ".jif", ".mpo",
                                           ".png", ".webp", ".heic", ".heif", ".hif", ".avif",
                                           ".tif", ".tiff", ".bmp",  ".gif",  ".jxl", ".jp2"};
  return std::ranges::count(suffixes, extension(path)) > 0;
}

bool is_cloud(const fs::path& path) {
  const std::string suffix = extension(path);
  return suffix == ".ply" || suffix == ".pcd" || suffix == ".msgpack";
}

/// What is looked for in folders.
struct Wanted {
  bool (*fits)(const fs::path& path);
  const char* name;  ///< of one
};

/// The first names and how many more there are: "a.txt, b.txt and 7 more".
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

/// Moves what is wanted of a folder, and the names of what else is in it, to the ends of two lists.
void look_into(const fs::path& folder, const Wanted& wanted, std::vector<fs::path>& found,
               std::vector<std::string>& others) {
  auto [files, names] = files_in(folder);
  const auto before = found.size();
  for (const fs::path& file : files) {
    wanted.fits(file) ? found.push_back(file) : names.push_back(file.filename().string());
  }
  std::ranges::sort(names);
  others.insert(others.end(), names.begin(), names.end());
  if (found.size() > before) return;
  throw Error(ErrorCode::not_found, Stage::file,
              names.empty() ? fmt::format("'{}' holds no {}s", folder.string(), wanted.name)
                            : fmt::format("'{}' holds no {}s, only {}", folder.string(),
                                          wanted.name, listed(names)));
}

/// The inputs, with what is wanted of the folders among them.
std::vector<fs::path> files_of(const std::vector<fs::path>& inputs, const Wanted& wanted,
                               std::vector<std::string>& notes) {
  std::vector<fs::path> files;
  std::vector<std::string> others;
  for (const fs::path& input : inputs) {
    if (is_folder(input)) {
      look_into(input, wanted, files, others);
    } else {
      files.push_back(input);
    }
  }
  if (!others.empty()) {
    notes.push_back(
        passed_over(others, fmt::format("no {}", wanted.name), fmt::format("no {}s", wanted.name)));
  }
  return files;
}

/// Of what is neither a file nor a folder.
std::string described(const fs::path& path, fs::file_type type) {
  const char* what = "a device";
  if (type == fs::file_type::not_found) what = "a link to nothing";
  if (type == fs::file_type::fifo) what = "a pipe";
  if (type == fs::file_type::socket) what = "a socket";
  return fmt::format("{} ({})", path.filename().string(), what);
}

[[noreturn]] void fail_folder(const fs::path& folder, const std::error_code& failure) {
  throw Error(ErrorCode::io, Stage::file,
              fmt::format("cannot read the folder '{}': {}", folder.string(), failure.message()));
}

}  // namespace

FolderFiles files_in(const fs::path& folder) {
  FolderFiles found;
  std::error_code failure;
  fs::directory_iterator entry(folder, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    const fs::path& path = entry->path();
    if (path.filename().string().starts_with('.')) continue;
    std::error_code unknown;
    const fs::file_type type = fs::status(path, unknown).type();
    if (type == fs::file_type::directory) continue;
    if (type == fs::file_type::regular || type == fs::file_type::none) {
      found.files.push_back(path);
    } else {
      found.others.push_back(described(path, type));
    }
  }
  if (failure) fail_folder(folder, failure);
  std::ranges::sort(found.files);
  std::ranges::sort(found.others);
  return found;
}

std::vector<fs::path> photos_of(const std::vector<fs::path>& inputs,
                                std::vector<std::string>& notes) {
  return files_of(inputs, {is_photo, "photo"}, notes);
}

std::vector<fs::path> clouds_of(const std::vector<fs::path>& inputs,
                                std::vector<std::string>& notes) {
  return files_of(inputs, {is_cloud, "cloud"}, notes);
}

std::string passed_over(const std::vector<std::string>& names, std::string_view what_one_is,
                        std::string_view what_many_are) {
  return names.size() == 1
             ? fmt::format("passed over 1 file that is {}: {}", what_one_is, names.front())
             : fmt::format("passed over {} files that are {}: {}", names.size(), what_many_are,
                           listed(names));
}

void check_output(const fs::path& output) {
  const fs::path name = output.has_filename() ? output : output.parent_path();  // "clouds/"
  const fs::path folder = name.has_parent_path() ? name.parent_path() : fs::path(".");
  if (!is_folder(folder)) {
    throw Error(ErrorCode::not_found, Stage::file,
                fmt::format("cannot write '{}': there is no folder '{}'", output.string(),
                            folder.string()));
  }
  std::error_code failure;
  if (fs::status(name, failure).type() == fs::file_type::none) {
    throw Error(ErrorCode::io, Stage::file,
                fmt::format("cannot write '{}': {}", output.string(), failure.message()));
  }
}

namespace {

Pairs photos_alone(const std::vector<fs::path>& inputs) {
  Pairs result;
  for (fs::path& photo : photos_of(inputs, result.notes)) {
    result.pairs.push_back({std::move(photo), std::nullopt, ""});
  }
  return result;
}

Pairs pairs_of(const CloudCommand& command) {
  if (command.pairs) return pairs_of_list(*command.pairs);
  if (!command.depth) return photos_alone(command.inputs);
  if (is_folder(*command.depth)) {
    std::vector<std::string> notes;
    Pairs result = pairs_with_folder(photos_of(command.inputs, notes), *command.depth);
    result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
    return result;
  }
  if (are_many(command.inputs)) throw FileError(*command.depth, obstacle(*command.depth));
  Pair pair{std::nullopt, command.depth, ""};
  if (!command.inputs.empty()) pair.photo = command.inputs.front();
  return {{pair}, {}};
}

/// STEM.FORMAT in the output folder for each, or the one output.
std::vector<Job> jobs_of(std::vector<Pair> pairs, const fs::path& output, bool into_folder,
                         const std::string& format) {
  if (!into_folder && pairs.size() > 1) {
    throw UsageError(is_stream(output) ? stream_takes_one : several_need_folder);
  }
  if (!into_folder) return {{std::move(pairs.front()), output}};
  std::vector<Job> jobs;
  std::map<fs::path, fs::path> source_of;
  for (Pair& pair : pairs) {
    const fs::path file = output / fmt::format("{}.{}", pair.name().stem().string(), format);
    const auto [other, is_new] = source_of.emplace(file, pair.name());
    if (!is_new) {
      throw UsageError(fmt::format("'{}' and '{}' would both become '{}'", other->second.string(),
                                   pair.name().string(), file.string()));
    }
    jobs.push_back({std::move(pair), file});
  }
  return jobs;
}

/// No output may replace one of these, nor what the jobs read.
void check_overwriting(const std::vector<Job>& jobs, InputFiles inputs) {
  for (const Job& job : jobs) {
    if (job.pair.photo) inputs.add(*job.pair.photo);
    if (job.pair.depth) inputs.add(*job.pair.depth);
  }
  for (const Job& job : jobs) inputs.check(job.output);
}

}  // namespace

Plan plan(const CloudCommand& command) {
  check_output(command.output);
  Pairs pairs = pairs_of(command);
  Plan plan{jobs_of(std::move(pairs.pairs), command.output, command.into_folder,
                    to_string(command.format)),
            std::move(pairs.notes)};
  InputFiles inputs;
  inputs.add_model(depthcloud::model_path(command.network.model));
  inputs.add_model(depthcloud::model_path(command.network.estimator.metric_model));
  inputs.add(command.known_metres.file);
  if (command.pairs) inputs.add(*command.pairs);
  check_overwriting(plan.jobs, inputs);
  return plan;
}

Plan plan(const DepthCommand& command) {
  check_output(command.output);
  Pairs photos = photos_alone(command.inputs);
  Plan plan{jobs_of(std::move(photos.pairs), command.output, command.into_folder,
                    to_string(command.format)),
            std::move(photos.notes)};
  InputFiles inputs;
  inputs.add_model(depthcloud::model_path(command.network.model));
  inputs.add_model(depthcloud::model_path(command.network.estimator.metric_model));
  inputs.add(command.known_metres.file);
  check_overwriting(plan.jobs, inputs);
  for (const auto& output :
       {command.confidence_output, command.normals_output, command.json_output}) {
    if (!output) continue;
    check_output(*output);
    for (const Job& job : plan.jobs) inputs.add(*job.pair.photo);
    inputs.check(*output);
  }
  return plan;
}

Plan plan(const ConvertCommand& command) {
  check_output(command.output);
  Plan plan;
  std::vector<Pair> pairs;
  for (fs::path& cloud : clouds_of(command.inputs, plan.notes)) {
    pairs.push_back({std::move(cloud), std::nullopt, ""});
  }
  plan.jobs =
      jobs_of(std::move(pairs), command.output, command.into_folder, to_string(command.format));
  check_overwriting(plan.jobs, {});
  return plan;
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directory(folder, failure);
  if (failure) {
    const bool leads_to_nothing = failure == std::errc::file_exists && !is_there(folder);
    throw Error(ErrorCode::io, Stage::file,
                fmt::format("cannot make the folder '{}': {}", folder.string(),
                            leads_to_nothing ? "it is a link to nothing" : failure.message()));
  }
}

}  // namespace cli
