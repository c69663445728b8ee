// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "depth/torchscript/config.hpp"
#include "expect_error.hpp"

using depthcloud::parse_torchscript_config;
using depthcloud::TorchScriptConfig;

TEST_SUITE("torchscript") {
  TEST_CASE("without depthcloud.json the defaults hold") {
    const TorchScriptConfig config = parse_torchscript_config("");
    CHECK(config.process_res == 504);
    CHECK(config.multiple_of == 1);
    CHECK(config.mean == std::array<float, 3>{0, 0, 0});
    CHECK(config.std == std::array<float, 3>{1, 1, 1});
    CHECK_FALSE(config.metric);
    CHECK_FALSE(config.inverse_depth);
  }

  TEST_CASE("every key is read") {
    const TorchScriptConfig config = parse_torchscript_config(
        R"({"name": "n", "license": "l", "process_res": 518, "multiple_of": 14,
            "mean": [0.1, 0.2, 0.3], "std": [1, 2, 3], "metric": true, "inverse_depth": true})");
    CHECK(config.name == "n");
    CHECK(config.license == "l");
    CHECK(config.process_res == 518);
    CHECK(config.multiple_of == 14);
    CHECK(config.mean == std::array<float, 3>{0.1f, 0.2f, 0.3f});
    CHECK(config.std == std::array<float, 3>{1, 2, 3});
    CHECK(config.metric);
    CHECK(config.inverse_depth);
  }

  TEST_CASE("a wrong value is told by its key") {
    const std::pair<const char*, const char*> cases[] = {
        {"[]", "not a JSON object"},
        {"{", "not a JSON object"},
        {R"({"colour": 1})", "unknown key 'colour'"},
        {R"({"name": 1})", "'name'"},
        {R"({"process_res": 0})", "'process_res'"},
        {R"({"process_res": 8193})", "'process_res'"},
        {R"({"process_res": 18446744073709551615})", "'process_res'"},
        {R"({"multiple_of": 1.5})", "'multiple_of'"},
        {R"({"multiple_of": "14"})", "'multiple_of'"},
        {R"({"mean": [0, 0]})", "'mean'"},
        {R"({"mean": [0, 0, "0"]})", "'mean'"},
        {R"({"mean": [0, 0, 1e300]})", "'mean'"},
        {R"({"std": [1, 0, 1]})", "'std'"},
        {R"({"std": [1, -1, 1]})", "'std'"},
        {R"({"metric": 1})", "'metric'"},
        {R"({"inverse_depth": "yes"})", "'inverse_depth'"},
    };
    for (const auto& [json, what] : cases) {
      CAPTURE(json);
      const std::string error = error_of([&, text = json] { parse_torchscript_config(text); });
      CHECK(error.starts_with("bad_model load: depthcloud.json: "));
      CHECK(contains(error, what));
    }
  }
}
