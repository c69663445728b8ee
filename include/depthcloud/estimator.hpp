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

#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Number format of weights and activations. Post-processing is always f32. `int8` is for Depth
/// Anything on the CPU: the linear layers of its backbone multiply in 8 bits, with a scale for each
/// output and each token; attention multiplies in bf16 where the processor can, else in f32, and
/// all else is f32. While such a model loads, LibTorch's quantised engine is oneDNN: no other
/// thread should use another then. `automatic` is a choice and not a format: of those whose depth
/// differs from that of f32 by at most 0.6 % on average with a correlation of at least 0.9999
/// (docs/models.md), the one in which a block of this network is quickest on this device.
enum class Precision { f32, bf16, f16, int8, automatic };

/// "f32", "bf16", "f16", "int8" or "auto".
const char* to_string(Precision precision) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
Precision parse_precision(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> precision_names() noexcept;

/// How Depth Anything 3 brings a photo to its grid. `upper_bound`: the longer side becomes
/// process_res; `lower_bound`: the shorter one. Then both sides become multiples of 14: by one more
/// `resize` to the nearest, or by a `crop` of up to 13 pixels around the centre.
enum class ResizeMethod {
  upper_bound_resize,
  upper_bound_crop,
  lower_bound_resize,
  lower_bound_crop
};

/// "upper_bound_resize", "upper_bound_crop", "lower_bound_resize" or "lower_bound_crop".
const char* to_string(ResizeMethod method) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
ResizeMethod parse_resize_method(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> resize_method_names() noexcept;

/// Which view of a scene a multi-view network takes as the first, which the others are seen from,
/// where there are three or more and their cameras are not known.
enum class ReferenceView {
  saddle_balanced,   ///< the least extreme of all by likeness, magnitude and spread of its token
  saddle_sim_range,  ///< the one whose likeness to the others varies most
  first,             ///< the first of the call
  middle,            ///< the one in the middle of the call
};

/// "saddle_balanced", "saddle_sim_range", "first" or "middle".
const char* to_string(ReferenceView view) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
ReferenceView parse_reference_view(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> reference_view_names() noexcept;

/// A camera that is known before the network runs.
struct KnownCamera {
  Intrinsics intrinsics{};  ///< in pixels of the upright photo
  Extrinsics extrinsics{};  ///< world to camera, `opencv` axes, in any unit
};

struct ViewsOptions {
  ReferenceView reference_view = ReferenceView::saddle_balanced;
  /// One for each view, in their order, or none. They steer the network, come back in the depth
  /// maps in place of its own, and give depth their unit.
  std::vector<KnownCamera> cameras{};
};

struct EstimatorOptions {
  /// "auto" (CUDA, else MPS, else the CPU), "cpu", "cuda", "cuda:N", "mps".
  std::string device = "auto";
  /// `automatic` takes up to 200 ms to measure, once a process for each kind of block; networks
  /// other than Depth Anything then take f32.
  Precision precision = Precision::f32;
  int process_res = 0;  ///< longer side of the network's grid, pixels; 0: the model's own
  /// Depth Anything 3 only; the other networks have one way and ignore it.
  ResizeMethod resize_method = ResizeMethod::upper_bound_resize;
  /// Threads of CPU arithmetic, which LibTorch holds process-wide; 0: left alone if the process has
  /// set them, else all cores (LibTorch on Debian starts with one).
  int threads = 0;
  /// Of the photo, in its upright pixels; takes precedence over all other sources.
  std::optional<Intrinsics> intrinsics{};
  /// Horizontal field of view, degrees; the same standing as `intrinsics`, which it must not join.
  std::optional<double> fov_degrees{};
  /// Requesting a stop ends the pass that runs, between two of its blocks or views, and every later
  /// call with Error{cancelled}. A TorchScript module ends between passes only.
  std::stop_token stop{};
};

/// What was loaded.
struct ModelInfo {
  std::string name;             ///< for instance "builtin"
  std::string backend;          ///< which backend runs it
  std::string architecture;     ///< what was recognised, in words; empty: not known
  std::int64_t parameters = 0;  ///< 0: not known (TorchScript may hide them)
  /// Of the weights that it computes with, in its precision; 0: not known. What stays in the mapped
  /// file is shared with other processes.
  std::int64_t memory_bytes = 0;
  int process_res = 0;  ///< longer side of its grid, pixels
  std::string input;    ///< what it expects, in words; empty: any photo
  Device device{};
  Precision precision = Precision::f32;  ///< what it computes in, never `automatic`
  bool metric = false;         ///< its depth is in metres, for some once the focal length is known
  bool multi_view = false;     ///< estimate_views() works
  bool scaled_decode = false;  ///< trained for photos that were decoded at a reduced scale
  std::string license;         ///< of the weights; empty: not known
};

/// Monocular depth from one network on one device. Sources:
/// - "builtin": the small network that is linked into the library; relative depth, confidence.
/// - "constant[:METRES[,DELAY_MS]]": a plane at a known distance after a known time, for tests.
/// - a directory with model.safetensors (and config.json), or a FILE.safetensors: a published Depth
///   Anything 3 or V2 checkpoint, recognised by its config or its tensors.
/// - "FILE.pt": a TorchScript module. A TorchScript file is executable code: load trusted files
///   only. See docs/models.md for the inputs and outputs that it must have.
/// Thread-safety: share freely; estimates on one estimator run one after the other.
class DepthEstimator {
 public:
  /// The first network opens the shared object libdepthcloud_torch and with it LibTorch, unless the
  /// networks are linked in. Errors (stage load): not_found, unsupported (no model is read from
  /// this source), bad_model, unavailable (there are no networks, or not this device, or it cannot
  /// compute in this precision), invalid_argument (an option out of range).
  static DepthEstimator load(const std::string& source, const EstimatorOptions& options = {});

  ~DepthEstimator();
  DepthEstimator(DepthEstimator&&) noexcept;
  DepthEstimator& operator=(DepthEstimator&&) noexcept;

  /// Runs the network on an image of this size until it is at full speed (TorchScript compiles
  /// while it runs), so that the first frame is not the slow one.
  void warm_up(int width, int height);

  /// The size of the depth map that an image of this size gives.
  struct Grid {
    int width = 0;
    int height = 0;
    bool operator==(const Grid&) const = default;
  };
  Grid grid(int width, int height) const;

  /// Depth of one image, on the estimator's device. `stage_times`, if given, receives preprocess
  /// and infer. Errors: invalid_argument, out_of_memory, bad_model (outputs break the contract),
  /// cancelled.
  DepthMap estimate(const ImageView& image, StageTimes* stage_times = nullptr);

  /// Depth of several images in as few network passes as their grids allow: those that share a grid
  /// share a pass. Results in the order of the images. All or nothing. `stage_times` as above, of
  /// all images together.
  std::vector<DepthMap> estimate_batch(std::span<const ImageView> images,
                                       StageTimes* stage_times = nullptr);

  /// Depth of several views of one scene in one pass of a multi-view network: one scale for all,
  /// extrinsics in one world frame. The frame is the network's own or, with known cameras, theirs;
  /// their unit is then found by aligning the network's camera centres to theirs (Umeyama 1991;
  /// with outliers left out from ten views on). Images of several grids share the smallest width
  /// and height: each is cropped around its centre, see DepthInfo::region. Results in the order of
  /// the views. Errors: as estimate(), unsupported (see ModelInfo::multi_view), invalid_argument
  /// (no view, cameras that are not one a view, see validate_extrinsics()).
  std::vector<DepthMap> estimate_views(std::span<const ImageView> views,
                                       const ViewsOptions& options = {},
                                       StageTimes* stage_times = nullptr);

  const ModelInfo& info() const noexcept;

 private:
  struct Impl;
  explicit DepthEstimator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
