// SPDX-License-Identifier: Apache-2.0
#include "audience.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "service.hpp"
#include "session.hpp"

namespace server {

std::vector<Audience> audiences_of(const Receivers& receivers) {
  std::vector<Audience> result;
  for (const auto& [id, receiver] : receivers) {
    const ClientOptions& wanted = receiver->options();
    auto same = std::find_if(result.begin(), result.end(),
                             [&](const Audience& audience) { return audience.options == wanted; });
    if (same == result.end()) {
      result.push_back({wanted, {}});
      same = std::prev(result.end());
    }
    same->receivers.push_back(receiver->weak_from_this());
  }
  return result;
}

void send_clouds(Service& service, const std::vector<Audience>& audiences,
                 const depthcloud::StageTimes& times, depthcloud::Clock::time_point received,
                 const Packing& pack) {
  std::vector<std::pair<Cloud, std::vector<std::weak_ptr<Session>>>> clouds;
  depthcloud::StageTimes spent = times;
  for (const Audience& audience : audiences) {
    depthcloud::StageTimes own = times;
    auto packet = std::make_shared<const std::vector<std::uint8_t>>(pack(audience.options, own));
    clouds.push_back({{std::move(packet), own.total(), received}, audience.receivers});
    for (const auto stage : {depthcloud::Stage::cloud, depthcloud::Stage::pack}) {
      spent[stage] += own[stage];
    }
  }
  service.post([&service, spent, clouds = std::move(clouds)] {
    service.record(spent);
    for (const auto& [cloud, receivers] : clouds) {
      for (const auto& receiver : receivers) {
        if (const auto session = receiver.lock()) session->send(cloud);
      }
    }
  });
}

}  // namespace server
