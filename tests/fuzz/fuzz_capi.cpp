// SPDX-License-Identifier: Apache-2.0
// Argument soup: the bytes choose calls of the C API and fill their structs. What a caller must get
// right (that a pointer and its size fit together) is right; all else may be wrong. Nothing may
// crash, and an error leaves every out-parameter alone.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include <depthcloud/depthcloud.h>

namespace {

class Soup {
 public:
  explicit Soup(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }
  std::span<const std::uint8_t> take(std::size_t size) {
    const auto taken = bytes_.first(std::min(size, bytes_.size()));
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  template <typename T>
  T value() {
    T result{};
    const auto taken = take(sizeof(T));
    if (!taken.empty()) std::memcpy(&result, taken.data(), taken.size());
    return result;
  }
  int below(int limit) { return value<std::uint8_t>() % limit; }
  /// Small, and now and then negative.
  int length() { return below(18) - 1; }
  /// The pointer, or NULL now and then.
  template <typename T>
  T* maybe(T* pointer) {
    return below(8) == 0 ? nullptr : pointer;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// A struct of arbitrary bytes with room for the largest struct_size that the library believes.
template <typename T>
class Struct {
 public:
  explicit Struct(Soup& soup) {
    const auto bytes = soup.take(sizeof(T));
    if (!bytes.empty()) std::memcpy(memory_.data(), bytes.data(), bytes.size());
    switch (soup.below(6)) {
      case 0:
        break;  // whatever it says
      case 1:
        get()->struct_size = sizeof(T) + 8;
        break;
      default:
        get()->struct_size = sizeof(T);
    }
  }
  T* get() { return reinterpret_cast<T*>(memory_.data()); }
  T* operator->() { return get(); }

 private:
  alignas(16) std::array<unsigned char, 4200> memory_{};
};

constexpr int largest = 16;
std::array<std::uint8_t, 2 * 128 * largest> pixels;  // NV12 has its second plane behind the first
std::array<float, largest * largest> plane;
std::array<std::uint16_t, largest * largest> steps;
std::array<float, 3 * 32> positions;

Struct<dcl_image_view> image(Soup& soup) {
  Struct<dcl_image_view> image(soup);
  image->data = soup.maybe(pixels.data());
  image->width = soup.length();
  image->height = soup.length();
  image->stride = soup.below(130) - 1;
  image->format %= 9;  // of which two do not exist
  image->chroma = soup.maybe(pixels.data());
  image->chroma_stride = soup.below(130) - 1;
  return image;
}

Struct<dcl_depth_view> depth(Soup& soup) {
  Struct<dcl_depth_view> depth(soup);
  depth->depth = soup.maybe(plane.data());
  depth->depth16 = soup.below(3) == 0 ? steps.data() : nullptr;
  depth->confidence = soup.maybe(plane.data());
  depth->sky = nullptr;
  depth->width = soup.length();
  depth->height = soup.length();
  return depth;
}

Struct<dcl_cloud_view> view(Soup& soup) {
  Struct<dcl_cloud_view> view(soup);
  view->positions = soup.maybe(positions.data());
  view->colors = soup.maybe(pixels.data());
  view->size = soup.below(6) == 0 ? SIZE_MAX / 12 + soup.value<std::uint8_t>() : soup.below(33);
  return view;
}

void require(bool holds) {
  if (!holds) std::abort();
}

std::int32_t ignore(dcl_frame* frame, void*) {
  dcl_frame_free(frame);
  return 0;
}

void release(void*, void*) {}

/// What the calls of one input work on.
class Program {
 public:
  explicit Program(Soup& soup) : soup_(soup) {
    const dcl_status status =
        dcl_model_load(DCL_ABI_VERSION, "constant:2", nullptr, &model_, &err_);
    require(status == DCL_OK);
  }
  ~Program() {
    dcl_stream_free(stream_);
    dcl_video_source_free(video_);
    dcl_packet_free(packet_);
    dcl_cloud_free(cloud_);
    dcl_cloud_builder_free(builder_);
    dcl_frame_free(frame_);
    dcl_pipeline_free(pipeline_);
    dcl_ticket_free(ticket_);
    dcl_gate_free(gate_);
    dcl_latency_free(latency_);
    dcl_depth_map_free(map_);
    dcl_photo_free(photo_);
    dcl_model_free(model_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void call() {
    static constexpr void (Program::*calls[])() = {
        &Program::open,   &Program::make_pipeline, &Program::process,  &Program::process_image,
        &Program::ask,    &Program::make_builder,  &Program::build,    &Program::merge,
        &Program::pack,   &Program::unpack,        &Program::gate,     &Program::offer,
        &Program::stream, &Program::latency,       &Program::estimate, &Program::video};
    (this->*calls[soup_.below(static_cast<int>(std::size(calls)))])();
  }

 private:
  /// Calls with a fresh out-parameter; it becomes `kept` when the call succeeds.
  template <typename T, typename Call>
  void make(T*& kept, void (*free)(T*), Call&& call) {
    T* out = nullptr;
    const dcl_status status = call(&out);
    require((status < 0 || status == DCL_EMPTY) == (out == nullptr));
    if (out == nullptr) return;
    free(kept);
    kept = out;
  }

  void open() {
    Struct<dcl_model_options> options(soup_);
    options->device = soup_.maybe("cpu");
    dcl_model* out = nullptr;
    const auto abi = soup_.below(3) == 0 ? soup_.value<std::uint32_t>() : DCL_ABI_VERSION;
    dcl_model_load(abi, soup_.maybe("constant:1"), options.get(), &out, &err_);
    dcl_model_free(out);
  }

  void make_pipeline() {
    Struct<dcl_pipeline_options> options(soup_);
    Struct<dcl_cloud_options> cloud(soup_);
    Struct<dcl_wire_format> wire(soup_);
    options->cloud = soup_.maybe(cloud.get());
    options->wire = soup_.maybe(wire.get());
    make(pipeline_, dcl_pipeline_free, [&](dcl_pipeline** out) {
      return dcl_pipeline_create(soup_.maybe(model_), soup_.maybe(options.get()), out, &err_);
    });
    dcl_pipeline_set_cloud_options(pipeline_, soup_.maybe(cloud.get()), &err_);
    dcl_pipeline_set_wire_format(pipeline_, soup_.maybe(wire.get()), &err_);
  }

  void process() {
    Struct<dcl_tag> tag(soup_);
    const auto bytes = soup_.take(soup_.value<std::uint8_t>() * 4);
    make(frame_, dcl_frame_free, [&](dcl_frame** out) {
      return dcl_pipeline_process(pipeline_, bytes.data(), bytes.size(), soup_.maybe(tag.get()),
                                  out, &err_);
    });
  }

  void process_image() {
    auto of = image(soup_);
    make(frame_, dcl_frame_free, [&](dcl_frame** out) {
      return dcl_pipeline_process_image(pipeline_, of.get(), nullptr, out, soup_.maybe(&err_));
    });
  }

  void ask() {
    Struct<dcl_cloud_view> cloud(soup_);
    Struct<dcl_depth_view> of(soup_);
    Struct<dcl_stage_times> times(soup_);
    Struct<dcl_tag> tag(soup_);
    Struct<dcl_model_info> info(soup_);
    Struct<dcl_error> err(soup_);
    dcl_frame_get_cloud(frame_, soup_.maybe(cloud.get()), err.get());
    dcl_frame_get_depth(frame_, soup_.maybe(of.get()), err.get());
    dcl_frame_get_times(frame_, soup_.maybe(times.get()), err.get());
    dcl_frame_get_tag(frame_, soup_.maybe(tag.get()), err.get());
    dcl_model_get_info(soup_.maybe(model_), soup_.maybe(info.get()), err.get());
    std::size_t size = 0;
    const std::uint8_t* bytes = dcl_frame_get_packet(frame_, &size);
    require((bytes == nullptr) == (size == 0));
    dcl_status_name(soup_.value<dcl_status>());
    dcl_stage_name(soup_.value<dcl_stage>());
  }

  void make_builder() {
    Struct<dcl_cloud_options> options(soup_);
    make(builder_, dcl_cloud_builder_free, [&](dcl_cloud_builder** out) {
      return dcl_cloud_builder_create(soup_.maybe(options.get()), out, &err_);
    });
  }

  void build() {
    auto of = depth(soup_);
    auto colors = image(soup_);
    make(cloud_, dcl_cloud_free, [&](dcl_cloud** out) {
      return dcl_cloud_builder_build(builder_, of.get(), colors.get(), out, &err_);
    });
    dcl_cloud_builder_rebuild(builder_, of.get(), colors.get(), cloud_, &err_);
  }

  void merge() {
    auto first = view(soup_);
    Struct<dcl_merge_options> options(soup_);
    const dcl_cloud_view* views[] = {first.get(), soup_.maybe(first.get())};
    const auto extrinsics = soup_.value<std::array<double, 24>>();
    make(cloud_, dcl_cloud_free, [&](dcl_cloud** out) {
      return dcl_cloud_merge(views, soup_.maybe(extrinsics.data()), soup_.below(3), options.get(),
                             out, &err_);
    });
  }

  void pack() {
    auto of = view(soup_);
    auto grid = depth(soup_);
    auto colors = image(soup_);
    Struct<dcl_wire_format> format(soup_);
    Struct<dcl_tag> tag(soup_);
    make(packet_, dcl_packet_free, [&](dcl_packet** out) {
      return soup_.below(2) == 0 ? dcl_cloud_pack(of.get(), format.get(), tag.get(), out, &err_)
                                 : dcl_cloud_builder_pack(builder_, grid.get(), colors.get(),
                                                          format.get(), tag.get(), out, &err_);
    });
    dcl_cloud_write_ply("/no/such/folder/cloud.ply", of.get(), &err_);
    dcl_cloud_write_pcd("/no/such/folder/cloud.pcd", of.get(), &err_);
    make(cloud_, dcl_cloud_free, [&](dcl_cloud** out) {
      return dcl_cloud_read_file("/no/such/folder/cloud.ply", soup_.below(2), out, &err_);
    });
  }

  void unpack() {
    Struct<dcl_unpack_limits> limits(soup_);
    Struct<dcl_packet_info> info(soup_);
    auto kept = image(soup_);
    limits->max_points = std::min<std::uint64_t>(limits->max_points, 1 << 16);
    std::size_t size = 0;
    const std::uint8_t* bytes = dcl_packet_get_data(packet_, &size);
    make(cloud_, dcl_cloud_free, [&](dcl_cloud** out) {
      return dcl_packet_unpack(bytes, size, soup_.maybe(limits.get()), soup_.maybe(kept.get()), out,
                               soup_.maybe(info.get()), &err_);
    });
  }

  void gate() {
    Struct<dcl_gate_options> options(soup_);
    make(gate_, dcl_gate_free, [&](dcl_gate** out) {
      return dcl_gate_create(soup_.maybe(options.get()), soup_.maybe(release), nullptr, out, &err_);
    });
  }

  void offer() {
    Struct<dcl_gate_counters> counters(soup_);
    dcl_gate_offer(gate_, soup_.maybe(this), soup_.value<double>(), &err_);
    make(ticket_, dcl_ticket_free,
         [&](dcl_ticket** out) { return dcl_gate_take(gate_, out, &err_); });
    dcl_ticket_get_frame(ticket_);
    dcl_gate_get_counters(gate_, counters.get(), &err_);
    if (soup_.below(8) == 0) dcl_gate_close(gate_, &err_);
  }

  void stream() {
    Struct<dcl_stream_options> options(soup_);
    Struct<dcl_gate_options> gate_options(soup_);
    Struct<dcl_latency_summary> summary(soup_);
    options->gate = soup_.maybe(gate_options.get());
    if (stream_ == nullptr) {
      make(stream_, dcl_stream_free, [&](dcl_stream** out) {
        return dcl_stream_create(soup_.maybe(model_), nullptr, soup_.maybe(options.get()),
                                 soup_.maybe(ignore), nullptr, nullptr, out, &err_);
      });
    }
    const auto bytes = soup_.take(soup_.value<std::uint8_t>());
    dcl_stream_offer(stream_, bytes.data(), bytes.size(), nullptr, soup_.value<double>(), &err_);
    dcl_stream_offer_image(stream_, soup_.maybe(image(soup_).get()), nullptr, 0,
                           soup_.maybe(release), nullptr, &err_);
    dcl_stream_get_latency(stream_, soup_.value<dcl_stage>(), summary.get(), &err_);
    dcl_stream_get_result(stream_);
    if (soup_.below(4) == 0) dcl_stream_stop(stream_, &err_);
  }

  void latency() {
    Struct<dcl_stage_times> times(soup_);
    Struct<dcl_latency_summary> summary(soup_);
    make(latency_, dcl_latency_free, [&](dcl_latency** out) {
      return dcl_latency_create(soup_.value<std::size_t>(), out, &err_);
    });
    dcl_latency_record(latency_, times.get(), &err_);
    dcl_latency_get_summary(latency_, soup_.below(10) - 1, summary.get(), &err_);
    dcl_pipeline_get_latency(pipeline_, DCL_STAGE_TOTAL, summary.get(), &err_);
  }

  void estimate() {
    auto of = image(soup_);
    Struct<dcl_views_options> options(soup_);
    options->intrinsics = nullptr;
    options->extrinsics = nullptr;
    const dcl_image_view* views[] = {of.get(), soup_.maybe(of.get())};
    dcl_depth_map* maps[2] = {};
    if (dcl_model_estimate_views(model_, views, soup_.below(3), options.get(), maps, &err_) < 0) {
      require(maps[0] == nullptr && maps[1] == nullptr);
    }
    if (dcl_model_estimate_batch(model_, views, soup_.below(3), maps, &err_) < 0) {
      require(maps[0] == nullptr && maps[1] == nullptr);
    }
    dcl_depth_map_get_view(maps[0], depth(soup_).get(), &err_);
    dcl_depth_map_free(maps[1]);
    dcl_depth_map_free(maps[0]);
    make(map_, dcl_depth_map_free, [&](dcl_depth_map** out) {
      return dcl_model_estimate(soup_.maybe(model_), of.get(), out, &err_);
    });
    make(map_, dcl_depth_map_free, [&](dcl_depth_map** out) {
      return dcl_depth_map_resize(map_, soup_.length(), soup_.length(), out, &err_);
    });
    align();
    scale();
    decode();
  }

  void align() {
    auto of = depth(soup_);
    Struct<dcl_alignment_target> target(soup_);
    target->width = soup_.length();
    target->height = soup_.length();
    make(map_, dcl_depth_map_free, [&](dcl_depth_map** out) {
      return dcl_depth_align(of.get(), soup_.maybe(target.get()), out, &err_);
    });
  }

  void scale() {
    auto of = depth(soup_);
    Struct<dcl_scale_options> options(soup_);
    Struct<dcl_scale_fit> fit(soup_);
    const double known[] = {soup_.value<double>(), soup_.value<double>(), soup_.value<double>()};
    dcl_depth_fit_scale(of.get(), known, soup_.below(2), soup_.maybe(options.get()), fit.get(),
                        &err_);
    dcl_depth_fit_scale_image(of.get(), soup_.maybe(of.get()), options.get(), fit.get(), &err_);
    make(map_, dcl_depth_map_free, [&](dcl_depth_map** out) {
      return dcl_depth_map_apply_scale(map_, soup_.maybe(fit.get()), out, &err_);
    });
  }

  void decode() {
    Struct<dcl_decode_options> options(soup_);
    const auto bytes = soup_.take(soup_.value<std::uint8_t>() * 4);
    make(photo_, dcl_photo_free, [&](dcl_photo** out) {
      return dcl_photo_decode(bytes.data(), bytes.size(), soup_.maybe(options.get()), out, &err_);
    });
    dcl_photo_get_view(photo_, soup_.maybe(image(soup_).get()), &err_);
  }

  void video() {
    if (video_ == nullptr) open_video();
    Struct<dcl_video_info> info(soup_);
    Struct<dcl_video_counters> counters(soup_);
    Struct<dcl_video_picture> picture(soup_);
    dcl_video_source_get_info(video_, soup_.maybe(info.get()), &err_);
    make(photo_, dcl_photo_free, [&](dcl_photo** out) {
      return dcl_video_source_read(video_, soup_.maybe(out), soup_.maybe(picture.get()), &err_);
    });
    dcl_video_source_get_counters(video_, soup_.maybe(counters.get()), &err_);
    if (soup_.below(4) == 0) dcl_video_source_stop(video_, &err_);
    if (soup_.below(4) == 0) dcl_video_source_free(std::exchange(video_, nullptr));
  }

  void open_video() {
    constexpr const char* beginnings[] = {"test:", "test:16x", "camera:", "/no/such/video.mp4",
                                          "rtsp://["};
    const auto text = soup_.take(soup_.below(5));
    const std::string uri = beginnings[soup_.below(static_cast<int>(std::size(beginnings)))] +
                            std::string(text.begin(), text.end());
    Struct<dcl_video_options> options(soup_);
    options->real_time = 0;  // a picture may be due in a thousand years
    if (options->timeout_s == options->timeout_s) options->timeout_s = 0.1;
    options->max_pixels = std::min<std::int64_t>(options->max_pixels, 1 << 20);
    make(video_, dcl_video_source_free, [&](dcl_video_source** out) {
      return dcl_video_source_open(soup_.maybe(uri.c_str()), soup_.maybe(options.get()), out,
                                   &err_);
    });
  }

  Soup& soup_;
  dcl_error err_ = DCL_ERROR_INIT;
  dcl_model* model_ = nullptr;
  dcl_photo* photo_ = nullptr;
  dcl_video_source* video_ = nullptr;
  dcl_depth_map* map_ = nullptr;
  dcl_pipeline* pipeline_ = nullptr;
  dcl_frame* frame_ = nullptr;
  dcl_cloud_builder* builder_ = nullptr;
  dcl_cloud* cloud_ = nullptr;
  dcl_packet* packet_ = nullptr;
  dcl_gate* gate_ = nullptr;
  dcl_ticket* ticket_ = nullptr;
  dcl_stream* stream_ = nullptr;
  dcl_latency* latency_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int most_calls = 48;
  Soup soup({data, size});
  for (float& z : plane) z = 1.0f + static_cast<float>(soup.below(16));
  steps.fill(static_cast<std::uint16_t>(500 * soup.below(8)));
  Program program(soup);
  for (int i = 0; i < most_calls && !soup.empty(); ++i) program.call();
  return 0;
}
