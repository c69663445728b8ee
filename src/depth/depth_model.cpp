// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_model.hpp"

#include <depthcloud/error.hpp>

namespace depthcloud {

void refuse_views(const ModelInfo& info) {
  throw Error(ErrorCode::unsupported, Stage::infer,
              info.name +
                  " sees one view at a time; several views of one scene need a multi-view network, "
                  "such as Depth Anything 3 small");
}

}  // namespace depthcloud
