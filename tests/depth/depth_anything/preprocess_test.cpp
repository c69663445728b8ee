// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/preprocess.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <depthcloud/files.hpp>

#include "expect_error.hpp"
#include "io/weights_file.hpp"

using namespace depthcloud;
using nlohmann::json;

namespace {

constexpr ResizeMethod methods[] = {
    ResizeMethod::upper_bound_resize, ResizeMethod::upper_bound_crop,
    ResizeMethod::lower_bound_resize, ResizeMethod::lower_bound_crop};

bool is_strip(int width, int height) {
  return std::max(width, height) > 4 * std::int64_t{std::min(width, height)};
}

/// The reference's images and what it made of them.
const WeightsFile& golden() {
  static const auto file = WeightsFile::open(DEPTHCLOUD_TEST_GOLDEN "/preprocess.io.safetensors");
  return file;
}

TensorView golden_tensor(const std::string& name) {
  const auto tensor = golden().find(name);
  REQUIRE_MESSAGE(tensor, name);
  return *tensor;
}

ImageView golden_image(const std::string& name) {
  const TensorView tensor = golden_tensor("image/" + name);
  const int height = static_cast<int>(tensor.shape[0]);
  const int width = static_cast<int>(tensor.shape[1]);
  return {.data = tensor.bytes.data(), .width = width, .height = height, .stride = 3 * width};
}

template <typename T>
std::vector<T> values(const TensorView& tensor) {
  std::vector<T> result(tensor.bytes.size() / sizeof(T));
  std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

template <typename T>
Intrinsics to_intrinsics(const std::vector<T>& k, std::size_t view = 0) {
  const T* row = k.data() + 9 * view;
  return {row[0], row[4], row[2], row[5]};
}

Intrinsics rounded_to_float(const Intrinsics& k) {
  const auto f = [](double value) { return static_cast<double>(static_cast<float>(value)); };
  return {f(k.fx), f(k.fy), f(k.cx), f(k.cy)};
}

/// Bit for bit.
bool equals(std::span<const float> planes, const TensorView& reference) {
  return planes.size_bytes() == reference.bytes.size() &&
         std::memcmp(planes.data(), reference.bytes.data(), planes.size_bytes()) == 0;
}

bool equals_samples(const PreparedImage& prepared, const std::string& name) {
  const auto shape = values<std::int64_t>(golden_tensor(name + ".shape"));
  const auto index = values<std::int64_t>(golden_tensor(name + ".flat_index"));
  const auto value = values<float>(golden_tensor(name + ".value"));
  if (shape != std::vector<std::int64_t>{3, prepared.plan.grid.height, prepared.plan.grid.width}) {
    return false;
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (prepared.planes[static_cast<std::size_t>(index[i])] != value[i]) return false;
  }
  return true;
}

json golden_shapes(const char* family) {
  const auto bytes = read_file(DEPTHCLOUD_TEST_GOLDEN "/preprocess.shapes.json");
  return json::parse(bytes.begin(), bytes.end()).at(family);
}

/// An image without flat parts.
Image noise(int width, int height, PixelFormat format = PixelFormat::rgb) {
  Image image(width, height, format);
  std::uint32_t state = 1;
  for (std::uint8_t* p = image.data(); p != image.data() + image.stride() * height; ++p) {
    state = state * 1664525u + 1013904223u;
    *p = static_cast<std::uint8_t>(state >> 24);
  }
  return image;
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("Depth Anything 3's input is the reference's, bit for bit") {
    int compared = 0;
    for (const ResizeMethod method : methods) {
      for (const int process_res : {56, 84, 112}) {
        for (const std::string image : {"a_97x131", "b_300x200", "c_64x64"}) {
          const std::string name = std::string("da3/") + depthcloud::to_string(method) + "/" +
                                   std::to_string(process_res) + "/" + image;
          const auto reference = golden().find(name);
          if (!reference) continue;
          CAPTURE(name);
          const PreparedImage ours = prepare_da3(golden_image(image), process_res, method);
          CHECK(reference->shape[1] == ours.plan.grid.height);
          CHECK(reference->shape[2] == ours.plan.grid.width);
          CHECK(equals(ours.planes.span(), *reference));
          const Intrinsics k =
              to_intrinsics(values<double>(golden_tensor("image/" + image + ".K")));
          CHECK(rounded_to_float(map_intrinsics(k, ours.plan)) ==
                to_intrinsics(values<float>(golden_tensor(name + ".K"))));
          ++compared;
        }
      }
    }
    CHECK(compared == 12);
    CHECK(equals_samples(prepare_da3(golden_image("b_300x200"), 504),
                         "da3/upper_bound_resize/504/b_300x200"));
  }

  TEST_CASE("Depth Anything V2's input is the reference's, bit for bit") {
    for (const std::string name : {"56/a_97x131", "56/b_300x200", "56/c_64x64", "84/a_97x131"}) {
      CAPTURE(name);
      const PreparedImage ours = prepare_da2(golden_image(name.substr(3)), std::stoi(name));
      CHECK(equals(ours.planes.span(), golden_tensor("da2/" + name)));
    }
    CHECK(equals_samples(prepare_da2(golden_image("a_97x131"), 518), "da2/518/a_97x131"));
  }

  TEST_CASE("images of one call are cropped to the grid they share") {
    const TensorView reference = golden_tensor("da3/batch_upper_bound_resize/56");
    const auto k_reference = values<float>(golden_tensor("da3/batch_upper_bound_resize/56.K"));
    const Grid shared{42, 42};
    const std::size_t view_bytes = reference.bytes.size() / 2;
    std::size_t view = 0;
    for (const std::string image : {"a_97x131", "b_300x200"}) {
      CAPTURE(image);
      const ImageView pixels = golden_image(image);
      const GridPlan plan = cropped_to(
          plan_da3(pixels.width, pixels.height, 56, ResizeMethod::upper_bound_resize), shared);
      std::vector<float> planes(3 * 42 * 42);
      prepare_da3(pixels, plan, planes);
      CHECK(std::memcmp(planes.data(), reference.bytes.data() + view * view_bytes, view_bytes) ==
            0);
      const Intrinsics k = to_intrinsics(values<double>(golden_tensor("image/" + image + ".K")));
      CHECK(rounded_to_float(map_intrinsics(k, plan)) == to_intrinsics(k_reference, view));
      ++view;
    }
  }

  TEST_CASE("grids of Depth Anything 3 are the reference's") {
    int compared = 0;
    for (const json& shape : golden_shapes("da3")) {
      for (const ResizeMethod method : methods) {
        for (const int process_res : {504, 280}) {
          const std::string key =
              std::string(to_string(method)) + "." + std::to_string(process_res);
          const int width = shape.at("w");
          const int height = shape.at("h");
          CAPTURE(width);
          CAPTURE(height);
          CAPTURE(key);
          const Grid grid = plan_da3(width, height, process_res, method).grid;
          ++compared;
          if (key.starts_with("lower") && is_strip(width, height)) {
            CHECK(std::max(grid.width, grid.height) <= 4 * process_res);  // the reference: no end
            continue;
          }
          // Where the reference makes a side of 0, which it cannot run, ours is one patch.
          CHECK(grid ==
                Grid{std::max<int>(14, shape.at(key)[0]), std::max<int>(14, shape.at(key)[1])});
        }
      }
    }
    CHECK(compared == 76 * 4 * 2);
  }

  TEST_CASE("grids of Depth Anything V2 are the reference's") {
    for (const json& shape : golden_shapes("da2")) {
      for (const int size : {518, 392}) {
        const int width = shape.at("w");
        const int height = shape.at("h");
        CAPTURE(width);
        CAPTURE(height);
        const Grid grid = plan_da2(width, height, size).grid;
        if (is_strip(width, height)) {
          CHECK(std::max(grid.width, grid.height) <= 4 * size);
          continue;
        }
        CHECK(json{grid.width, grid.height} == shape.at(std::to_string(size)));
      }
    }
  }

  TEST_CASE("every pixel format gives the same input") {
    const Image rgb = noise(61, 47);
    const PreparedImage da3 = prepare_da3(rgb.view(), 42);
    const PreparedImage da3_larger = prepare_da3(rgb.view(), 70);
    const PreparedImage da2 = prepare_da2(rgb.view(), 42);
    for (const PixelFormat format : {PixelFormat::bgr, PixelFormat::rgba, PixelFormat::bgra}) {
      Image other(61, 47, format);
      const bool swapped = format != PixelFormat::rgba;
      const int step = channels(format);
      for (int i = 0; i < 61 * 47; ++i) {
        for (int c = 0; c < 3; ++c) {
          other.data()[i * step + (swapped ? 2 - c : c)] = rgb.data()[i * 3 + c];
        }
        if (step == 4) other.data()[i * step + 3] = 77;
      }
      CHECK(std::ranges::equal(prepare_da3(other.view(), 42).planes, da3.planes));
      CHECK(std::ranges::equal(prepare_da3(other.view(), 70).planes, da3_larger.planes));
      CHECK(std::ranges::equal(prepare_da2(other.view(), 42).planes, da2.planes));
    }
    Image gray(14, 14, PixelFormat::gray);
    std::fill_n(gray.data(), 14 * 14, std::uint8_t{128});
    const PreparedImage even = prepare_da3(gray.view(), 14);
    CHECK(even.planes[0] == doctest::Approx((128 / 255.0 - 0.485) / 0.229));
    CHECK(even.planes[2 * 14 * 14] == doctest::Approx((128 / 255.0 - 0.406) / 0.225));
  }

  TEST_CASE("rows of a larger image are read by their stride") {
    const Image whole = noise(64, 40);
    const ImageView part{whole.row(4) + 3 * 5, 50, 30, whole.stride(), PixelFormat::rgb, {}};
    Image copy(50, 30);
    for (int v = 0; v < 30; ++v) std::memcpy(copy.row(v), part.row(v), 150);
    CHECK(std::ranges::equal(prepare_da3(part, 42).planes, prepare_da3(copy.view(), 42).planes));
    CHECK(std::ranges::equal(prepare_da2(part, 42).planes, prepare_da2(copy.view(), 42).planes));
  }

  TEST_CASE("a flat image stays flat, whatever the way to the grid") {
    for (const auto& [width, height] : {std::pair{100, 75}, {200, 100}, {20, 30}, {57, 14}}) {
      Image image(width, height);
      std::fill_n(image.data(), image.stride() * height, std::uint8_t{200});
      const float red = (200.0f / 255.0f - 0.485f) / 0.229f;
      for (const ResizeMethod method : methods) {
        const PreparedImage prepared = prepare_da3(image.view(), 56, method);
        const auto plane = prepared.planes.span().first(prepared.planes.size() / 3);
        CHECK(std::ranges::all_of(plane, [&](float value) { return value == red; }));
      }
    }
  }

  TEST_CASE("a slim image is stretched to one patch") {
    CHECK(plan_da3(10'000, 1, 504, ResizeMethod::upper_bound_resize).grid == Grid{504, 14});
    CHECK(plan_da3(1, 10'000, 504, ResizeMethod::upper_bound_crop).grid == Grid{14, 504});
    CHECK(plan_da3(1, 1, 504, ResizeMethod::lower_bound_crop).grid == Grid{504, 504});
    const Image slim = noise(600, 1);
    for (const ResizeMethod method :
         {ResizeMethod::upper_bound_resize, ResizeMethod::upper_bound_crop}) {
      const PreparedImage prepared = prepare_da3(slim.view(), 504, method);
      CHECK(prepared.plan.grid == Grid{504, 14});
      CHECK(prepared.planes.size() == 3 * 504 * 14);
    }
    const Image tiny = noise(1, 3);
    CHECK(prepare_da2(tiny.view(), 14).plan.grid == Grid{14, 42});
  }

  TEST_CASE("no shape makes a grid of more than that of 4:1") {
    for (const auto& [width, height] : {std::pair{10'000, 1},
                                        {1, 10'000},
                                        {8000, 16},
                                        {1024, 32},
                                        {1, 2'000'000'000},
                                        {401, 100}}) {
      CAPTURE(width);
      for (const ResizeMethod method :
           {ResizeMethod::lower_bound_resize, ResizeMethod::lower_bound_crop}) {
        const Grid grid = plan_da3(width, height, 504, method).grid;
        CHECK(std::max(grid.width, grid.height) == 4 * 504);
        CHECK(std::min(grid.width, grid.height) <= 504);
      }
      const Grid grid = plan_da2(width, height, 518).grid;
      CHECK(std::max(grid.width, grid.height) == 4 * 518);
      CHECK(std::min(grid.width, grid.height) <= 518);
    }
    // What the publishers' code makes of wide photos stays.
    CHECK(plan_da2(2100, 900, 518).grid == Grid{1204, 518});
    CHECK(plan_da2(1242, 375, 518).grid == Grid{1722, 518});  // KITTI
    CHECK(plan_da2(400, 100, 518).grid == Grid{2072, 518});
    CHECK(plan_da3(2100, 900, 504, ResizeMethod::lower_bound_resize).grid == Grid{1176, 504});
  }

  TEST_CASE("a grid that no network could run is refused") {
    const auto plan = [](int width, int height, ResizeMethod method) {
      return error_of([&] { plan_da3(width, height, 504, method); });
    };
    CHECK(
        error_of([] { plan_da3(300, 100, 8190, ResizeMethod::lower_bound_resize); }) ==
        "limit_exceeded preprocess: an image of 300 x 100 makes a grid of 24570 x 8190, more than "
        "16000000 pixels");
    CHECK(error_of([] { plan_da2(1, 3, 8192); }).starts_with("limit_exceeded"));
    CHECK(plan(0, 480, ResizeMethod::upper_bound_resize).starts_with("invalid_argument"));
    for (const int process_res : {13, 0, -1, 8193}) {
      CHECK(error_of([&] {
              plan_da3(640, 480, process_res, ResizeMethod::upper_bound_resize);
            }).starts_with("invalid_argument preprocess: process_res"));
    }
  }

  TEST_CASE("an image or planes that are not as planned are refused") {
    const Image image = noise(64, 48);
    const GridPlan plan = plan_da3(64, 48, 56, ResizeMethod::upper_bound_resize);
    std::vector<float> planes(3 * 56 * 42);
    const auto refusal = [&](const ImageView& view, std::size_t size) {
      return error_of([&] { prepare_da3(view, plan, std::span(planes).first(size)); });
    };
    CHECK(refusal(image.view(), planes.size()) == "nothing");
    CHECK(contains(refusal(image.view(), planes.size() - 1), "cannot hold the 7056"));
    const Image other = noise(48, 64);
    CHECK(contains(refusal(other.view(), planes.size()), "not of the planned size 64 x 48"));
    CHECK(refusal({}, planes.size()).starts_with("invalid_argument preprocess: image has no"));
    CHECK(error_of([] { prepare_da3({}, 504); }).starts_with("invalid_argument"));
    CHECK(error_of([] { prepare_da2({}, 518); }).starts_with("invalid_argument"));
  }
}
