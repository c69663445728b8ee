// SPDX-License-Identifier: Apache-2.0
#include "pairs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "cloud_format.hpp"
#include "file_error.hpp"
#include "inputs.hpp"
#include "standard_streams.hpp"
#include "utf8_text.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;

bool is_depth_file(const fs::path& path) {
  constexpr std::array<std::string_view, 8> extensions = {".npy", ".npz",  ".pfm", ".png",
                                                          ".pgm", ".tiff", ".tif", ".exr"};
  return std::ranges::count(extensions, extension(path)) > 0;
}

/// Those of a folder; a note names what is passed over: of files only with `of_files`.
std::vector<fs::path> depth_files_in(const fs::path& folder, bool of_files,
                                     std::vector<std::string>& notes) {
  auto [files, others] = files_in(folder);
  std::erase_if(files, [of_files, &others = others](const fs::path& file) {
    if (is_depth_file(file)) return false;
    if (of_files) others.push_back(file.filename().string());
    return true;
  });
  if (files.empty()) throw FileError(folder, "the folder holds no depth file");
  std::ranges::sort(others);
  if (!others.empty()) {
    notes.push_back(folder.string() + ": " + passed_over(others, "no depth", "no depth"));
  }
  return files;
}

/// The words of a line: between tabs where it has any, else between spaces.
std::vector<std::string> words_of(std::string_view line) {
  const std::string_view space = line.find('\t') != std::string_view::npos ? "\t\r" : " \r";
  std::vector<std::string> words;
  for (std::size_t at = line.find_first_not_of(space); at != std::string_view::npos;
       at = line.find_first_not_of(space, at)) {
    const std::size_t end = std::min(line.find_first_of(space, at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

Pairs pairs_with_folder(const std::vector<fs::path>& photos, const fs::path& folder) {
  Pairs result;
  // A photo may lie beside its depth.
  const std::vector<fs::path> files = depth_files_in(folder, photos.empty(), result.notes);
  if (photos.empty()) {
    for (const fs::path& file : files) result.pairs.push_back({std::nullopt, file, ""});
    return result;
  }
  std::multimap<fs::path, fs::path> by_stem;
  for (const fs::path& file : files) by_stem.emplace(file.stem(), file);
  std::set<fs::path> used;
  for (const fs::path& photo : photos) {
    Pair pair{photo, std::nullopt, ""};
    const auto [first, last] = by_stem.equal_range(photo.stem());
    const auto count = std::distance(first, last);
    if (count == 1) {
      pair.depth = first->second;
    } else {
      pair.problem = count == 0
                         ? fmt::format("'{}' holds no depth file of that name", folder.string())
                         : fmt::format("which depth is it, '{}' or '{}'?", first->second.string(),
                                       std::next(first)->second.string());
    }
    used.insert(photo.stem());
    result.pairs.push_back(std::move(pair));
  }
  const auto is_left = [&](const fs::path& file) { return !used.contains(file.stem()); };
  if (const auto left = std::ranges::count_if(files, is_left); left > 0) {
    result.notes.push_back(fmt::format(
        "{}: {} of {} depth files have no photo of their name, '{}' for one", folder.string(), left,
        files.size(), std::ranges::find_if(files, is_left)->filename().string()));
  }
  return result;
}

Pairs pairs_of_list(const fs::path& list) {
  return with_file(list, [&] {
    const std::vector<std::uint8_t> bytes = read_input(list);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const fs::path folder = list.parent_path();
    Pairs result;
    for_each_line(utf8_of(text), [&](int number, std::string_view line) {
      const std::vector<std::string> words = words_of(line);
      if (words.empty() || words.front().starts_with('#')) return;
      if (words.size() != 2 && words.size() != 4) {
        throw std::runtime_error(fmt::format(
            "line {} has {} words: a photo and its depth are two, with a time before each four",
            number, words.size()));
      }
      const std::size_t step = words.size() / 2;
      result.pairs.push_back({folder / words[step - 1], folder / words[2 * step - 1], ""});
    });
    if (result.pairs.empty()) throw std::runtime_error("it lists no pair");
    return result;
  });
}

}  // namespace cli
