// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <depthcloud/device.hpp>
#include <depthcloud/error.hpp>

#include "core/text.hpp"

namespace depthcloud {

Device parse_device(std::string_view text) {
  if (text == "cpu") return {DeviceKind::cpu, 0};
  if (text == "mps") return {DeviceKind::mps, 0};
  if (text == "cuda") return {DeviceKind::cuda, 0};
  constexpr std::string_view prefix = "cuda:";
  if (text.starts_with(prefix)) {
    // LibTorch holds device indices in eight bits
    const auto index = whole_number<unsigned char>(text.substr(prefix.size()));
    if (index && *index < 128) return {DeviceKind::cuda, *index};
  }
  throw Error(ErrorCode::invalid_argument, Stage::load,
              fmt::format("no such device: '{}' (cpu, cuda, cuda:N or mps)", text));
}

std::string to_string(const Device& device) {
  switch (device.kind) {
    case DeviceKind::cpu:
      return "cpu";
    case DeviceKind::cuda:
      return fmt::format("cuda:{}", device.index);
    case DeviceKind::mps:
      return "mps";
  }
  return "unknown";
}

}  // namespace depthcloud
