// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/softmax_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <hwy/aligned_allocator.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "depth/nn/softmax_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
hn::Vec<D> load(D d, const float* values) {
  return hn::LoadU(d, values);
}

template <class D>
hn::Vec<D> load(D d, const std::uint16_t* bfloat16) {
  const hn::RebindToUnsigned<D> du32;
  const hn::Rebind<std::uint16_t, D> du16;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du32, hn::LoadU(du16, bfloat16))));
}

template <class D>
void store(D d, hn::Vec<D> values, float* out) {
  hn::StoreU(values, d, out);
}

/// Rounds to the nearest, ties to even. `values` must not contain NaN, whose bits might overflow.
template <class D>
void store(D, hn::Vec<D> values, std::uint16_t* out) {
  const hn::RebindToUnsigned<D> du32;
  const hn::RebindToSigned<D> di32;
  const hn::Rebind<std::uint16_t, D> du16;
  const auto bits = hn::BitCast(du32, values);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du32, 1u));
  const auto upper = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(du32, 0x7FFFu))));
  hn::StoreU(hn::DemoteTo(du16, hn::BitCast(di32, upper)), du16, out);
}

/// The rest of a row that is less than a vector is copied to `tail` and padded with -infinity.
template <typename T>
void softmax(T* values, std::size_t rows, std::size_t columns, T minus_infinity, T not_a_number) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = columns / lanes * lanes;
  const auto powers = hwy::AllocateAligned<float>(whole + lanes);
  T tail[HWY_MAX_BYTES / sizeof(float)];
  for (T* row = values; row != values + rows * columns; row += columns) {
    std::fill_n(std::copy(row + whole, row + columns, tail), lanes - (columns - whole),
                minus_infinity);
    const auto place = [&](std::size_t i) { return i < whole ? row + i : tail; };
    auto largest = hn::Set(d, -std::numeric_limits<float>::infinity());
    auto is_nan = hn::IsNaN(largest);  // apart: Max and Exp treat NaN differently on each target
    for (std::size_t i = 0; i <= whole; i += 2 * lanes) {
      const auto some = load(d, place(i));
      const auto next = load(d, place(std::min(i + lanes, whole)));
      largest = hn::Max(largest, hn::Max(some, next));
      is_nan = hn::Or(is_nan, hn::Or(hn::IsNaN(some), hn::IsNaN(next)));
    }
    largest = hn::MaxOfLanes(d, largest);
    if (!hn::AllFalse(d, is_nan) || !std::isfinite(hn::GetLane(largest))) {
      std::fill_n(row, columns, not_a_number);
      continue;
    }
    auto sum = hn::Zero(d);
    for (std::size_t i = 0; i <= whole; i += lanes) {
      const auto power = hn::Exp(d, hn::Sub(load(d, place(i)), largest));
      sum = hn::Add(sum, power);
      hn::Store(power, d, powers.get() + i);
    }
    const auto scale = hn::Div(hn::Set(d, 1.0f), hn::SumOfLanes(d, sum));
    for (std::size_t i = 0; i <= whole; i += lanes) {
      store(d, hn::Mul(hn::Load(d, powers.get() + i), scale), place(i));
    }
    std::copy_n(tail, columns - whole, row + whole);
  }
}

void softmax_f32(float* values, std::size_t rows, std::size_t columns) {
  using Limits = std::numeric_limits<float>;
  softmax(values, rows, columns, -Limits::infinity(), Limits::quiet_NaN());
}

void softmax_bf16(std::uint16_t* values, std::size_t rows, std::size_t columns) {
  constexpr std::uint16_t minus_infinity = 0xFF80;
  constexpr std::uint16_t not_a_number = 0x7FC0;
  softmax(values, rows, columns, minus_infinity, not_a_number);
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {

HWY_EXPORT(softmax_f32);
HWY_EXPORT(softmax_bf16);

void softmax_rows(float* values, std::size_t rows, std::size_t columns) {
  if (columns > 0) HWY_DYNAMIC_DISPATCH(softmax_f32)(values, rows, columns);
}

void softmax_rows(std::uint16_t* bfloat16, std::size_t rows, std::size_t columns) {
  if (columns > 0) HWY_DYNAMIC_DISPATCH(softmax_bf16)(bfloat16, rows, columns);
}

std::int64_t softmax_rows_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
