// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/buffer.hpp>

#include <cstdint>
#include <utility>

#include <doctest/doctest.h>

using depthcloud::Buffer;

TEST_SUITE("core") {
  TEST_CASE("a buffer keeps its memory when it shrinks and grows back") {
    Buffer<float> buffer(100);
    const float* memory = buffer.data();
    buffer.resize(10);
    buffer.resize(100);
    CHECK(buffer.data() == memory);
    CHECK(buffer.capacity() == 100);
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % Buffer<float>::alignment == 0);
  }

  TEST_CASE("a copy of a buffer is its own, a moved one leaves nothing behind") {
    Buffer<int> buffer(2);
    buffer[0] = 1;
    buffer[1] = 2;
    Buffer<int> copy = buffer;
    copy[0] = 7;
    CHECK(buffer[0] == 1);
    CHECK(copy[1] == 2);

    const Buffer<int> moved = std::move(buffer);
    CHECK(moved.size() == 2);
    CHECK(buffer.empty());  // NOLINT(bugprone-use-after-move): that is the promise
    CHECK(buffer.capacity() == 0);
  }

  TEST_CASE("an empty buffer can be copied") {
    const Buffer<int> empty;
    Buffer<int> copy(3);
    copy = empty;
    CHECK(copy.empty());
    CHECK(copy.span().empty());
  }
}
