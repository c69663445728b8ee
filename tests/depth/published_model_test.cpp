// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>
#include <depthcloud/model_fetch.hpp>
#include <depthcloud/published_model.hpp>

#include "core/text.hpp"
#include "environment_variable.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using namespace depthcloud;

namespace {

constexpr const char* hexadecimal = "0123456789abcdef";

bool is_hexadecimal(const std::string& text) {
  return text.find_first_not_of(hexadecimal) == std::string::npos;
}

}  // namespace

TEST_SUITE("published_model") {
  TEST_CASE("the table holds names, licences and hashes of the right form") {
    std::set<std::string> names;
    for (const PublishedModel& model : published_models()) {
      CAPTURE(model.name);
      CHECK(names.insert(lower_case(model.name)).second);
      CHECK(consists_of(model.name, "-."));
      CHECK(std::ranges::count(model.repository, '/') == 1);
      CHECK((model.revision == "main" ||
             (model.revision.size() == 40 && is_hexadecimal(model.revision))));
      CHECK(std::set<std::string>{"Apache-2.0", "MIT", "CC-BY-NC-4.0"}.contains(model.license));
      CHECK(model.is_free() == (model.license != "CC-BY-NC-4.0"));
      CHECK_FALSE(model.gives.empty());
      CHECK_FALSE(model.files.empty());
      for (const PublishedFile& file : model.files) {
        CHECK(consists_of(file.path, "_-./"));
        CHECK(file.name().find('/') == std::string::npos);
        CHECK((file.sha256.empty() || (file.sha256.size() == 64 && is_hexadecimal(file.sha256))));
      }
    }
  }

  TEST_CASE("a name is found in upper and lower case") {
    REQUIRE(find_published_model("da3-small") != nullptr);
    CHECK(find_published_model("da3-small")->name == "DA3-SMALL");
    CHECK(find_published_model("DA3-SMALL")->bytes() == 137'248'940 + 1202);
    CHECK(find_published_model("DA3MONO-LARGE")->bytes() == 0);
    CHECK(find_published_model("Distill-Any-Depth-Small")->files[0].name() == "model.safetensors");
    CHECK(find_published_model("DA3") == nullptr);
    CHECK(find_published_model("") == nullptr);
  }

  TEST_CASE("models are kept where XDG says") {
    const EnvironmentVariable home("HOME", "/home/somebody");
    {
      const EnvironmentVariable cache("XDG_CACHE_HOME", "/var/cache");
      CHECK(model_cache() == "/var/cache/depthcloud/models");
    }
    for (const char* unusable : {static_cast<const char*>(nullptr), "", "relative"}) {
      const EnvironmentVariable cache("XDG_CACHE_HOME", unusable);
      CHECK(model_cache() == "/home/somebody/.cache/depthcloud/models");
      const EnvironmentVariable no_home("HOME", nullptr);
      CHECK(error_of([] { model_cache(); }).starts_with("unavailable load: there is no folder"));
    }
  }

  TEST_CASE("a model is loaded by its name from the cache, else its download is named") {
    const TempDir dir;
    const EnvironmentVariable cache("XDG_CACHE_HOME", dir.path().c_str());
    const auto load = [] { DepthEstimator::load("da3-small"); };
    const std::string missing = error_of(load);
    CHECK(missing.starts_with("not_found load: the model DA3-SMALL is not in '"));
    CHECK(contains(missing, "'depthcloud fetch DA3-SMALL' downloads it (Apache-2.0)"));

    const auto folder = model_cache() / "DA3-SMALL";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "config.json") << "{}";
    const PublishedModel& model = *find_published_model("DA3-SMALL");
    CHECK_FALSE(is_fetched(model, folder));
    CHECK(error_of(load) == missing);
    std::ofstream(folder / "model.safetensors") << "<html>";
    CHECK(is_fetched(model, folder));
    CHECK(contains(error_of(load), folder.string()));
    CHECK(contains(error_of(load), "a web page (HTML)"));
  }

  TEST_CASE("a fetch checks its options before it opens a connection") {
    const TempDir dir;
    const auto error = [&](PublishedModel model, FetchOptions options) {
      options.folder = dir.path();
      return error_of([&] { fetch_model(model, options); });
    };
    const PublishedModel free = *find_published_model("DA3-SMALL");
    CHECK(contains(error(*find_published_model("DA3-LARGE"), {}), "under CC-BY-NC-4.0"));
    CHECK(contains(error(free, {.timeout = std::chrono::seconds(0)}), "from 1 to 3600 s"));
    CHECK(contains(error(free, {.endpoint = "http://localhost"}), "does not begin with https://"));
    for (const char* path :
         {"../model", "a/../b", "/etc/passwd", "a//b", ".hidden", "a/", "", "a b"}) {
      CAPTURE(path);
      PublishedModel model = free;
      model.files[0].path = path;
      CHECK(contains(error(model, {}), "is no plain path"));
      model = free;
      model.name = path;
      CHECK(contains(error(model, {}), "is no plain path"));
    }
    CHECK(std::filesystem::is_empty(dir.path()));
  }

  TEST_CASE("without the downloader a fetch says what is missing") {
    const TempDir dir;
    const EnvironmentVariable other("DEPTHCLOUD_FETCH_LIBRARY", "/nowhere/libdepthcloud_fetch.so");
    const FetchOptions options{.folder = dir.path()};
    CHECK(error_of([&] {
            fetch_model(*find_published_model("DA3-SMALL"), options);
          }).starts_with("unavailable load: the downloader cannot be opened: /nowhere/"));
  }
}
