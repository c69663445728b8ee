// SPDX-License-Identifier: Apache-2.0
// depthcloud: photos to depth maps and coloured point clouds. See docs/cli.md.
#include <exception>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "commands.hpp"
#include "message.hpp"

namespace {

/// An option that the library refused while it loaded the model is a usage error too.
bool is_usage_error(const std::exception& error) {
  if (dynamic_cast<const cli::UsageError*>(&error)) return true;
  const auto* ours = dynamic_cast<const depthcloud::Error*>(&error);
  return ours && ours->code() == depthcloud::ErrorCode::invalid_argument &&
         ours->stage() == depthcloud::Stage::load;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto command = cli::parse(argc, argv);
    return command ? std::visit([](const auto& c) { return cli::run(c); }, *command) : 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "depthcloud: {}\n", cli::message(error));
    return is_usage_error(error) ? 2 : 1;
  }
}
