// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace depthcloud {

/// The instruction set that Highway's dynamic dispatch picks on this machine, for instance "AVX3".
const char* simd_target_name();

}  // namespace depthcloud
