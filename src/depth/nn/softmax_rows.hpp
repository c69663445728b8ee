// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace depthcloud {

/// Turns each of `rows` rows of `columns` values, which lie one after the other, into its softmax:
/// exp(v - max) / sum of all exp(v - max), in f32, within 1e-6 of the exact one on every SIMD
/// target. -infinity becomes 0. As with PyTorch, a row becomes NaN throughout if it holds a NaN or
/// +infinity, or nothing but -infinity. Thread-safety: share freely.
void softmax_rows(float* values, std::size_t rows, std::size_t columns);

/// The same of bfloat16 values, which are the upper halves of f32 ones.
void softmax_rows(std::uint16_t* bfloat16, std::size_t rows, std::size_t columns);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t softmax_rows_targets();

}  // namespace depthcloud
