// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace depthcloud {

/// What the processor calls itself, for instance "AMD EPYC 7R13 Processor"; where it has no name,
/// its architecture. Thread-safety of this header: share freely.
std::string processor_name();

/// Which of the parts of AVX-512 that products in bf16 need (BW, DQ and VL) the processor lacks, in
/// words: "avx512bw, avx512dq and avx512vl"; empty: none, or it is not an x86.
std::string missing_avx512();

}  // namespace depthcloud
