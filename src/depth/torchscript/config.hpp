// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace depthcloud {

/// The description of a TorchScript module in its extra file `depthcloud.json`; see docs/models.md.
struct TorchScriptConfig {
  std::string name;
  std::string license;
  int process_res = 504;
  int multiple_of = 1;  ///< of height and width of the input
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> std{1, 1, 1};
  bool metric = false;
  bool inverse_depth = false;  ///< the module's output is 1 / depth
};

/// Reads the text of depthcloud.json; an empty text gives the defaults. Error{bad_model}, stage
/// load, for a key that is not known or a value out of its range.
TorchScriptConfig parse_torchscript_config(std::string_view json);

}  // namespace depthcloud
