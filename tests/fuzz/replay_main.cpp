// SPDX-License-Identifier: Apache-2.0
// Replays a corpus through a fuzz target: every file of the folders named on the command line, each
// also cut short, so that the targets cannot rot where libFuzzer is not at hand.
#include <cstdint>
#include <cstdio>
#include <filesystem>

#include <depthcloud/files.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = depthcloud::read_file(entry.path());
      for (const std::size_t size : {bytes.size(), bytes.size() / 2, bytes.size() / 7}) {
        // A copy of exactly this size, so that a sanitizer sees a read beyond it.
        const std::vector<std::uint8_t> input(bytes.begin(),
                                              bytes.begin() + static_cast<std::ptrdiff_t>(size));
        LLVMFuzzerTestOneInput(input.data(), input.size());
      }
      ++files;
    }
  }
  std::printf("replayed %d files\n", files);
  return files > 0 ? 0 : 1;
}
