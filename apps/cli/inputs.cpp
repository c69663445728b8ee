// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "input_files.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;
using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;

bool is_photo(const fs::directory_entry& entry) {
  constexpr std::array<std::string_view, 3> extensions = {".jpg", ".jpeg", ".png"};
  const bool hidden = entry.path().filename().string().starts_with('.');
  return !hidden && entry.is_regular_file() &&
         std::ranges::count(extensions, extension(entry.path())) > 0;
}

std::vector<fs::path> photos_in(const fs::path& folder) {
  std::vector<fs::path> photos;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_photo(entry)) photos.push_back(entry.path());
  }
  if (photos.empty()) {
    throw Error(ErrorCode::not_found, Stage::file,
                fmt::format("'{}' holds no .jpg, .jpeg or .png", folder.string()));
  }
  std::ranges::sort(photos);
  return photos;
}

}  // namespace

std::vector<fs::path> photos_of(const std::vector<fs::path>& inputs) {
  std::vector<fs::path> photos;
  for (const fs::path& input : inputs) {
    if (!fs::is_directory(input)) {
      photos.push_back(input);
      continue;
    }
    for (fs::path& photo : photos_in(input)) photos.push_back(std::move(photo));
  }
  return photos;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code not_there;
  if (fs::equivalent(a, b, not_there)) return true;
  return fs::weakly_canonical(a) == fs::weakly_canonical(b);
}

void check_folder_of(const fs::path& output) {
  const fs::path name = output.has_filename() ? output : output.parent_path();  // "clouds/"
  const fs::path folder = name.has_parent_path() ? name.parent_path() : fs::path(".");
  if (!fs::is_directory(folder)) {
    throw Error(ErrorCode::not_found, Stage::file,
                fmt::format("cannot write '{}': there is no folder '{}'", output.string(),
                            folder.string()));
  }
}

namespace {

void check_inputs(const CloudCommand& command, const std::vector<Job>& jobs) {
  InputFiles inputs;
  for (const Job& job : jobs) inputs.add(job.photo);
  if (command.depth) inputs.add(*command.depth);
  inputs.add(command.network.model);
  for (const Job& job : jobs) inputs.check(job.output);
}

std::vector<Job> jobs_of(const CloudCommand& command) {
  if (!command.into_folder) return {{command.inputs.front(), command.output}};
  std::vector<Job> jobs;
  std::map<fs::path, fs::path> photo_of;
  for (const fs::path& photo : photos_of(command.inputs)) {
    const fs::path output =
        command.output / fmt::format("{}.{}", photo.stem().string(), to_string(command.format));
    const auto [other, is_new] = photo_of.emplace(output, photo);
    if (!is_new) {
      throw UsageError(fmt::format("'{}' and '{}' would both become '{}'", other->second.string(),
                                   photo.string(), output.string()));
    }
    jobs.push_back({photo, output});
  }
  return jobs;
}

}  // namespace

std::vector<Job> plan(const CloudCommand& command) {
  check_folder_of(command.output);
  std::vector<Job> jobs = jobs_of(command);
  check_inputs(command, jobs);
  return jobs;
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directory(folder, failure);
  if (failure) {
    throw Error(ErrorCode::io, Stage::file,
                fmt::format("cannot make the folder '{}': {}", folder.string(), failure.message()));
  }
}

}  // namespace cli
