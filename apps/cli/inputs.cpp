// SPDX-License-Identifier: Apache-2.0
#include "inputs.hpp"

#include <algorithm>
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

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// By its suffix: whether it can be read turns out when it is opened.
bool is_photo(const fs::path& path) {
  constexpr std::string_view suffixes[] = {".jpg", ".jpeg", ".jpe",  ".jfif", ".jif", ".mpo",
                                           ".png", ".webp", ".heic", ".heif", ".hif", ".avif",
                                           ".tif", ".tiff", ".bmp",  ".gif",  ".jxl", ".jp2"};
  return std::ranges::count(suffixes, extension(path)) > 0;
}

/// Moves the photos of a folder and its other files, by name, to the ends of two lists.
void look_into(const fs::path& folder, std::vector<fs::path>& photos,
               std::vector<fs::path>& others) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (!is_hidden(entry.path()) && entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  const auto before = photos.size();
  for (const fs::path& file : files) (is_photo(file) ? photos : others).push_back(file);
  if (photos.size() > before) return;
  throw Error(ErrorCode::not_found, Stage::file,
              files.empty()
                  ? fmt::format("'{}' holds no photos", folder.string())
                  : fmt::format("'{}' holds no photos, only {}", folder.string(), listed(files)));
}

}  // namespace

std::string listed(const std::vector<fs::path>& files) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), most); ++i) {
    text += (i == 0 ? "" : ", ") + files[i].filename().string();
  }
  return files.size() > most ? fmt::format("{} and {} more", text, files.size() - most) : text;
}

Inputs photos_of(const std::vector<fs::path>& inputs) {
  Inputs found;
  for (const fs::path& input : inputs) {
    if (fs::is_directory(input)) {
      look_into(input, found.photos, found.passed_over);
    } else {
      found.photos.push_back(input);
    }
  }
  return found;
}

void tell_passed_over(const Inputs& inputs) {
  const std::size_t count = inputs.passed_over.size();
  if (count == 0) return;
  fmt::print(
      stderr, "depthcloud: note: passed over {}: {}\n",
      count == 1 ? "1 file that is no photo" : fmt::format("{} files that are no photos", count),
      listed(inputs.passed_over));
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
  const Inputs inputs = photos_of(command.inputs);
  for (const fs::path& photo : inputs.photos) {
    const fs::path output =
        command.output / fmt::format("{}.{}", photo.stem().string(), to_string(command.format));
    const auto [other, is_new] = photo_of.emplace(output, photo);
    if (!is_new) {
      throw UsageError(fmt::format("'{}' and '{}' would both become '{}'", other->second.string(),
                                   photo.string(), output.string()));
    }
    jobs.push_back({photo, output});
  }
  if (!command.quiet) tell_passed_over(inputs);
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
