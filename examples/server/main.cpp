// SPDX-License-Identifier: Apache-2.0
// depthcloud-server: camera frames in, coloured point clouds back. See docs/server.md.
#include <exception>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <depthcloud/error.hpp>
#include <depthcloud/log.hpp>

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
    const auto to = remark_level == depthcloud::LogLevel::warning ? spdlog::level::warn
                    : remark_level == depthcloud::LogLevel::info  ? spdlog::level::info
                                                                  : spdlog::level::debug;
    spdlog::log(to, "event=library message={}", server::in_quotes(remark));
  });
}

/// An option that the library refused while it loaded the model is a usage error too.
bool is_usage_error(const std::exception& error) {
  if (dynamic_cast<const server::UsageError*>(&error)) return true;
  const auto* ours = dynamic_cast<const depthcloud::Error*>(&error);
  return ours && ours->code() == depthcloud::ErrorCode::invalid_argument &&
         ours->stage() == depthcloud::Stage::load;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto options = server::parse(argc, argv);
    if (!options) return 0;
    set_up_log(options->log_level);
    server::Server server(*options);
    // The token itself is never printed.
    fmt::print("{}{}\n", server.url(), options->access.token.empty() ? "" : "#token=...");
    if (!server.fingerprint().empty()) {
      fmt::print("certificate SHA-256 {}\n", server.fingerprint());
    }
    std::fflush(stdout);
    server.run();
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthcloud-server: {}\n", error.what());
    return is_usage_error(error) ? 2 : 1;
  }
}
