// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "depth/depth_anything/config.hpp"
#include "depth/nn/parameters.hpp"
#include "io/weights_file.hpp"

namespace depthcloud {

/// Reads tensors of a checkpoint by their official names, whatever its layout. A tensor that needs
/// no conversion lies where the file is mapped, which it keeps mapped.
nn::Parameters::Reader checkpoint_reader(const WeightsFile& file, KeyLayout layout);

}  // namespace depthcloud
