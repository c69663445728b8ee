// SPDX-License-Identifier: Apache-2.0
#include "depth/builtin/network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <depthcloud/decode.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/files.hpp>

#include "depth/bf16.hpp"
#include "depth/builtin/weights.hpp"
#include "io/weights_file.hpp"
#include "torch_doctest.hpp"

namespace depthcloud {
namespace {

const NamedTensors& weights() {
  static const NamedTensors all = read_builtin_weights(WeightsFile::parse(builtin_weights()));
  return all;
}

at::Tensor random_image(std::int64_t width, std::int64_t height) {
  const at::Generator generator = at::detail::createCPUGenerator(7);
  return at::rand({1, 3, height, width}, generator);
}

BuiltinOutput run(const at::Tensor& images) {
  const c10::InferenceMode inference;
  return builtin_forward(weights(), images);
}

/// A safetensors file in memory, aligned as the reader asks for.
class FileInMemory {
 public:
  explicit FileInMemory(const std::string& header, std::size_t data_bytes) {
    std::string text = header;
    text.resize((text.size() + 7) / 8 * 8, ' ');
    words_.resize(1 + (text.size() + data_bytes + 7) / 8);
    words_[0] = text.size();
    std::memcpy(words_.data() + 1, text.data(), text.size());
    size_ = 8 + text.size() + data_bytes;
  }
  WeightsFile open() const {
    return WeightsFile::parse({reinterpret_cast<const std::uint8_t*>(words_.data()), size_});
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

/// A box that stands on a chequered floor before a wall, under a light from above: RGB in [0, 1].
/// The horizon is in the middle; `box` is where the box is seen.
struct FloorScene {
  static constexpr std::int64_t width = 384, height = 288;
  static constexpr std::int64_t box_left = 150, box_right = 230, box_top = 110, box_bottom = 220;
};

at::Tensor floor_scene() {
  using S = FloorScene;
  at::Tensor image = at::empty({1, 3, S::height, S::width});
  auto pixel = image.accessor<float, 4>();
  const std::int64_t floor_top = 170;
  for (std::int64_t v = 0; v < S::height; ++v) {
    for (std::int64_t u = 0; u < S::width; ++u) {
      std::array<float, 3> color{0.75F, 0.72F, 0.66F};  // the wall
      if (v >= floor_top) {
        const double distance = 100.0 / static_cast<double>(v - floor_top + 26);
        const double across = (static_cast<double>(u) - S::width / 2.0) / 300.0 * distance;
        const bool odd = (static_cast<int>(std::floor(across * 2)) +
                          static_cast<int>(std::floor(distance * 2))) %
                             2 !=
                         0;
        color = odd ? std::array<float, 3>{0.35F, 0.25F, 0.18F}
                    : std::array<float, 3>{0.55F, 0.42F, 0.3F};
      }
      if (u >= S::box_left && u < S::box_right && v >= S::box_top && v < S::box_bottom) {
        color = v < S::box_top + 15 ? std::array<float, 3>{0.5F, 0.6F, 0.85F}
                                    : std::array<float, 3>{0.2F, 0.3F, 0.6F};
      }
      for (std::int64_t c = 0; c < 3; ++c) pixel[0][c][v][u] = color[static_cast<std::size_t>(c)];
    }
  }
  return image;
}

float mean_of(const at::Tensor& plane, std::int64_t left, std::int64_t right, std::int64_t top,
              std::int64_t bottom) {
  return plane[0].slice(0, top, bottom).slice(1, left, right).mean().item<float>();
}

/// By how much the scale of depth changes between two frames of a pan, the second `shift` grid
/// pixels further to the right: the median ratio of what both see.
double scale_drift(const DepthMap& before, const DepthMap& after, int shift) {
  std::vector<double> ratios;
  for (int v = 0; v < before.height(); ++v) {
    for (int u = shift; u < before.width(); ++u) {
      const auto row = static_cast<std::size_t>(v) * static_cast<std::size_t>(before.width());
      const float first = before.depth()[row + static_cast<std::size_t>(u)];
      const float second = after.depth()[row + static_cast<std::size_t>(u - shift)];
      if (first > 0 && second > 0) ratios.push_back(second / first);
    }
  }
  REQUIRE(ratios.size() > before.depth().size() / 4);
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return std::abs(*middle - 1);
}

TEST_SUITE("builtin") {
  TEST_CASE("any size gives planes of that size, finite and in range") {
    const std::vector<std::array<std::int64_t, 2>> sizes{{1, 1},   {7, 3},   {31, 33},
                                                         {64, 32}, {1, 300}, {504, 378}};
    for (const auto& [width, height] : sizes) {
      CAPTURE(width);
      CAPTURE(height);
      const BuiltinOutput output = run(random_image(width, height));
      for (const at::Tensor& plane : {output.inverse_depth, output.confidence, output.sky}) {
        CHECK((plane.sizes() == at::IntArrayRef({1, height, width})));
        CHECK((plane.scalar_type() == at::kFloat));
        CHECK(plane.is_contiguous());
        CHECK(at::isfinite(plane).all().item<bool>());
        CHECK((plane > 0).all().item<bool>());
      }
      CHECK((output.confidence < 1).all().item<bool>());
      CHECK((output.sky < 1).all().item<bool>());
    }
  }

  TEST_CASE("the same image gives the same planes") {
    const at::Tensor image = random_image(96, 64);
    const BuiltinOutput first = run(image), second = run(image);
    CHECK(at::equal(first.inverse_depth, second.inverse_depth));
    CHECK(at::equal(first.confidence, second.confidence));
  }

  TEST_CASE("images of a batch do not see each other") {
    const at::Tensor one = random_image(64, 64), other = 1 - one;
    const BuiltinOutput both = run(at::cat({one, other}));
    CHECK(at::allclose(both.inverse_depth[0], run(one).inverse_depth[0], 1e-4, 1e-5));
    CHECK(at::allclose(both.inverse_depth[1], run(other).inverse_depth[0], 1e-4, 1e-5));
  }

  TEST_CASE("the linked weights are complete, small, and of the promised size") {
    const WeightsFile file = WeightsFile::parse(builtin_weights());
    const auto shapes = builtin_shapes();
    CHECK(file.names().size() == shapes.size());
    std::int64_t parameters = 0;
    for (const auto& [name, tensor] : weights()) {
      CAPTURE(name);
      CHECK((tensor.sizes() == at::IntArrayRef(shapes.at(name))));
      CHECK(at::isfinite(tensor).all().item<bool>());
      CHECK((file.find(name)->type == TensorType::f16));
      parameters += tensor.numel();
    }
    CHECK(parameters >= 500'000);
    CHECK(parameters <= 2'000'000);
    CHECK(builtin_weights().size() <= 4 * 1024 * 1024);
  }

  TEST_CASE("a file with a tensor too many or too few is refused") {
    const FileInMemory unknown(R"({"surplus":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})",
                               4);
    const FileInMemory empty("{}", 0);
    for (const FileInMemory* file : {&unknown, &empty}) {
      try {
        read_builtin_weights(file->open());
        FAIL("no error");
      } catch (const Error& error) {
        CHECK((error.code() == ErrorCode::bad_model));
        CHECK((error.stage() == Stage::load));
      }
    }
  }

  TEST_CASE("a box on a floor: what is near is near") {
    using S = FloorScene;
    const at::Tensor inverse = run(floor_scene()).inverse_depth;
    const float wall = mean_of(inverse, 20, 130, 20, 100);
    const float near_floor = mean_of(inverse, 20, 364, 265, 285);
    const float far_floor = mean_of(inverse, 250, 364, 175, 190);
    const float box = mean_of(inverse, S::box_left + 10, S::box_right - 10, 150, 200);
    CHECK(near_floor > 1.3F * far_floor);
    CHECK(near_floor > 1.3F * wall);
    CHECK(box > 1.1F * wall);
    CHECK(near_floor > box);
  }

  TEST_CASE("the estimator loads it by name and gives relative depth with confidence") {
    DepthEstimator estimator = DepthEstimator::load("builtin", {.device = "cpu"});
    CHECK(estimator.info().name == "builtin");
    CHECK(estimator.info().parameters > 500'000);
    CHECK(estimator.info().memory_bytes == 4 * estimator.info().parameters);
    CHECK(estimator.info().architecture.starts_with("residual convolutional encoder"));
    CHECK(estimator.info().process_res == 384);
    CHECK_FALSE(estimator.info().metric);
    CHECK(estimator.info().license == "Apache-2.0");
    REQUIRE(estimator.info().confidence);
    CHECK(estimator.info().confidence->low == 0);
    CHECK(estimator.info().confidence->high == 1);
    CHECK((estimator.grid(640, 480) == DepthEstimator::Grid{384, 288}));

    const std::vector<std::uint8_t> gray(640 * 480, 128);
    const DepthMap map = estimator.estimate({gray.data(), 640, 480, 640, PixelFormat::gray});
    CHECK(map.width() == 384);
    CHECK(map.height() == 288);
    CHECK_FALSE(map.is_metric());
    const DepthMap host = map.host();
    CHECK(host.sky().size() == host.depth().size());
    for (std::size_t i = 0; i < host.depth().size(); i += 997) {
      CHECK((host.depth()[i] > 0) == (host.sky()[i] == 0));
      CHECK(host.confidence()[i] > 0);
      CHECK(host.confidence()[i] < 1);
    }
  }

  TEST_CASE("process_res sets the longer side") {
    DepthEstimator estimator =
        DepthEstimator::load("builtin", {.device = "cpu", .process_res = 128});
    CHECK((estimator.grid(640, 480) == DepthEstimator::Grid{128, 96}));
    CHECK(estimator.info().process_res == 128);
  }
}

/// Of photos: it takes a while.
TEST_SUITE("builtin_photos") {
  TEST_CASE("a slow pan over a photo does not change the scale from frame to frame") {
    DepthEstimator estimator = DepthEstimator::load("builtin", {.device = "cpu"});
    for (const char* name : {"/coffee.jpg", "/astronaut.jpg"}) {
      CAPTURE(name);
      const Image photo = decode_image(read_file(std::string(DEPTHCLOUD_TEST_SAMPLES) + name));
      constexpr int width = 384, height = 288, step = 2, last = 80;
      const auto frame = [&](int left) {
        const ImageView all = photo.view();
        return estimator
            .estimate({.data = all.data + static_cast<std::ptrdiff_t>(left) * 3,
                       .width = width,
                       .height = height,
                       .stride = all.stride,
                       .format = all.format})
            .host();
      };
      DepthMap before = frame(0);
      double largest = 0;
      for (int left = step; left <= last; left += step) {
        DepthMap after = frame(left);
        largest = std::max(largest, scale_drift(before, after, step * before.width() / width));
        before = std::move(after);
      }
      CHECK(largest <= 0.03);
    }
  }
}

TEST_SUITE("bf16") {
  TEST_CASE("the built-in network stays near float32") {
    if (!test::bf16_works()) return;
    NamedTensors half;
    for (const auto& [name, tensor] : weights()) half[name] = tensor.to(at::kBFloat16);
    const at::Tensor image = floor_scene().slice(2, 0, 285).slice(3, 0, 379);  // to be padded
    const c10::InferenceMode inference;
    const at::Tensor exact = builtin_forward(weights(), image).inverse_depth;
    const at::Tensor rounded = builtin_forward(half, image).inverse_depth;
    CHECK((rounded.scalar_type() == at::kFloat));
    CHECK(((rounded - exact).abs() / exact).median().item<float>() < 0.03F);
  }
}

}  // namespace
}  // namespace depthcloud
