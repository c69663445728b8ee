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

/// Scene `index` of a stream. Training and held-out scenes use different seeds.
Picture render_scene(std::uint64_t seed, std::int64_t index, Mix mix);

/// The endless sequence of scenes, rendered ahead by background threads. What it holds depends on
/// the seed and the position alone, so that a resumed run sees the same scenes.
class SceneStream {
 public:
  using Window = std::vector<std::shared_ptr<const Picture>>;

  SceneStream(std::uint64_t seed, Mix mix, std::int64_t first, int threads);

  /// The scenes from `first` up to `end`; waits for them. Neither ever decreases.
  Window between(std::int64_t first, std::int64_t end);
  /// Seconds that calls of `between` have waited, in all: whether drawing keeps up with learning.
  double waited() const { return waited_; }

 private:
  void work(const std::stop_token& stop);

  std::uint64_t seed_;
  Mix mix_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::int64_t, std::shared_ptr<const Picture>> ready_;
  std::int64_t end_ = 0;
  std::int64_t next_ = 0;
  double waited_ = 0;
  std::vector<std::jthread> workers_;  // last: they stop before the rest goes
};

}  // namespace train_builtin
