// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// The precisions that are number formats: all but `automatic`.
inline constexpr Precision formats[] = {Precision::f32, Precision::bf16, Precision::f16,
                                        Precision::int8};

}  // namespace depthcloud
