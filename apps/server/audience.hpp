// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include <depthcloud/frame_gate.hpp>
#include <depthcloud/stage.hpp>

#include "client_options.hpp"

namespace server {

class Service;
class Session;

/// Receivers of the same clouds by the number of the client.
using Receivers = std::map<std::uint64_t, Session*>;

/// Receivers with the same options; they share one packet.
struct Audience {
  ClientOptions options;
  std::vector<std::weak_ptr<Session>> receivers;
};

/// On the server's thread.
std::vector<Audience> audiences_of(const Receivers& receivers);

/// Makes the packet for these options. Adds to the `times` of cloud and pack.
using Packing =
    std::function<std::vector<std::uint8_t>(const ClientOptions&, depthcloud::StageTimes& times)>;

/// Packs a frame that spent `times` in the hub, once for each audience, and sends the clouds. On
/// the hub's thread; `service` outlives the hub.
void send_clouds(Service& service, const std::vector<Audience>& audiences,
                 const depthcloud::StageTimes& times, depthcloud::Clock::time_point received,
                 const Packing& pack);

}  // namespace server
