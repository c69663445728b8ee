// SPDX-License-Identifier: Apache-2.0
#include "source_options.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "options.hpp"

namespace server {
namespace {

constexpr std::string_view name_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
constexpr std::size_t longest_name = 64;
constexpr std::string_view of_clients = "camera-";  // how registered clients are called

void check(const SourceOptions& source, const std::vector<SourceOptions>& others) {
  if (source.name.empty() || source.name.find_first_not_of(name_letters) != std::string::npos) {
    throw UsageError(fmt::format("--source '{}=...': a name consists of letters, digits and - . _",
                                 source.name));
  }
  if (source.name.size() > longest_name) {
    throw UsageError(
        fmt::format("--source {}: a name has at most {} letters", source.name, longest_name));
  }
  if (source.name.starts_with(of_clients)) {
    throw UsageError(fmt::format("--source {}: names that begin with {} are those of clients",
                                 source.name, of_clients));
  }
  if (source.uri.empty()) throw UsageError(fmt::format("--source {}: no URI", source.name));
  const bool is_taken = std::ranges::any_of(
      others, [&](const SourceOptions& other) { return other.name == source.name; });
  if (is_taken) throw UsageError(fmt::format("--source {}: given twice", source.name));
}

}  // namespace

std::vector<SourceOptions> parse_sources(const std::vector<std::string>& texts) {
  std::vector<SourceOptions> sources;
  for (const std::string& text : texts) {
    SourceOptions source{.name = fmt::format("source-{}", sources.size() + 1), .uri = text};
    const std::size_t end = text.find_first_of("=:/");  // a URI may hold a = later
    if (end != std::string::npos && text[end] == '=') {
      source.name = text.substr(0, end);
      source.uri = text.substr(end + 1);
    }
    check(source, sources);
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace server
