// SPDX-License-Identifier: Apache-2.0
// Lets torch_checkpoints.py read weights: weights_tool FILE prints a line for each tensor, its
// name, type, shape and bytes in hexadecimal; what is wrong with the file goes to stderr, with exit
// code 1.
#include <cstdio>

#include <depthcloud/error.hpp>

#include "io/weights_file.hpp"

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const auto file = depthcloud::WeightsFile::open(argv[1]);
  for (const auto name : file.names()) {
    const auto tensor = file.find(name);
    std::printf("%.*s %s [", static_cast<int>(name.size()), name.data(),
                depthcloud::to_string(tensor->type));
    for (const auto side : tensor->shape) std::printf("%lld,", static_cast<long long>(side));
    std::printf("] ");
    for (const auto byte : tensor->bytes) std::printf("%02x", byte);
    std::printf("\n");
  }
  return 0;
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.code()), error.what());
  return 1;
}
