// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/depth_source.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Number format of weights and activations. Post-processing is always f32. `int8` is for Depth
/// Anything and MoGe on the CPU: the linear layers of the backbone are computed in 8 bits, a scale
/// for each output and each token; the products of attention in bf16 if the processor supports it,
/// else in f32; everything else in f32. While such a model loads, LibTorch's quantised engine is
/// set to oneDNN, so no other thread should use another engine then. `automatic` is not a format:
/// it selects, among the precisions whose depth differs from that of f32 by at most 0.6 % on
/// average with a correlation of at least 0.9999 (docs/models.md), the one in which a block of the
/// network is fastest on the device.
enum class Precision { f32, bf16, f16, int8, automatic };

/// Returns "f32", "bf16", "f16", "int8" or "auto".
const char* to_string(Precision precision) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument} for any other text.
Precision parse_precision(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> precision_names() noexcept;

/// How Depth Anything 3 scales a photo to its grid. With `upper_bound`, the longer side becomes
/// process_res; with `lower_bound`, the shorter side. Then both sides become multiples of 14: with
/// `resize` by another resize to the nearest multiple, with `crop` by removing up to 13 pixels
/// around the centre.
enum class ResizeMethod {
  upper_bound_resize,
  upper_bound_crop,
  lower_bound_resize,
  lower_bound_crop
};

/// Returns "upper_bound_resize", "upper_bound_crop", "lower_bound_resize" or "lower_bound_crop".
const char* to_string(ResizeMethod method) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument} for any other text.
ResizeMethod parse_resize_method(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> resize_method_names() noexcept;

/// How a multi-view network chooses its reference view, if there are three or more views and their
/// cameras are not known. The network computes the other views relative to it.
enum class ReferenceView {
  saddle_balanced,   ///< the view whose token is least extreme in similarity, magnitude and spread
  saddle_sim_range,  ///< the view whose similarity to the others varies most
  first,             ///< the first view of the call
  middle,            ///< the middle view of the call
};

/// Returns "saddle_balanced", "saddle_sim_range", "first" or "middle".
const char* to_string(ReferenceView view) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument} for any other text.
ReferenceView parse_reference_view(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> reference_view_names() noexcept;

/// A camera that is known before the network runs.
struct KnownCamera {
  Intrinsics intrinsics{};  ///< in pixels of the upright photo
  Extrinsics extrinsics{};  ///< world to camera, `opencv` axes, in any unit
};

struct ViewsOptions {
  ReferenceView reference_view = ReferenceView::saddle_balanced;
  /// One for each view, in the same order, or empty. Known cameras are an input of the network; the
  /// depth maps contain them instead of its estimates, and depth is in their unit.
  std::vector<KnownCamera> cameras{};
};

struct EstimatorOptions {
  /// "auto" (CUDA, else MPS, else the CPU), "cpu", "cuda", "cuda:N", "mps".
  std::string device = "auto";
  /// `automatic` measures for up to 200 ms, once per process for each kind of block. For networks
  /// other than Depth Anything and MoGe it means f32.
  Precision precision = Precision::f32;
  int process_res = 0;  ///< longer side of the network's grid, pixels; 0: the model's own
  /// MoGe only: patches of 14 pixels that the network sees of an image of any size, at most 40000;
  /// 0: what the resolution level says. At most one of `tokens`, `resolution_level` and
  /// `process_res` may be given.
  int tokens = 0;
  /// MoGe only: 0 (1200 tokens in the published models) to 9 (3600). Not set: 0 on the CPU, 9 on
  /// other devices.
  std::optional<int> resolution_level{};
  /// Computes normals too, if the model can (ModelInfo::normals); see DepthMap::normals().
  bool normals = false;
  /// Depth Anything 3 only; other networks ignore it.
  ResizeMethod resize_method = ResizeMethod::upper_bound_resize;
  /// Threads of CPU arithmetic; LibTorch has one number for the whole process. 0: unchanged if the
  /// process has set it, else all cores (LibTorch on Debian starts with one thread).
  int threads = 0;
  /// In pixels of the upright photo; takes precedence over all other sources.
  std::optional<Intrinsics> intrinsics{};
  /// Horizontal field of view, degrees; an alternative to `intrinsics`. At most one may be set.
  std::optional<double> fov_degrees{};
  /// Requesting a stop ends the pass that runs, between two of its blocks or views, and every later
  /// call with Error{cancelled}. A TorchScript module ends between passes only.
  std::stop_token stop{};
  /// Depth Anything 3 mono and metric: the value of their sky map from which a pixel is sky in
  /// DepthMap::sky(). 0.5 is the publisher's; its depth counts as that of the ground below 0.3.
  double sky_threshold = 0.5;
  /// A second network that gives metres and sees the sky, such as Depth Anything 3 metric, beside a
  /// multi-view one, such as Depth Anything 3 small: depth and the translation of poses become
  /// metres by one scale for all views of a call, fitted as Depth Anything 3 nested does it (Lin et
  /// al. 2025): least squares over the pixels of at least median confidence that are not sky.
  /// What is sky gets the 99th percentile of depth, of at most 200 m, and confidence 1. Runs on
  /// the same device, in the same precision and process_res; its time is Stage::metric. A source
  /// as that of DepthEstimator; empty: none. A frame in which no scale can be found, for instance
  /// of the sky alone, keeps its unit; DepthMap::is_metric() is false then, and the log says why.
  std::string metric_model{};
  /// Of the frames of a camera that follow each other in estimate(), every one (1) or every n-th
  /// goes through the metric network. Each pass has a unit of its own; a frame between gets its
  /// scale from the one before, by the median ratio of their depths, where both pictures agree and
  /// four fifths of the ratios do, within a tenth; else it goes through the metric network, too.
  /// Such a frame has no sky. Up to eight cameras are told apart by what they see. 1 to 1000;
  /// estimate_views() runs the metric network on every view.
  int metric_interval = 1;
};

/// The values between which a model's confidence lies; equal if the model gives none.
struct ConfidenceRange {
  float low = 1;
  float high = 1;  ///< may be infinite
};

/// Properties of a loaded model.
struct ModelInfo {
  std::string name;             ///< for instance "builtin"
  std::string backend;          ///< the backend that runs it
  std::string architecture;     ///< description of the recognised network; empty: not known
  std::int64_t parameters = 0;  ///< 0: not known (TorchScript may hide them)
  /// Memory of the weights in the precision in use; 0: not known. Weights that stay in the mapped
  /// file are shared with other processes.
  std::int64_t memory_bytes = 0;
  int process_res = 0;  ///< longer side of its grid, pixels; 0: see `tokens`
  int tokens = 0;       ///< patches that it sees of any image; 0: it goes by process_res
  std::string input;    ///< description of the expected input; empty: any photo
  Device device{};
  Precision precision = Precision::f32;  ///< the precision in use, never `automatic`
  bool metric = false;         ///< depth is in metres; some models need the focal length for it
  bool multi_view = false;     ///< estimate_views() is supported
  bool sky = false;            ///< DepthMap::sky() is given; false: it is not, or not known
  bool normals = false;        ///< it can compute normals
  bool scaled_decode = false;  ///< trained for photos that were decoded at a reduced scale
  /// Of the values of DepthMap::confidence(). Not set: not known (TorchScript).
  std::optional<ConfidenceRange> confidence = ConfidenceRange{};
  /// A CloudOptions::edge_threshold that suits the model: it removes points between near and far
  /// surfaces, and hardly any others.
  double edge_threshold = 0.1;
  std::string license;         ///< of the weights; empty: not known
  std::string metric_model{};  ///< the name of EstimatorOptions::metric_model; empty: none
};

/// Estimates depth with one model on one device. Sources:
/// - "builtin": the small network that is linked into the library; relative depth, confidence.
/// - "constant[:METRES[,DELAY_MS]]": a plane at a known distance after a known time, for tests.
/// - a directory with model.safetensors (and config.json) or model.pt, or a FILE.safetensors: a
///   published checkpoint of Depth Anything 3 or V2 or of MoGe-2, recognised by its config or its
///   tensors; or the name of a published_models() entry that fetch_model() has downloaded, where no
///   file has that name.
/// - "FILE.pt": a TorchScript module, which is code: load trusted files only. docs/models.md
///   specifies its inputs and outputs.
/// Inputs are read only during a call. As a DepthSource it feeds a StreamHub. Thread-safe;
/// estimates on one estimator run one after the other.
class DepthEstimator : public DepthSource {
 public:
  /// Loads a model. Unless the networks are linked in, the first network loads the shared object
  /// libdepthcloud_torch and with it LibTorch. Throws Error{code, stage load}: not_found,
  /// unsupported (no kind of model has this source), bad_model, unavailable (the networks or the
  /// device are missing, or the device does not support the precision), invalid_argument (an option
  /// is out of range).
  static DepthEstimator load(const std::string& source, const EstimatorOptions& options = {});

  ~DepthEstimator() override;
  DepthEstimator(DepthEstimator&&) noexcept;
  DepthEstimator& operator=(DepthEstimator&&) noexcept;

  /// Runs the network on an image of this size, in pixels, until it has reached full speed
  /// (TorchScript compiles during the first runs), so that the first frame is not slow.
  void warm_up(int width, int height);

  /// The size of a depth map, pixels.
  struct Grid {
    int width = 0;
    int height = 0;
    bool operator==(const Grid&) const = default;
  };
  /// Returns the size of the depth map of an image of this size.
  Grid grid(int width, int height) const;

  /// Depth of one image, on the estimator's device. `stage_times`, if given, receives preprocess
  /// and infer. Errors: invalid_argument, out_of_memory, bad_model (outputs break the contract),
  /// cancelled.
  DepthMap estimate(const ImageView& image, StageTimes* stage_times = nullptr);

  /// Returns the depth of several independent images, in their order. Images with the same grid
  /// share a pass. Throws as estimate() if one fails; there are no partial results. `stage_times`
  /// is the time of all images together.
  std::vector<DepthMap> estimate_batch(std::span<const ImageView> images,
                                       StageTimes* stage_times = nullptr);

  /// Returns the depth of several views of one scene, in their order, from one pass of a multi-view
  /// network. All maps have one scale, and their extrinsics one world frame: the frame of the
  /// network or, with known cameras, the frame of the cameras. Depth is then in the unit of the
  /// known cameras; the scale is found by aligning the network's camera centres with theirs
  /// (Umeyama 1991; with ten or more views, outliers are excluded). If the grids differ, each image
  /// is cropped around its centre to the smallest width and height, see DepthInfo::region. Throws
  /// as estimate(); Error{unsupported} if the model is not multi-view (ModelInfo::multi_view);
  /// Error{invalid_argument} if there are no views, the number of cameras differs from that of the
  /// views, a camera is not valid, see validate_extrinsics(), or cameras are known and there is a
  /// metric model, which both set the unit.
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       const ViewsOptions& options = {},
                                       StageTimes* stage_times = nullptr);

  /// Returns the pixels of a photo, as this network wants them: with alpha where the photo has it,
  /// and if the network is trained for it (ModelInfo::scaled_decode) or `fast_decode` is set, of a
  /// JPEG that is much larger than its grid at a reduced scale. `min_width` and `min_height` of the
  /// options are ignored. Throws as PhotoReader.
  DecodedFrame decode(std::span<const std::uint8_t> encoded, const DecodeOptions& options,
                      bool fast_decode = false) const;

  /// The functions of a DepthSource: decode() with the default options; estimate_batch(); and
  /// estimate_views(), or estimate_batch() if the model is not multi-view.
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override;
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       StageTimes& times) override;

  const ModelInfo& info() const noexcept;

 private:
  struct Impl;
  explicit DepthEstimator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
