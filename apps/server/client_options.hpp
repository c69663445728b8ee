// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/wire.hpp>

namespace server {

/// What a client may choose by a `configure` message.
struct ClientOptions {
  depthcloud::CloudOptions cloud{.stride = 2};
  depthcloud::WireFormat wire{};
  /// World to camera: where the camera of this client stands; nothing: as the network says, else
  /// in the middle of the world.
  std::optional<depthcloud::Extrinsics> extrinsics{};

  friend bool operator==(const ClientOptions&, const ClientOptions&);
};

/// `options` with the keys of the message in place of its own. Throws Error{invalid_argument} that
/// names the first key whose value is bad, or that is not known.
ClientOptions configured(ClientOptions options, const nlohmann::json& message);

/// Returns the matrix of 12 numbers, or nothing of null. Throws Error{invalid_argument}.
std::optional<depthcloud::Extrinsics> read_extrinsics(const nlohmann::json& value);

/// Throws Error{invalid_argument} where the encoding is `depth`, which carries the grid of one
/// camera in that camera's frame, and the points are to be in the world's.
void check_world(const ClientOptions& options, bool is_viewer);

/// What is in force, as the answer to `configure` shows it.
nlohmann::json to_json(const ClientOptions& options);

}  // namespace server
