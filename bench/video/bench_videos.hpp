// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

/// A video of bench/videos.sh, in the folder that DEPTHCLOUD_BENCH_VIDEOS names; where it is
/// missing, the case is left out, visibly, and the path is empty.
inline std::filesystem::path bench_video(benchmark::State& state, const std::string& name) {
  const char* const folder = std::getenv("DEPTHCLOUD_BENCH_VIDEOS");
  const auto file = std::filesystem::absolute(folder == nullptr ? "" : folder) / name;
  if (std::filesystem::is_regular_file(file)) return file;
  state.SkipWithError((name + " is missing in DEPTHCLOUD_BENCH_VIDEOS").c_str());
  return {};
}
