// SPDX-License-Identifier: Apache-2.0
#include "pipeline/decode_ahead.hpp"

namespace depthcloud {

DecodeAhead::~DecodeAhead() {
  stop();
  join();
}

void DecodeAhead::join() {
  if (thread_.joinable()) thread_.join();
}

void DecodeAhead::start() {
  thread_ = std::thread([this] { run(); });
}

void DecodeAhead::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

void DecodeAhead::run() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (std::shared_ptr<PendingFrames> frames = next_()) {
      lock.unlock();
      for (const auto& view : frames->views) view->decode_ahead(decoder_);
      frames.reset();  // its callbacks may end with it
      lock.lock();
    } else {
      changed_.wait(lock);
    }
  }
}

}  // namespace depthcloud
