// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <depthcloud/depth_grid.hpp>

/// Registers wire/encode_SCENE and wire/decode_SCENE: a grid with its colours in every encoding and
/// through the rivals. `positions` of a row count without colours unless its name ends in _colors.
void add_wire_scene(const std::string& scene, std::shared_ptr<const depthcloud::DepthGrid> grid);
