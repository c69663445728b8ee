// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace server {

struct Page {
  std::string_view bytes;
  std::string_view type;  ///< of its content
};

/// The viewer's files by the path in a URL. Read once, so that no request touches a file system.
/// Thread-safety: share freely.
class Pages {
 public:
  /// What `/` says where there is no viewer.
  static constexpr std::string_view how_to_get_them =
      "depthcloud-server is running; its pages are not built in.\n"
      "Install npm, then build again: cmake --build build --target depthcloud_server\n"
      "or name a folder that holds them: depthcloud-server --viewer-dir DIR\n"
      "Clients of other kinds connect to /ws.\n";

  /// The files of a folder, of a kind that a page can have. Throws std::runtime_error where one
  /// cannot be read.
  static Pages of_folder(const std::filesystem::path& folder);
  /// Those that are linked in; none in a build without npm.
  static Pages built_in();

  /// nullptr: no such page. `/` is index.html; `/rig` and `/viewer-multicam.html`, its
  /// address in other servers of wire version 1, are rig.html.
  const Page* find(std::string_view path) const;
  bool empty() const { return pages_.empty(); }

 private:
  void add(std::string path, std::string_view bytes);

  std::map<std::string, std::string> owned_;  // where they are not linked in
  std::map<std::string, Page, std::less<>> pages_;
};

}  // namespace server
