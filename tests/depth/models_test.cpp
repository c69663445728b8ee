// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "depth/models.hpp"
#include "temp_dir.hpp"

using depthcloud::model_kind;

TEST_SUITE("depth") {
  TEST_CASE("sources name a kind of model, whether or not a file exists") {
    const TempDir dir;
    CHECK(model_kind(dir.path().string()) == std::string("depth_anything"));
    CHECK(model_kind("weights.safetensors") == std::string("depth_anything"));
    CHECK(model_kind("weights.pt") == std::string("torchscript"));
    CHECK(model_kind("builtin") == std::string("builtin"));
    CHECK(model_kind("constant") == std::string("constant"));
    CHECK(model_kind("constant:what") == std::string("constant"));
    for (const char* source : {"", "constants", "Builtin", "no/such/directory", "weights.pth"}) {
      CHECK(model_kind(source) == nullptr);
    }
  }
}
