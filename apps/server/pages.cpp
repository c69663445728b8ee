// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "built_in_pages.hpp"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> types = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
}};

/// Empty for a file that is no part of a page.
std::string_view type_of(std::string_view path) {
  const auto dot = path.rfind('.');
  if (dot == std::string_view::npos) return {};
  for (const auto& [extension, type] : types) {
    if (path.substr(dot) == extension) return type;
  }
  return {};
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) throw std::runtime_error("cannot read '" + path.string() + "'");
  return bytes;
}

}  // namespace

Pages Pages::of_folder(const fs::path& folder) {
  Pages pages;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::string path = "/";
    path += entry.path().lexically_relative(folder).generic_string();
    if (type_of(path).empty()) continue;
    const auto [file, added] = pages.owned_.emplace(path, read(entry.path()));
    pages.add(path, file->second);
  }
  return pages;
}

Pages Pages::built_in() {
  Pages pages;
  for (const BuiltInPage& page : built_in_pages()) pages.add(std::string(page.path), page.bytes);
  return pages;
}

void Pages::add(std::string path, std::string_view bytes) {
  if (const std::string_view type = type_of(path); !type.empty()) {
    pages_.emplace(std::move(path), Page{bytes, type});
  }
}

const Page* Pages::find(std::string_view path) const {
  if (path == "/") path = "/index.html";
  if (path == "/rig" || path == "/viewer-multicam.html") path = "/rig.html";
  const auto found = pages_.find(path);
  return found == pages_.end() ? nullptr : &found->second;
}

}  // namespace server
