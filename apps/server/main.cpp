// SPDX-License-Identifier: Apache-2.0
// depthcloud-server: camera frames in, coloured point clouds back. See docs/server.md.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <depthcloud/log.hpp>

#include "../usage_error.hpp"
#include "in_quotes.hpp"
#include "options.hpp"
#include "server.hpp"

namespace {

void set_up_log(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("server"));
  spdlog::set_pattern("ts=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::flush_on(spdlog::level::debug);
  depthcloud::set_log_callback([](depthcloud::LogLevel remark_level, std::string_view remark) {
    // What is below a warning may be about a stranger's photos: up to one line a frame.
    const auto to =
        remark_level == depthcloud::LogLevel::warning ? spdlog::level::warn : spdlog::level::debug;
    try {
      spdlog::log(to, "event=library message={}", server::in_quotes(remark));
    } catch (const std::bad_alloc&) {  // the remark may be that there is no memory
    }
  });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = server::parse(argc, argv);
    if (!options) return 0;
    std::signal(SIGPIPE, SIG_IGN);  // the reader of the log may close it
    set_up_log(options->log_level);
    server::Server server(*options);
    // The token itself is never printed.
    for (const std::string& url : server.urls()) {
      fmt::print("{}{}\n", url, options->access.token.empty() ? "" : "#token=...");
    }
    if (!server.fingerprint().empty()) {
      fmt::print("certificate SHA-256 {}\n", server.fingerprint());
    }
    std::fflush(stdout);
    server.run();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthcloud-server: {}\n", error.what());
    return is_usage_error<server::UsageError>(error) ? 2 : 1;
  }
}
