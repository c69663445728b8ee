// SPDX-License-Identifier: Apache-2.0
// depthcloud: photos to depth maps and coloured point clouds. See docs/cli.md.
#include <exception>

#include <fmt/format.h>

#include "../usage_error.hpp"
#include "commands.hpp"
#include "message.hpp"
#include "remarks.hpp"

namespace {

bool is_quiet(const cli::Command& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.quiet; }) return one.quiet;
        return false;
      },
      command);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto command = cli::parse(argc, argv);
    if (command && is_quiet(*command)) cli::silence_remarks();
    return command ? std::visit([](const auto& c) { return cli::run(c); }, *command) : 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthcloud: {}\n", cli::message(error));
    return is_usage_error<cli::UsageError>(error) ? 2 : 1;
  }
}
