// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <mutex>
#include <utility>

namespace depthcloud {
namespace {

struct Sink {
  std::mutex mutex;
  LogCallback callback;
};

// Never destroyed: threads may still log while the process ends.
Sink& sink() {
  static Sink& instance = *new Sink;
  return instance;
}

}  // namespace

void set_log_callback(LogCallback callback) {
  const std::lock_guard lock(sink().mutex);
  sink().callback = std::move(callback);
}

void log(LogLevel level, std::string_view message) {
  const std::lock_guard lock(sink().mutex);
  if (sink().callback) sink().callback(level, message);
}

}  // namespace depthcloud
