// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace depthcloud {

/// A growable array of trivially copyable values, aligned for SIMD. New elements are NOT
/// initialised, because zeroing them first, as std::vector does, would write every byte twice. The
/// buffer keeps its memory when it shrinks. Thread-safety: one thread at a time; const access is
/// thread-safe.
template <typename T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size) { resize(size); }
  Buffer(const Buffer& other) { assign(other.span()); }
  Buffer(Buffer&& other) noexcept
      : data_(std::move(other.data_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(const Buffer& other) {
    if (this != &other) assign(other.span());
    return *this;
  }
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  T* data() noexcept { return data_.get(); }
  const T* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size_; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size_; }
  std::span<T> span() noexcept { return {data(), size_}; }
  std::span<const T> span() const noexcept { return {data(), size_}; }

  /// Changes the size. The contents are lost if `size` exceeds capacity(); otherwise they stay. New
  /// elements are not initialised. Memory is never released. Throws std::bad_alloc.
  void resize(std::size_t size) {
    if (size > capacity_) {
      data_.reset();
      capacity_ = size_ = 0;
      data_.reset(static_cast<T*>(::operator new[](size * sizeof(T), std::align_val_t{alignment})));
      capacity_ = size;
    }
    size_ = size;
  }
  /// Copies `values`, which must not lie in this buffer. Throws std::bad_alloc.
  void assign(std::span<const T> values) {
    resize(values.size());
    if (!values.empty()) std::memcpy(data(), values.data(), values.size_bytes());
  }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{alignment}); }
  };
  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace depthcloud
