// SPDX-License-Identifier: Apache-2.0
#include "recorder.hpp"

#include <exception>
#include <new>
#include <utility>

#include <spdlog/spdlog.h>

#include <depthcloud/error.hpp>

#include "in_quotes.hpp"

namespace server {
namespace {

constexpr std::size_t entry_overhead = 256;  // what waits beside the bytes of a message

void log_end(const std::exception& error) {
  constexpr std::size_t longest = 1000;  // the name of the file is our user's
  spdlog::error("event=recording_ended reason={}", in_quotes(error.what(), longest));
}

}  // namespace

Recorder::Recorder(RecorderOptions options)
    : options_(std::move(options)), writer_(options_.path, {.max_bytes = options_.max_bytes}) {
  counters_.bytes = writer_.num_bytes();
  counters_.recording = true;
  thread_ = std::thread([this] { run(); });
}

Recorder::~Recorder() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Recorder::add(std::uint64_t client, Message message) noexcept {
  const std::size_t bytes = message->size() + entry_overhead;
  const std::lock_guard lock(mutex_);
  // One message always fits, however large.
  const bool is_full = !queue_.empty() && queued_bytes_ + bytes > options_.max_queued_bytes;
  if (!counters_.recording || finishing_ || is_full) {
    ++counters_.dropped;
    return;
  }
  try {
    queue_.push_back({client, std::move(message), depthcloud::RecordingWriter::Clock::now()});
  } catch (const std::bad_alloc&) {
    ++counters_.dropped;
    return;
  }
  queued_bytes_ += bytes;
  changed_.notify_all();
}

bool Recorder::finish(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  return changed_.wait_for(lock, patience, [&] { return finished_; });
}

RecorderCounters Recorder::counters() const {
  const std::lock_guard lock(mutex_);
  return counters_;
}

void Recorder::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return finishing_ || !queue_.empty(); });
    if (queue_.empty()) break;
    // It stays in the queue, and counts there, until it is written.
    const Entry entry = queue_.front();
    lock.unlock();
    write(entry);
    lock.lock();
    queued_bytes_ -= entry.message->size() + entry_overhead;
    queue_.pop_front();
  }
  lock.unlock();
  try {
    writer_.close();
  } catch (const std::exception& error) {
    log_end(error);
  }
  lock.lock();
  counters_.bytes = writer_.num_bytes();
  counters_.recording = false;
  finished_ = true;
  changed_.notify_all();
}

void Recorder::write(const Entry& entry) {
  bool is_written = false;
  try {
    is_written = writer_.write(entry.client, *entry.message, entry.time);
  } catch (const std::exception& error) {
    log_end(error);
  }
  const std::lock_guard lock(mutex_);
  ++(is_written ? counters_.messages : counters_.dropped);
  counters_.bytes = writer_.num_bytes();
  counters_.recording = writer_.is_open();
}

}  // namespace server
