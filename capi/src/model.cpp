// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

namespace {

/// The images of an array; what had to be converted lives in `pixels`.
std::vector<ImageView> views_of(const dcl_image_view* const* array, std::size_t count,
                                const char* name, const char* name_of_one,
                                std::deque<Pixels>& pixels) {
  std::vector<ImageView> views;
  for (const dcl_image_view* image : pointers(array, count, name)) {
    views.push_back(pixels.emplace_back(object(image, name_of_one)).view());
  }
  return views;
}

/// The depth of an argument as floats: the program's own, or a copy of its integers.
class FloatDepth {
 public:
  explicit FloatDepth(const dcl_depth_view& depth) {
    const auto given = to_cpp(depth);
    if (const auto* steps = std::get_if<DepthView16>(&given)) {
      copy_ = to_depth_map(*steps);
      view_ = std::as_const(copy_).view();
    } else {
      view_ = std::get<DepthView>(given);
    }
  }
  FloatDepth(const FloatDepth&) = delete;
  FloatDepth& operator=(const FloatDepth&) = delete;

  const DepthView& view() const { return view_; }

 private:
  DepthMap copy_;
  DepthView view_;
};

/// Gives the caller a handle for each map, or none.
void hand_over(std::vector<DepthMap> maps, dcl_depth_map** depths) {
  std::vector<std::unique_ptr<dcl_depth_map>> handles;
  handles.reserve(maps.size());
  for (DepthMap& map : maps) handles.push_back(std::make_unique<dcl_depth_map>(std::move(map)));
  for (std::size_t i = 0; i < handles.size(); ++i) depths[i] = handles[i].release();
}

}  // namespace

dcl_status dcl_model_load(uint32_t abi, const char* source, const dcl_model_options* options,
                          dcl_model** model, dcl_error* err) {
  return guard(err, [&] {
    check_abi(abi);
    dcl_model*& out = object(model, "model");
    std::stop_source stop;
    EstimatorOptions cpp = to_cpp(options);
    cpp.stop = stop.get_token();
    out = new dcl_model(DepthEstimator::load(&object(source, "source"), cpp), std::move(stop));
  });
}

dcl_status dcl_model_get_info(const dcl_model* model, dcl_model_info* info, dcl_error* err) {
  return guard(err, [&] {
    const dcl_model& loaded = object(model, "model");
    const ModelInfo& cpp = loaded.estimator->info();
    constexpr float not_known = std::numeric_limits<float>::quiet_NaN();
    const ConfidenceRange confidence =
        cpp.confidence.value_or(ConfidenceRange{not_known, not_known});
    write(writable(info, "dcl_model_info"), {sizeof(dcl_model_info),
                                             static_cast<int32_t>(cpp.precision),
                                             cpp.name.c_str(),
                                             cpp.backend.c_str(),
                                             loaded.device.c_str(),
                                             cpp.license.c_str(),
                                             cpp.parameters,
                                             cpp.process_res,
                                             cpp.metric ? 1 : 0,
                                             cpp.multi_view ? 1 : 0,
                                             0,
                                             cpp.architecture.c_str(),
                                             cpp.input.c_str(),
                                             cpp.memory_bytes,
                                             confidence.low,
                                             confidence.high,
                                             static_cast<float>(cpp.edge_threshold),
                                             cpp.sky ? 1 : 0,
                                             cpp.metric_model.c_str(),
                                             cpp.tokens,
                                             cpp.normals ? 1 : 0});
  });
}

dcl_status dcl_model_warm_up(dcl_model* model, int32_t width, int32_t height, dcl_error* err) {
  return guard(err, [&] { object(model, "model").estimator->warm_up(width, height); });
}

dcl_status dcl_model_cancel(dcl_model* model, dcl_error* err) {
  return guard(err, [&] { object(model, "model").stop.request_stop(); });
}

dcl_status dcl_model_estimate(dcl_model* model, const dcl_image_view* image, dcl_depth_map** depth,
                              dcl_error* err) {
  return guard(err, [&] {
    DepthEstimator& estimator = *object(model, "model").estimator;
    dcl_depth_map*& out = object(depth, "depth");
    out = new dcl_depth_map(estimator.estimate(Pixels(object(image, "image")).view()));
  });
}

dcl_status dcl_model_estimate_batch(dcl_model* model, const dcl_image_view* const* images,
                                    size_t count, dcl_depth_map** depths, dcl_error* err) {
  return guard(err, [&] {
    DepthEstimator& estimator = *object(model, "model").estimator;
    object(depths, "depths");
    std::deque<Pixels> pixels;
    hand_over(estimator.estimate_batch(views_of(images, count, "images", "image", pixels)), depths);
  });
}

dcl_status dcl_model_estimate_views(dcl_model* model, const dcl_image_view* const* views,
                                    size_t count, const dcl_views_options* options,
                                    dcl_depth_map** depths, dcl_error* err) {
  return guard(err, [&] {
    DepthEstimator& estimator = *object(model, "model").estimator;
    object(depths, "depths");
    std::deque<Pixels> pixels;
    const std::vector<ImageView> images = views_of(views, count, "views", "view", pixels);
    hand_over(estimator.estimate_views(images, to_cpp(options, count)), depths);
  });
}

dcl_status dcl_depth_map_get_view(const dcl_depth_map* map, dcl_depth_view* depth, dcl_error* err) {
  return guard(err, [&] {
    const DepthMap& host = object(map, "map").host();
    write(writable(depth, "dcl_depth_view"), to_c(host));
  });
}

dcl_status dcl_depth_map_resize(const dcl_depth_map* map, int32_t width, int32_t height,
                                dcl_depth_map** resized, dcl_error* err) {
  return guard(err, [&] {
    const dcl_depth_map& from = object(map, "map");
    dcl_depth_map*& out = object(resized, "resized");
    out = new dcl_depth_map(from.host().resized(width, height));
  });
}

dcl_status dcl_depth_align(const dcl_depth_view* depth, const dcl_alignment_target* target,
                           dcl_depth_map** aligned, dcl_error* err) {
  return guard(err, [&] {
    dcl_depth_map*& out = object(aligned, "aligned");
    const AlignmentTarget onto = to_cpp(object(target, "target"));
    out = std::visit([&](const auto& view) { return new dcl_depth_map(align_depth(view, onto)); },
                     to_cpp(object(depth, "depth")));
  });
}

dcl_status dcl_depth_fit_scale(const dcl_depth_view* depth, const double* known, size_t count,
                               const dcl_scale_options* options, dcl_scale_fit* fit,
                               dcl_error* err) {
  return guard(err, [&] {
    dcl_scale_fit& out = writable(fit, "dcl_scale_fit");
    const FloatDepth of(object(depth, "depth"));
    std::vector<KnownDepth> points;
    for (size_t i = 0; i < count; ++i) {
      const double* const point = &object(known, "known") + 3 * i;
      points.push_back({point[0], point[1], point[2]});
    }
    write(out, to_c(fit_scale(of.view(), points, to_cpp(options))));
  });
}

dcl_status dcl_depth_fit_scale_image(const dcl_depth_view* depth, const dcl_depth_view* known,
                                     const dcl_scale_options* options, dcl_scale_fit* fit,
                                     dcl_error* err) {
  return guard(err, [&] {
    dcl_scale_fit& out = writable(fit, "dcl_scale_fit");
    const FloatDepth of(object(depth, "depth"));
    const FloatDepth image(object(known, "known"));
    write(out, to_c(fit_scale(of.view(), image.view(), to_cpp(options))));
  });
}

dcl_status dcl_depth_map_apply_scale(const dcl_depth_map* map, const dcl_scale_fit* fit,
                                     dcl_depth_map** scaled, dcl_error* err) {
  return guard(err, [&] {
    const dcl_depth_map& from = object(map, "map");
    dcl_depth_map*& out = object(scaled, "scaled");
    out = new dcl_depth_map(apply_scale(from.host(), to_cpp(object(fit, "fit"))));
  });
}

void dcl_depth_map_free(dcl_depth_map* map) { delete map; }

void dcl_model_free(dcl_model* model) { delete model; }
