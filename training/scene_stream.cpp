// SPDX-License-Identifier: Apache-2.0
#include "scene_stream.hpp"

#include <algorithm>
#include <chrono>

namespace train_builtin {
namespace {

constexpr int scene_width = 256;
constexpr int scene_height = 192;
constexpr std::int64_t lookahead = 64;  ///< scenes rendered beyond what is asked for

}  // namespace

Picture render_scene(std::uint64_t seed, std::int64_t index, Mix mix) {
  Random random(seed, static_cast<std::uint64_t>(index));
  return render(random_scene(random, mix), scene_width, scene_height);
}

SceneStream::SceneStream(std::uint64_t seed, Mix mix, std::int64_t first, int threads)
    : seed_(seed), mix_(mix), end_(first), next_(first) {
  for (int i = 0; i < threads; ++i) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

SceneStream::Window SceneStream::between(std::int64_t first, std::int64_t end) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  end_ = end;
  ready_.erase(ready_.begin(), ready_.lower_bound(first));
  changed_.notify_all();
  // Workers finish out of order: the window is there when each of its scenes is.
  changed_.wait(
      lock, [&] { return std::distance(ready_.begin(), ready_.lower_bound(end)) == end - first; });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Window window;
  for (auto it = ready_.begin(); it != ready_.lower_bound(end); ++it) window.push_back(it->second);
  return window;
}

void SceneStream::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return next_ < end_ + lookahead; })) {
    const std::int64_t index = next_++;
    lock.unlock();
    auto picture = std::make_shared<const Picture>(render_scene(seed_, index, mix_));
    lock.lock();
    ready_.emplace(index, std::move(picture));
    changed_.notify_all();
  }
}

}  // namespace train_builtin
