// SPDX-License-Identifier: Apache-2.0
// depthcloud: photos to depth maps and coloured point clouds. See docs/cli.md.
#include <exception>

#include <fmt/format.h>

#include "../usage_error.hpp"
#include "commands.hpp"
#include "message.hpp"

int main(int argc, char** argv) {
  try {
    const auto command = cli::parse(argc, argv);
    return command ? std::visit([](const auto& c) { return cli::run(c); }, *command) : 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthcloud: {}\n", cli::message(error));
    return is_usage_error<cli::UsageError>(error) ? 2 : 1;
  }
}
