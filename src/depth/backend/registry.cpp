// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/registry.hpp"

namespace depthcloud {

extern const BackendEntry builtin_backend;
extern const BackendEntry depth_anything_backend;
extern const BackendEntry moge_backend;
extern const BackendEntry torchscript_backend;

std::span<const BackendEntry* const> backends() {
  static constexpr const BackendEntry* all[] = {
      &builtin_backend,
      &depth_anything_backend,
      &moge_backend,
      &torchscript_backend,
  };
  return all;
}

}  // namespace depthcloud
