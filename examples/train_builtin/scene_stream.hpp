// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "render.hpp"

namespace train_builtin {

/// Scene `index` of a run. Training and held-out scenes use different seeds.
Picture render_scene(std::uint64_t seed, std::int64_t index);

/// A window over the endless sequence of scenes, rendered ahead by background threads. What it
/// holds depends on the seed and the position alone, so that a resumed run sees the same scenes.
class SceneStream {
 public:
  using Window = std::vector<std::shared_ptr<const Picture>>;

  SceneStream(std::uint64_t seed, std::int64_t window, int threads);

  /// The scenes from `first` to `first + window`; waits for them. `first` never decreases.
  Window at(std::int64_t first);

 private:
  void work(const std::stop_token& stop);

  std::uint64_t seed_;
  std::int64_t window_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::int64_t, std::shared_ptr<const Picture>> ready_;
  std::int64_t first_ = 0;
  std::int64_t next_ = 0;
  std::vector<std::jthread> workers_;  // last: they stop before the rest goes
};

}  // namespace train_builtin
