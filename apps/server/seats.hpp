// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace server {

/// A free place among a limited number; free again when the last pointer to it is gone.
using Seat = std::shared_ptr<void>;

/// A limited number of places. Thread-safe.
class Seats {
 public:
  /// `full`: what to say where all are taken, after their number: "clients send video already".
  Seats(std::size_t count, std::string full) : count_(count), full_(std::move(full)) {}

  /// Throws Error{limit_exceeded} if none is free.
  Seat take() {
    if (taken_->fetch_add(1) >= count_) {
      --*taken_;
      throw depthcloud::Error(depthcloud::ErrorCode::limit_exceeded, depthcloud::Stage::control,
                              fmt::format("{} {}", count_, full_));
    }
    return {nullptr, [taken = taken_](void*) { --*taken; }};
  }
  std::size_t taken() const { return *taken_; }

 private:
  const std::size_t count_;
  const std::string full_;
  std::shared_ptr<std::atomic<std::size_t>> taken_ =
      std::make_shared<std::atomic<std::size_t>>(0);  // seats may outlive this
};

}  // namespace server
