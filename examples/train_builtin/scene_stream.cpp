// SPDX-License-Identifier: Apache-2.0
#include "scene_stream.hpp"

#include <algorithm>

namespace train_builtin {
namespace {

constexpr int scene_width = 384;
constexpr int scene_height = 288;
constexpr std::int64_t lookahead = 16;  ///< scenes rendered beyond the window

}  // namespace

Picture render_scene(std::uint64_t seed, std::int64_t index) {
  Random random(seed, static_cast<std::uint64_t>(index));
  return render(random_scene(random), scene_width, scene_height);
}

SceneStream::SceneStream(std::uint64_t seed, std::int64_t window, int threads)
    : seed_(seed), window_(window) {
  for (int i = 0; i < threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

SceneStream::Window SceneStream::at(std::int64_t first) {
  std::unique_lock lock(mutex_);
  first_ = first;
  next_ = std::max(next_, first);
  ready_.erase(ready_.begin(), ready_.lower_bound(first));
  changed_.notify_all();
  const auto complete = [&] {
    // Workers finish out of order: the window is there when each of its scenes is.
    return std::distance(ready_.begin(), ready_.lower_bound(first + window_)) == window_;
  };
  changed_.wait(lock, complete);
  Window window;
  for (auto it = ready_.begin(); it != ready_.lower_bound(first + window_); ++it) {
    window.push_back(it->second);
  }
  return window;
}

void SceneStream::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return next_ < first_ + window_ + lookahead; })) {
    const std::int64_t index = next_++;
    lock.unlock();
    auto picture = std::make_shared<const Picture>(render_scene(seed_, index));
    lock.lock();
    ready_.emplace(index, std::move(picture));
    changed_.notify_all();
  }
}

}  // namespace train_builtin
