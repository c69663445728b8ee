// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/model_fetch.hpp>

#include "commands.hpp"
#include "progress.hpp"
#include "stop_signal.hpp"

namespace cli {
namespace {

namespace fs = std::filesystem;

constexpr double megabyte = 1e6;

std::string size_text(std::uint64_t bytes) {
  if (bytes == 0) return "size not known";
  if (bytes < 10'000) return fmt::format("{} bytes", bytes);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / megabyte);
}

/// Where a model would be; empty where there is no cache.
fs::path cached_folder(const depthcloud::PublishedModel& model) try {
  return depthcloud::model_cache() / model.name;
} catch (const depthcloud::Error&) {
  return {};
}

void print_list() {
  fmt::print("{:<41} {:<13} {:>14}  {}\n", "name", "licence", "size", "gives");
  for (const depthcloud::PublishedModel& model : depthcloud::published_models()) {
    const bool fetched = depthcloud::is_fetched(model, cached_folder(model));
    fmt::print("{:<41} {:<13} {:>14}  {}{}\n", model.name, model.license, size_text(model.bytes()),
               model.gives, fetched ? " (fetched)" : "");
  }
}

/// A bar for each file in turn.
class FetchBar {
 public:
  explicit FetchBar(bool quiet) : quiet_(quiet) {}

  void show(const depthcloud::FetchProgress& progress) {
    if (megabytes(progress.total) == 0) return;
    if (progress.file != file_ || progress.total != total_) {
      bar_.reset();
      file_ = progress.file;
      total_ = progress.total;
      bar_.emplace(megabytes(total_), quiet_, true, " MB");
      bar_->reach(megabytes(progress.resumed));
    }
    bar_->reach(megabytes(progress.done));
  }
  void end() { bar_.reset(); }

 private:
  static std::size_t megabytes(std::uint64_t bytes) {
    return static_cast<std::size_t>(bytes / static_cast<std::uint64_t>(megabyte));
  }

  bool quiet_;
  std::string file_;
  std::uint64_t total_ = 0;
  std::optional<Progress> bar_;
};

void fetch(const depthcloud::PublishedModel& model, const FetchCommand& command) {
  const auto tell = [&](const std::string& line) {
    if (!command.quiet) fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  tell(fmt::format("{}: {}, {}, from {}", model.name, model.license, size_text(model.bytes()),
                   model.repository));
  FetchBar bar(command.quiet);
  depthcloud::FetchOptions options = command.options;
  options.progress = [&](const depthcloud::FetchProgress& progress) {
    bar.show(progress);
    return !stop_requested();
  };
  const depthcloud::FetchedModel fetched = depthcloud::fetch_model(model, options);
  bar.end();
  for (const depthcloud::FetchedFile& file : fetched.files) {
    tell(fmt::format("  {}: {}, {}checked by {}", file.path.filename().string(),
                     size_text(file.bytes), file.was_there ? "was there, " : "",
                     to_string(file.proof)));
  }
  const bool in_cache = command.options.folder.empty();
  tell(fmt::format("in {}; use it with --model {}", fetched.folder.string(),
                   in_cache ? model.name : fetched.folder.string()));
}

}  // namespace

int run(const FetchCommand& command) {
  if (command.models.empty()) {
    print_list();
    return 0;
  }
  catch_stop_signals();
  for (const depthcloud::PublishedModel* const model : command.models) fetch(*model, command);
  return 0;
}

}  // namespace cli
