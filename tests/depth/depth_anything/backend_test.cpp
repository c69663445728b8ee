// SPDX-License-Identifier: Apache-2.0
#include "depth/golden.hpp"

#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/files.hpp>

#include "depth/backend/registry.hpp"
#include "depth/depth_anything/preprocess.hpp"
#include "depth/metric_alignment.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

namespace depthcloud {

extern const BackendEntry depth_anything_backend;

namespace {

using test::check_golden;
using test::golden_path;
using test::golden_tolerance;
using test::GoldenCase;

/// A checkpoint directory as it is published.
class Checkpoint {
 public:
  explicit Checkpoint(const std::string& model) : path_(dir_.path() / model) {
    std::filesystem::create_directory(path_);
    std::filesystem::copy_file(golden_path(model + ".weights.safetensors"),
                               path_ / "model.safetensors");
    std::filesystem::copy_file(golden_path(model + ".config.json"), path_ / "config.json");
  }
  std::unique_ptr<DepthBackend> load(const BackendOptions& options = {}) const {
    return depth_anything_backend.load(path_.string(), options);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  TempDir dir_;
  std::filesystem::path path_;
};

Prediction infer(DepthBackend& backend, const at::Tensor& images,
                 const std::optional<Intrinsics>& intrinsics = {}) {
  const auto count = static_cast<std::size_t>(images.size(0));
  return backend.infer({images, std::vector<std::optional<Intrinsics>>(count, intrinsics)});
}

/// Infers the image of a golden case.
Prediction infer(const std::string& model, const GoldenCase& golden,
                 const std::optional<Intrinsics>& intrinsics = {}) {
  return infer(*Checkpoint(model).load(), golden.images()[0], intrinsics);
}

/// Views of one scene whose cameras are not known.
Prediction infer_views(DepthBackend& backend, const at::Tensor& images) {
  return backend.infer_views(
      {images, std::vector<std::optional<Intrinsics>>(static_cast<std::size_t>(images.size(0)))},
      ReferenceView::saddle_balanced);
}

at::Tensor extrinsics_of(const Prediction& prediction) {
  std::vector<double> values;
  for (const ViewInfo& view : prediction.views) {
    values.insert(values.end(), view.extrinsics->begin(), view.extrinsics->end());
  }
  return at::tensor(values, at::kDouble);
}

/// The same cameras [S, 3, 4] in a world that is turned, moved and measured in another unit.
at::Tensor in_another_world(const at::Tensor& poses, double unit) {
  const at::Tensor turn =
      at::tensor({0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0}, at::kDouble).view({3, 3});
  const at::Tensor move = at::tensor({3.0, -2.0, 0.5}, at::kDouble).view({3, 1});
  const at::Tensor rotation = poses.narrow(2, 0, 3);
  return at::cat(
      {at::matmul(rotation, turn), at::matmul(rotation, move) + poses.narrow(2, 3, 1) * unit}, 2);
}

/// The distance between the centres of two cameras.
double base_line(const at::Tensor& poses) {
  const at::Tensor centres =
      at::matmul(poses.narrow(2, 0, 3).transpose(1, 2), poses.narrow(2, 3, 1));
  return (centres[0] - centres[1]).norm().item<double>();
}

Image striped_image(int width, int height) {
  Image image(width, height, PixelFormat::rgb);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < image.stride(); ++x) {
      image.data()[y * image.stride() + x] = static_cast<std::uint8_t>(7 * x + 3 * y);
    }
  }
  return image;
}

}  // namespace

TEST_SUITE("backend_depth_anything") {
  TEST_CASE("the file in a directory is read with its config.json") {
    const Checkpoint checkpoint("da3_micro");
    const auto backend =
        depth_anything_backend.load((checkpoint.path() / "model.safetensors").string(), {});
    CHECK(backend->info().parameters == checkpoint.load()->info().parameters);
  }

  TEST_CASE("it tells what it is") {
    const ModelInfo info = Checkpoint("da3_micro").load()->info();
    CHECK(info.backend == "depth_anything");
    CHECK(info.parameters > 300'000);
    CHECK(info.process_res == 504);
    CHECK_FALSE(info.metric);
    CHECK(Checkpoint("da2metric_micro").load()->info().metric);
  }

  TEST_CASE("memory is that of the precision") {
    const Checkpoint checkpoint("da3_micro");
    const auto bytes = [&](Precision precision) {
      BackendOptions options;
      options.precision = precision;
      return depth_anything_backend.load(checkpoint.path().string(), options)->info().memory_bytes;
    };
    CHECK(bytes(Precision::f32) > bytes(Precision::bf16));
    CHECK(bytes(Precision::bf16) > bytes(Precision::int8));
  }

  TEST_CASE("a directory without a checkpoint, and a file that is none, are errors") {
    const TempDir dir;
    CHECK(contains(error_of([&] { depth_anything_backend.load(dir.path().string(), {}); }),
                   "not_found"));
    const auto file = dir.path() / "torn.safetensors";
    write_file(file, std::vector<std::uint8_t>{1, 2, 3});
    CHECK(contains(error_of([&] { depth_anything_backend.load(file.string(), {}); }), "bad_model"));
  }

  TEST_CASE("weights that are not floating point are named") {
    const std::string header = R"({"pretrained.norm.bias":{"dtype":"I64","shape":[2],)"
                               R"("data_offsets":[0,16]}})";
    std::vector<std::uint64_t> words(1 + (header.size() + 7) / 8 + 2, 0x2020202020202020u);
    words[0] = 8 * (words.size() - 3);
    std::memcpy(&words[1], header.data(), header.size());
    const auto file =
        WeightsFile::parse({reinterpret_cast<const std::uint8_t*>(words.data()), 8 * words.size()});
    const nn::Parameters::Reader read = checkpoint_reader(file, KeyLayout::official);
    CHECK(error_of([&] { read("pretrained.norm.bias", {2}); }) ==
          "unsupported load: tensor 'pretrained.norm.bias' has elements of type I64 (weights "
          "are F32, F16 or BF16)");
  }

  TEST_CASE("the grid and the input follow the options") {
    const Checkpoint checkpoint("da3_micro");
    CHECK(checkpoint.load()->grid(640, 480) == Grid{504, 378});
    BackendOptions options;
    options.process_res = 112;
    CHECK(checkpoint.load(options)->grid(640, 480) == Grid{112, 84});
    options.resize_method = ResizeMethod::lower_bound_resize;
    CHECK(checkpoint.load(options)->grid(640, 480) == Grid{154, 112});

    const Image image = striped_image(64, 48);
    const Grid grid{112, 84};
    options.resize_method = ResizeMethod::upper_bound_resize;
    const at::Tensor input = checkpoint.load(options)->prepare(image.view(), grid);
    const PreparedImage expected = prepare_da3(image.view(), 112);
    CHECK((input.sizes() == at::IntArrayRef({3, 84, 112})));
    CHECK(std::equal(expected.planes.data(), expected.planes.data() + input.numel(),
                     input.data_ptr<float>()));
  }

  TEST_CASE("the size of V2 is that of the shorter side") {
    const Checkpoint checkpoint("da2_micro");
    CHECK(checkpoint.load()->grid(640, 480) == Grid{686, 518});
    BackendOptions options;
    options.process_res = 84;
    const Image image = striped_image(64, 48);
    const auto backend = checkpoint.load(options);
    const Grid grid = backend->grid(64, 48);
    const at::Tensor input = backend->prepare(image.view(), grid);
    const PreparedImage expected = prepare_da2(image.view(), 84);
    CHECK(std::equal(expected.planes.data(), expected.planes.data() + input.numel(),
                     input.data_ptr<float>()));
  }

  TEST_CASE("any-view: depth, confidence and camera") {
    const GoldenCase golden("da3_micro", "n1_56x84");
    const Prediction prediction = infer("da3_micro", golden);
    check_golden(prediction.depth, golden("depth"), "depth");
    check_golden(prediction.confidence, golden("depth_conf"), "confidence");
    CHECK_FALSE(prediction.sky.defined());
    const ViewInfo& view = prediction.views.at(0);
    CHECK_FALSE(view.metric);
    const at::Tensor k = golden("intrinsics").view({3, 3});
    CHECK(view.intrinsics->fx == doctest::Approx(k[0][0].item<double>()).epsilon(1e-5));
    CHECK(view.intrinsics->fy == doctest::Approx(k[1][1].item<double>()).epsilon(1e-5));
    CHECK(view.intrinsics->cx == 42);
    CHECK(view.intrinsics->cy == 28);
    const at::Tensor pose = golden("extrinsics").view({12});
    for (std::int64_t i = 0; i < 12; ++i) {
      CHECK(view.extrinsics->at(static_cast<std::size_t>(i)) ==
            doctest::Approx(pose[i].item<double>()).epsilon(1e-4));
    }
  }

  TEST_CASE("images of a batch do not see each other") {
    const Checkpoint checkpoint("da3_micro");
    const auto backend = checkpoint.load();
    const at::Tensor pair = GoldenCase("da3_micro", "n2_70x84").images()[0];
    const Prediction both = infer(*backend, pair);
    for (std::int64_t i = 0; i < 2; ++i) {
      check_golden(both.depth[i], infer(*backend, pair.narrow(0, i, 1)).depth, "alone");
    }
    CHECK(both.views.size() == 2);
  }

  TEST_CASE("views of one scene: golden depth, confidence and cameras") {
    const auto backend = Checkpoint("da3_micro").load();
    CHECK(backend->info().multi_view);
    for (const char* name : {"n1_56x84", "n2_70x84", "n4_42x56"}) {
      INFO(name);
      const GoldenCase golden("da3_micro", name);
      const Prediction prediction = infer_views(*backend, golden.images()[0]);
      check_golden(prediction.depth, golden("depth"), "depth");
      check_golden(prediction.confidence, golden("depth_conf"), "confidence");
      check_golden(extrinsics_of(prediction), golden("extrinsics"), "extrinsics");
      const at::Tensor k = golden("intrinsics").view({-1, 3, 3});
      for (std::size_t i = 0; i < prediction.views.size(); ++i) {
        const at::Tensor of_view = k[static_cast<std::int64_t>(i)];
        CHECK(prediction.views[i].intrinsics->fx ==
              doctest::Approx(of_view[0][0].item<double>()).epsilon(1e-4));
        CHECK(prediction.views[i].intrinsics->fy ==
              doctest::Approx(of_view[1][1].item<double>()).epsilon(1e-4));
      }
    }
  }

  TEST_CASE("the reference view of the call is the network's") {
    const auto backend = Checkpoint("da3_micro").load();
    const GoldenCase golden("da3_micro", "n4_42x56");
    const at::Tensor images = golden.images()[0];
    const Batch batch{images, std::vector<std::optional<Intrinsics>>(4)};
    const at::Tensor of_first = backend->infer_views(batch, ReferenceView::first).depth;
    CHECK(test::difference(of_first, golden("depth")) > 1e-3);
    check_golden(backend->infer_views(batch, ReferenceView::middle).depth, golden("depth"), "2");
  }

  TEST_CASE("known cameras: golden depth in their unit, and they come back") {
    const auto backend = Checkpoint("da3_micro").load();
    const GoldenCase golden("da3_micro", "posecond_n2_70x84");
    const at::Tensor told = golden("in_extrinsics")[0].narrow(1, 0, 3).to(at::kDouble);
    // The reference was told poses in units of 0.1, the least that normalising divides by, with the
    // first camera at the origin; a caller's world is another.
    const at::Tensor poses = in_another_world(told, 0.1);
    Batch batch{GoldenCase("da3_micro", "n2_70x84").images()[0], {}};
    for (std::int64_t i = 0; i < 2; ++i) {
      const at::Tensor k = golden("in_intrinsics")[0][i];
      batch.intrinsics.emplace_back(Intrinsics{k[0][0].item<double>(), k[1][1].item<double>(),
                                               k[0][2].item<double>(), k[1][2].item<double>()});
      Extrinsics pose{};
      for (std::int64_t j = 0; j < 12; ++j) {
        pose[static_cast<std::size_t>(j)] = poses[i].flatten()[j].item<double>();
      }
      batch.extrinsics.push_back(pose);
    }
    const Prediction prediction = backend->infer_views(batch, ReferenceView::saddle_balanced);
    CHECK(prediction.views.at(0).extrinsics == batch.extrinsics[0]);
    CHECK(prediction.views.at(1).extrinsics == batch.extrinsics[1]);
    // With two views the scale is that of the base line.
    const at::Tensor predicted = golden("extrinsics")[0].to(at::kDouble);
    const double scale = base_line(predicted) / base_line(poses);
    check_golden(prediction.depth * scale, golden("depth"), "depth");
    check_golden(prediction.confidence, golden("depth_conf"), "confidence");
  }

  TEST_CASE("a view of another shape is cropped around its centre to the grid of all") {
    const Checkpoint checkpoint("da3_micro");
    BackendOptions options;
    options.process_res = 56;
    const auto backend = checkpoint.load(options);
    const Image wide = striped_image(131, 97);   // 56 x 42
    const Image tall = striped_image(200, 300);  // 42 x 56
    const Grid shared{42, 42};
    const auto same = [](const at::Tensor& a, const at::Tensor& b) { return a.equal(b); };
    const at::Tensor of_wide = backend->prepare(wide.view(), backend->grid(131, 97));
    CHECK(same(backend->prepare(wide.view(), shared), of_wide.narrow(2, 7, 42)));
    const at::Tensor of_tall = backend->prepare(tall.view(), backend->grid(200, 300));
    CHECK(same(backend->prepare(tall.view(), shared), of_tall.narrow(1, 7, 42)));
    CHECK(backend->region(131, 97, shared) == ImageRegion{0.125, 0, 0.75, 1});
    CHECK(backend->region(131, 97, {56, 42}) == ImageRegion{});
  }

  TEST_CASE("a cropping resize shows a part of the image") {
    BackendOptions options;
    options.process_res = 56;
    options.resize_method = ResizeMethod::upper_bound_crop;
    const auto backend = Checkpoint("da3_micro").load(options);
    const Grid grid = backend->grid(131, 97);
    CHECK(grid == Grid{56, 28});  // of 56 x 41
    const ImageRegion region = backend->region(131, 97, grid);
    CHECK(region.x == 0);
    CHECK(region.width == 1);
    CHECK(region.y == doctest::Approx(6 / 41.0));
    CHECK(region.height == doctest::Approx(28 / 41.0));
  }

  TEST_CASE("views of several shapes share a grid, a scale and a world") {
    const Checkpoint checkpoint("da3_micro");
    EstimatorOptions options;
    options.process_res = 56;
    auto estimator = DepthEstimator::load(checkpoint.path().string(), options);
    CHECK(estimator.info().multi_view);
    const Image wide = striped_image(131, 97);
    const Image tall = striped_image(200, 300);
    const ImageView views[] = {wide.view(), tall.view(), wide.view()};
    StageTimes times;
    const std::vector<DepthMap> maps = estimator.estimate_views(views, {}, &times);
    REQUIRE(maps.size() == 3);
    CHECK(times[Stage::preprocess] > 0);
    CHECK(times[Stage::infer] > 0);
    for (const DepthMap& map : maps) {
      CHECK(map.width() == 42);
      CHECK(map.height() == 42);
      CHECK(map.info().extrinsics.has_value());
      CHECK(map.info().intrinsics_source == IntrinsicsSource::model);
      CHECK(map.info().region != ImageRegion{});
      CHECK_FALSE(map.is_metric());
    }
    CHECK(maps[1].info().region == ImageRegion{0, 0.125, 1, 0.75});

    // They see each other: alone, the same image has another depth.
    const DepthMap alone = estimator.estimate_views({views, 1}).front();
    CHECK(alone.width() == 56);
    const std::vector<DepthMap> of_first =
        estimator.estimate_views(views, {.reference_view = ReferenceView::first});
    const std::vector<DepthMap> of_middle =
        estimator.estimate_views(views, {.reference_view = ReferenceView::middle});
    CHECK(of_first[0].depth()[0] != of_middle[0].depth()[0]);
  }

  TEST_CASE("the sky threshold decides what is sky") {
    const GoldenCase golden("da3_nested_micro", "apache_n2_42x56");
    const auto share_of_sky = [&](double threshold) {
      BackendOptions options;
      options.sky_threshold = threshold;
      const auto backend = Checkpoint("da3mono_micro").load(options);
      const at::Tensor sky = infer(*backend, golden.images()[0]).sky;
      CHECK(sky.to(at::kFloat).equal((golden("sky")[0] >= threshold).to(at::kFloat)));
      return sky.sum().item<double>();
    };
    CHECK(share_of_sky(0.3) > share_of_sky(0.5));
  }

  TEST_CASE("a metric network beside an any-view one: metres as the reference's") {
    const GoldenCase golden("da3_nested_micro", "apache_n2_42x56");
    const at::Tensor images = golden.images()[0];
    const Prediction any = infer_views(*Checkpoint("da3_micro").load(), images);
    BackendOptions options;
    options.sky_threshold = sky_of_alignment;
    const auto metric = Checkpoint("da3mono_micro").load(options);
    std::vector<Prediction> alone;
    std::vector<TwoDepths> views;
    for (std::int64_t i = 0; i < images.size(0); ++i) {
      alone.push_back(infer(*metric, images.slice(0, i, i + 1),
                            any.views[static_cast<std::size_t>(i)].intrinsics));
    }
    const auto span_of = [](const at::Tensor& plane, auto* data) {
      return std::span(data, static_cast<std::size_t>(plane.numel()));
    };
    const at::Tensor depth = any.depth.contiguous(), confidence = any.confidence.contiguous();
    for (std::int64_t i = 0; i < images.size(0); ++i) {
      const Prediction& own = alone[static_cast<std::size_t>(i)];
      const at::Tensor d = depth[i], c = confidence[i];
      views.push_back({span_of(d, d.data_ptr<float>()), span_of(c, c.data_ptr<float>()),
                       span_of(own.depth, own.depth.data_ptr<float>()),
                       span_of(own.sky, own.sky.data_ptr<std::uint8_t>())});
    }
    const MetricAlignment found = align_to_metres(views);
    CHECK(found.scale ==
          doctest::Approx(golden("scale_factor").item<double>()).epsilon(golden_tolerance));
    CHECK(static_cast<double>(found.pixels) == golden("n_mask").item<double>());
    const at::Tensor sky = at::cat({alone[0].sky, alone[1].sky}).to(at::kBool);
    const at::Tensor in_metres =
        at::where(sky, at::full_like(depth, sky_depth(views, found.scale)), depth * found.scale);
    check_golden(in_metres, golden("depth"), "depth");
    at::Tensor poses = extrinsics_of(any).view({2, 3, 4}).clone();
    poses.select(2, 3).mul_(found.scale);
    check_golden(poses, golden("extrinsics"), "extrinsics");
  }

  TEST_CASE("an estimator with a metric model gives metres") {
    const Checkpoint checkpoint("da3_micro");
    const Checkpoint metric("da3mono_micro");  // its config says that it is a metric one
    EstimatorOptions options;
    options.process_res = 56;
    auto relative = DepthEstimator::load(checkpoint.path().string(), options);
    options.metric_model = metric.path().string();
    auto estimator = DepthEstimator::load(checkpoint.path().string(), options);
    CHECK(estimator.info().metric);
    CHECK(estimator.info().metric_model == metric.load()->info().name);
    CHECK(estimator.info().memory_bytes > relative.info().memory_bytes);
    const Image image = striped_image(131, 97);
    const ImageView views[] = {image.view(), image.view()};
    StageTimes times;
    const auto check = [&](const DepthMap& in_unit, const DepthMap& in_metres) {
      CHECK(in_metres.is_metric());
      CHECK(in_metres.info().metres_source == MetresSource::metric_model);
      CHECK(in_metres.intrinsics() == in_unit.intrinsics());
      double scale = 0;
      for (std::size_t i = 0; i < in_unit.depth().size(); ++i) {
        if (in_metres.sky()[i] != 0) continue;
        const double ratio = in_metres.depth()[i] / in_unit.depth()[i];
        if (scale == 0) scale = ratio;
        CHECK(ratio == doctest::Approx(scale).epsilon(1e-5));
      }
      CHECK((*in_metres.info().extrinsics)[11] ==
            doctest::Approx(scale * (*in_unit.info().extrinsics)[11]).epsilon(1e-5));
    };
    check(relative.estimate(views[0]), estimator.estimate(views[0], &times));
    CHECK(times[Stage::metric] > 0);
    CHECK(times[Stage::infer] > 0);
    const auto in_unit = relative.estimate_views(views);
    const auto in_metres = estimator.estimate_views(views);
    for (const std::size_t i : {0u, 1u}) check(in_unit[i], in_metres[i]);
    const DepthMap again = estimator.estimate_batch(views).at(1);
    check(relative.estimate(views[0]), again);
  }

  TEST_CASE("what cannot be a metric model is named") {
    const Checkpoint any("da3_micro");
    const Checkpoint metric("da3mono_micro");  // its config says that it is a metric one
    EstimatorOptions options;
    const auto loading = [&](const std::string& model, const std::string& beside) {
      options.metric_model = beside;
      return error_of([&] { DepthEstimator::load(model, options); });
    };
    const std::string any_view = any.path().string(), measures = metric.path().string();
    CHECK(contains(loading(any_view, any_view), "the metric model 'da3-custom' gives no metres"));
    CHECK(contains(loading(any_view, "constant"), "does not tell the sky"));
    CHECK(contains(loading(any_view, "builtin"), "the metric model 'builtin' gives no metres"));
    CHECK(contains(loading(measures, measures), "gives metres itself"));
    CHECK(contains(loading(Checkpoint("da2_micro").path().string(), measures),
                   "estimates no camera"));
    CHECK(contains(loading("builtin", measures), "estimates no camera"));
    CHECK(contains(loading(any_view, "none.safetensors"),
                   "not_found load: the metric model: no such file: 'none.safetensors'"));
    options.device = "cuda:7";
    CHECK(contains(loading(any_view, measures), "unavailable"));
  }

  TEST_CASE("known cameras come back in pixels of the grid, and their unit is that of depth") {
    const Checkpoint checkpoint("da3_micro");
    EstimatorOptions options;
    options.process_res = 56;
    options.fov_degrees = 90;  // what is known of each view comes before it
    auto estimator = DepthEstimator::load(checkpoint.path().string(), options);
    const Image first = striped_image(112, 84);
    const Image second = striped_image(56, 42);
    const ImageView views[] = {first.view(), second.view(), first.view()};
    ViewsOptions known;
    known.cameras = {{{100, 90, 56, 42}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}},
                     {{50, 45, 28, 21}, {1, 0, 0, -2, 0, 1, 0, 0, 0, 0, 1, 0}},
                     {{100, 90, 56, 42}, {1, 0, 0, 0, 0, 1, 0, 3, 0, 0, 1, 0}}};
    const std::vector<DepthMap> maps = estimator.estimate_views(views, known);
    for (std::size_t i = 0; i < maps.size(); ++i) {
      CHECK(maps[i].info().intrinsics_source == IntrinsicsSource::options);
      CHECK(maps[i].intrinsics() == Intrinsics{50, 45, 28, 21});
      CHECK(maps[i].info().extrinsics == known.cameras[i].extrinsics);
    }

    // The same scene in millimetres.
    known.cameras[1].extrinsics[3] *= 1000;
    known.cameras[2].extrinsics[7] *= 1000;
    const std::vector<DepthMap> in_millimetres = estimator.estimate_views(views, known);
    CHECK(in_millimetres[1].depth()[100] ==
          doctest::Approx(1000 * maps[1].depth()[100]).epsilon(1e-4));

    known.cameras[2].extrinsics[7] = -5000;
    CHECK(estimator.estimate_views(views, known)[1].depth()[100] !=
          doctest::Approx(in_millimetres[1].depth()[100]).epsilon(1e-4));
  }

  TEST_CASE("a scene that cannot be is refused") {
    const Checkpoint checkpoint("da3_micro");
    EstimatorOptions options;
    options.process_res = 28;
    auto estimator = DepthEstimator::load(checkpoint.path().string(), options);
    const Image image = striped_image(28, 28);
    const ImageView views[] = {image.view(), image.view()};
    const auto error = [&](std::span<const ImageView> scene, const ViewsOptions& known) {
      return error_of([&] { estimator.estimate_views(scene, known); });
    };
    const KnownCamera camera{{20, 20, 14, 14}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
    CHECK(error({}, {}).starts_with("invalid_argument preprocess: a scene without views"));
    CHECK(error(std::vector<ImageView>(2), {}).starts_with("invalid_argument preprocess: image"));
    CHECK(error(views, {.cameras = {camera}})
              .starts_with("invalid_argument preprocess: 1 cameras are known of 2 views"));
    CHECK(error(views, {.cameras = {camera, {{}, camera.extrinsics}}})
              .starts_with("invalid_argument preprocess: the intrinsics of a view"));
    CHECK(error(views, {.cameras = {camera, {camera.intrinsics, {}}}})
              .starts_with("invalid_argument preprocess: extrinsics"));
    CHECK(error(views, {.cameras = {camera, camera}}) == "nothing");  // both at one place
    auto constant = DepthEstimator::load("constant");
    CHECK_FALSE(constant.info().multi_view);
    CHECK(error_of([&] {
            constant.estimate_views(views);
          }).starts_with("unsupported infer: constant sees one view at a time"));
  }

  TEST_CASE("networks of one view refuse several") {
    for (const char* name : {"da3mono_micro", "da2_micro"}) {
      const auto backend = Checkpoint(name).load();
      CHECK_FALSE(backend->info().multi_view);
      CHECK(error_of([&] {
              infer_views(*backend, at::zeros({2, 3, 56, 84}));
            }).starts_with("unsupported infer: "));
    }
  }

  TEST_CASE("metric with a known focal length is in metres, else raw") {
    const GoldenCase golden("da3mono_micro", "n1_84x112");
    const Checkpoint checkpoint("da3mono_micro");
    const auto backend = checkpoint.load();
    CHECK(backend->info().metric);
    const Prediction raw = infer(*backend, golden.images()[0]);
    check_golden(raw.depth, golden("depth"), "raw");
    CHECK_FALSE(raw.views.at(0).metric);
    const at::Tensor k = golden("metric_intrinsics").view({3, 3});
    const Intrinsics known{k[0][0].item<double>(), k[1][1].item<double>(), 56, 42};
    const Prediction metres = infer(*backend, golden.images()[0], known);
    check_golden(metres.depth, golden("metric_depth"), "metres");
    CHECK(metres.views.at(0).metric);
  }

  TEST_CASE("sky is a mask of zeros and ones") {
    const GoldenCase golden("da3mono_micro", "n1_56x84");
    const Prediction prediction = infer("da3mono_micro", golden);
    CHECK((prediction.sky.scalar_type() == at::kByte));
    CHECK(prediction.sky.equal((golden("sky")[0] >= 0.5).to(at::kByte)));
  }

  TEST_CASE("V2: relative depth is the inverse of what the network says, zero is no depth") {
    const GoldenCase golden("da2_micro", "n1_56x84");
    const at::Tensor inverse = golden("depth");
    const at::Tensor depth = infer("da2_micro", golden).depth;
    check_golden(depth.reciprocal(), inverse, "inverse");
    CHECK(depth.isinf().equal(inverse == 0));
  }

  TEST_CASE("V2: metric depth is in metres whatever the camera") {
    const GoldenCase golden("da2metric_micro", "n1_56x84");
    const Prediction prediction = infer("da2metric_micro", golden);
    check_golden(prediction.depth, golden("depth"), "metres");
    CHECK(prediction.views.at(0).metric);
  }
}

}  // namespace depthcloud
