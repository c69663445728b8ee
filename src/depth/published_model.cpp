// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/published_model.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include <depthcloud/error.hpp>

#include "core/text.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

constexpr const char* apache = "Apache-2.0";
constexpr const char* mit = "MIT";
constexpr const char* non_commercial = "CC-BY-NC-4.0";

constexpr const char* any_view = "relative depth, confidence, cameras; several views";
constexpr const char* inverse = "relative depth (inverse)";
constexpr const char* indoor = "metres, indoor up to 20";
constexpr const char* outdoor = "metres, outdoor up to 80";
constexpr const char* geometry = "metres, cameras, mask, normals";

/// A config.json and a model.safetensors.
std::vector<PublishedFile> with_config(std::uint64_t config_bytes, const char* config_sha256,
                                       std::uint64_t bytes, const char* sha256) {
  return {{"config.json", config_bytes, config_sha256}, {"model.safetensors", bytes, sha256}};
}

/// The same where nobody states more than their names.
std::vector<PublishedFile> with_config() { return with_config(0, "", 0, ""); }

/// Sizes and hashes are those of the hub's own records, as several public projects that pin these
/// files cite them alike; of config.json of DA3 also those of tests/golden/keys. What no source
/// cites is left out: then fetch_model() takes what the hub says. A revision is that of the cited
/// record.
std::vector<PublishedModel> make_models() {
  return {
      {"DA3-SMALL", "depth-anything/DA3-SMALL", "e08cab65ca0ec38e7826075418411ab90cab4da3", apache,
       any_view,
       with_config(1202, "a486e29e82b7ab4a7d4cefc1ea4526cfe2ae438a572c8ca98917cfbcde7447d2",
                   137'248'940,
                   "364492e38a3a06d221ac75da7f6621ada3f2361cd24fde11ba79091e9f40efcf")},
      {"DA3-BASE", "depth-anything/DA3-BASE", "f4a6c9b3c95e41c82048423d3493a81ec3fa810e", apache,
       any_view,
       with_config(1205, "5e34115ebc17bd2d8d43033c5f72e9446ac8833fd61d3fa160b7e67e0bb5b7b5",
                   541'518'028,
                   "e01067dc1659613083d9145a9a2547ccdbe6ccbbf83c4fe7b3e8a4e2bdae78b5")},
      {"DA3-LARGE", "depth-anything/DA3-LARGE", "main", non_commercial, any_view, with_config()},
      // Its model card says Apache-2.0, the authors' table CC BY-NC 4.0: the stricter counts.
      {"DA3-LARGE-1.1", "depth-anything/DA3-LARGE-1.1", "0e109ae307c5982f319a67cf6f9f99ccdc0ec97c",
       non_commercial, any_view,
       with_config(1213, "744dcaf53859490ed92fc6cb98d68d3daf624b8c54533aaf604bdb53f06321f5",
                   1'643'843'860,
                   "739905c423cf0d6ccaf9e61a8401d82ba1ac32d7f4d3ee6dca8f92b377633f64")},
      {"DA3MONO-LARGE", "depth-anything/DA3MONO-LARGE", "main", apache, "relative depth, sky",
       with_config()},
      {"DA3METRIC-LARGE", "depth-anything/DA3METRIC-LARGE",
       "4010e39f3634a45bc60553321fb49fb760bd594e", apache,
       "metres if the focal length is known, sky",
       with_config(847, "a336f3e76fe375aaae17a9aed9130c9f2aa061535d317ec57dcb2f1f02e1dd53",
                   1'336'734'448,
                   "bbea5b0b3ee389849cffa7ddae89de064a90abd2b055fc5aa99aac68db324776")},
      {"Depth-Anything-V2-Small",
       "depth-anything/Depth-Anything-V2-Small",
       "03876f8651c73a60fe4c2c48294e09fcb6838fcf",
       apache,
       inverse,
       {{"depth_anything_v2_vits.pth", 99'218'434,
         "715fade13be8f229f8a70cc02066f656f2423a59effd0579197bbf57860e1378"}}},
      {"Depth-Anything-V2-Base",
       "depth-anything/Depth-Anything-V2-Base",
       "a4e71a6c2ce52fe50df0f212066b0d4a87be9b5e",
       non_commercial,
       inverse,
       {{"depth_anything_v2_vitb.pth", 389'961'218,
         "0d2b7002e62d39d655571c371333340bd88f67ab95050c03591555aa05645328"}}},
      {"Depth-Anything-V2-Large",
       "depth-anything/Depth-Anything-V2-Large",
       "cbbb86a30ce19b5684b7a05155dc7e6cbc7685b9",
       non_commercial,
       inverse,
       {{"depth_anything_v2_vitl.pth", 1'341'395'338,
         "a7ea19fa0ed99244e67b624c72b8580b7e9553043245905be58796a608eb9345"}}},
      {"Depth-Anything-V2-Small-hf", "depth-anything/Depth-Anything-V2-Small-hf",
       "5426e4f0f36572d16453bbda7a8389317b1bef99", apache, inverse,
       with_config(950, "c56698d3643dde1f83ea2212759e6b31a22b8f827246a36dd007ee8a22b3ff75",
                   99'173'660, "3152477ce0d8d6978d76b995120de97cb5b928701fd0f817769f59e249a16b70")},
      {"Depth-Anything-V2-Base-hf", "depth-anything/Depth-Anything-V2-Base-hf", "main",
       non_commercial, inverse, with_config()},
      {"Depth-Anything-V2-Large-hf", "depth-anything/Depth-Anything-V2-Large-hf", "main",
       non_commercial, inverse, with_config()},
      {"Depth-Anything-V2-Metric-Hypersim-Small",
       "depth-anything/Depth-Anything-V2-Metric-Hypersim-Small",
       "3bc65d4e14a6786a61acec16453c50e12bf5f338",
       apache,
       indoor,
       {{"depth_anything_v2_metric_hypersim_vits.pth", 99'222'290,
         "b782898d8a3e8be1f639de33837ed85e9b4b73e40f8f5e5cd99067588d722545"}}},
      {"Depth-Anything-V2-Metric-Hypersim-Base",
       "depth-anything/Depth-Anything-V2-Metric-Hypersim-Base",
       "main",
       apache,
       indoor,
       {{"depth_anything_v2_metric_hypersim_vitb.pth", 389'965'138,
         "9dc9e274c5eff55c6daf27b660c0ced0eca4e8593a6da90cdcb04d2b4d3f3fa2"}}},
      {"Depth-Anything-V2-Metric-Hypersim-Large",
       "depth-anything/Depth-Anything-V2-Metric-Hypersim-Large",
       "79720800638389a78b2defc92caa885104f69974",
       apache,
       indoor,
       {{"depth_anything_v2_metric_hypersim_vitl.pth", 1'341'401'882,
         "6f82ff2bc543ac02ddff4aa31fa363676a8305dd3ccf04e80e2af115a044cb6d"}}},
      {"Depth-Anything-V2-Metric-VKITTI-Small",
       "depth-anything/Depth-Anything-V2-Metric-VKITTI-Small",
       "main",
       apache,
       outdoor,
       {{"depth_anything_v2_metric_vkitti_vits.pth", 99'221'808,
         "9203e538d35255c90dda4b7fedb47ff33fe725497bcca3b1e53b3a65ee63f0cb"}}},
      {"Depth-Anything-V2-Metric-VKITTI-Base",
       "depth-anything/Depth-Anything-V2-Metric-VKITTI-Base",
       "main",
       apache,
       outdoor,
       {{"depth_anything_v2_metric_vkitti_vitb.pth", 389'964'656,
         "4dad67a7cc10b462bca48e6b8569c762b8eb3c1adada170a3851a6d3ba37bb3e"}}},
      {"Depth-Anything-V2-Metric-VKITTI-Large",
       "depth-anything/Depth-Anything-V2-Metric-VKITTI-Large",
       "main",
       apache,
       outdoor,
       {{"depth_anything_v2_metric_vkitti_vitl.pth", 1'341'401'064,
         "239b1054a369e66da2576e9a118d6d7c12d90dc8ebe609579a9a09cd8e05fe38"}}},
      {"Distill-Any-Depth-Small",
       "xingyang1/Distill-Any-Depth",
       "38095a41cca1e28a28e8bb6372c68df721455a2d",
       apache,
       inverse,
       {{"small/model.safetensors", 99'165'428,
         "56a173c0e1b5045bf6296a5c1fb16eace0bbde2eddc24b37532cb1774ac09caa"}}},
      {"Distill-Any-Depth-Base",
       "xingyang1/Distill-Any-Depth",
       "main",
       apache,
       inverse,
       {{"base/model.safetensors", 0, ""}}},
      {"Distill-Any-Depth-Large",
       "xingyang1/Distill-Any-Depth",
       "main",
       apache,
       inverse,
       {{"large/model.safetensors", 0, ""}}},
      {"moge-2-vits-normal",
       "Ruicheng/moge-2-vits-normal",
       "main",
       mit,
       geometry,
       {{"model.pt", 140'550'416,
         "79a16621928c2bf0ed04659218c55c01075e950507f40bb3332fb4c873d3e1dc"}}},
      {"moge-2-vitb-normal",
       "Ruicheng/moge-2-vitb-normal",
       "main",
       mit,
       geometry,
       {{"model.pt", 419'110'160,
         "16b8110e86d5dc5a849db120ca96ef3a223fd30b0c9146d1d81db504073da5f6"}}},
      {"moge-2-vitl-normal",
       "Ruicheng/moge-2-vitl-normal",
       "main",
       mit,
       geometry,
       {{"model.pt", 1'323'815'904,
         "280741fd09bc3f403ccff9967784c2a391b52d2c0742ae3efdb21d9f90cc1a01"}}},
      {"moge-2-vitl",
       "Ruicheng/moge-2-vitl",
       "main",
       mit,
       "metres, cameras, mask",
       {{"model.pt", 1'305'030'700,
         "3eefd4abb2102f38f12b2d1992e5ff15e4923e5431c67dd494afe157e0111cd5"}}},
  };
}

/// The value of a variable that names a folder; empty where it is unset or relative.
fs::path absolute_folder(const char* variable) {
  // Nobody should change the environment of a process of several threads.
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  const fs::path path = value == nullptr ? fs::path() : fs::path(value);
  return path.is_absolute() ? path : fs::path();
}

}  // namespace

std::string PublishedFile::name() const { return path.substr(path.rfind('/') + 1); }

bool PublishedModel::is_free() const { return license == apache || license == mit; }

std::uint64_t PublishedModel::bytes() const {
  std::uint64_t sum = 0;
  for (const PublishedFile& file : files) {
    if (file.bytes == 0) return 0;
    sum += file.bytes;
  }
  return sum;
}

std::span<const PublishedModel> published_models() {
  static const std::vector<PublishedModel> models = make_models();
  return models;
}

const PublishedModel* find_published_model(std::string_view name) {
  const std::string wanted = lower_case(name);
  const auto models = published_models();
  const auto found = std::ranges::find_if(
      models, [&](const PublishedModel& model) { return lower_case(model.name) == wanted; });
  return found == models.end() ? nullptr : &*found;
}

fs::path model_cache() {
  if (const fs::path cache = absolute_folder("XDG_CACHE_HOME"); !cache.empty()) {
    return cache / "depthcloud" / "models";
  }
  const fs::path home = absolute_folder("HOME");
  if (home.empty()) {
    throw Error(ErrorCode::unavailable, Stage::load,
                "there is no folder for fetched models: neither XDG_CACHE_HOME nor HOME is set");
  }
  return home / ".cache" / "depthcloud" / "models";
}

fs::path model_path(const std::string& source) {
  std::error_code failure;
  const PublishedModel* const model = find_published_model(source);
  return model == nullptr || fs::exists(source, failure) ? fs::path(source)
                                                         : model_cache() / model->name;
}

bool is_fetched(const PublishedModel& model, const fs::path& folder) {
  std::error_code failure;
  return std::ranges::all_of(model.files, [&](const PublishedFile& file) {
    return fs::is_regular_file(folder / file.name(), failure);
  });
}

}  // namespace depthcloud
