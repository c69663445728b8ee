// SPDX-License-Identifier: Apache-2.0
// From a camera's JPEG to the network's input size, on one thread, against OpenCV and TurboJPEG.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <depthcloud/decode.hpp>
#include <depthcloud/resize.hpp>

#ifdef DEPTHCLOUD_BENCH_OPENCV
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#endif

namespace {

using depthcloud::Image;
using Bytes = std::vector<std::uint8_t>;

struct Size {
  int width = 0;
  int height = 0;
};

/// A picture that compresses like a photo: slow gradients, edges of objects, texture and noise.
Image photo_like(Size size) {
  Image image(size.width, size.height);
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 2.5);
  for (int v = 0; v < size.height; ++v) {
    for (int u = 0; u < size.width; ++u) {
      const double x = 8.0 * u / size.width;
      const double y = 6.0 * v / size.height;
      const bool object = std::hypot(x - std::floor(x) - 0.5, y - std::floor(y) - 0.5) < 0.35;
      const double shade = 90 + 60 * std::sin(0.7 * x) * std::cos(0.5 * y) + (object ? 50 : 0);
      const double texture = 12 * std::sin(0.9 * u + 3 * y) * std::sin(0.7 * v - 2 * x);
      for (int c = 0; c < 3; ++c) {
        const double value = shade * (1 - 0.15 * c) + texture + noise(random);
        image.row(v)[3 * u + c] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
    }
  }
  return image;
}

/// As webcams and phones send it: quality 70, 4:2:0.
Bytes camera_jpeg(Size size) {
  const Image image = photo_like(size);
  const std::unique_ptr<void, int (*)(tjhandle)> encoder(tjInitCompress(), tjDestroy);
  unsigned char* bytes = nullptr;
  unsigned long count = 0;
  tjCompress2(encoder.get(), image.data(), size.width, 0, size.height, TJPF_RGB, &bytes, &count,
              TJSAMP_420, 70, 0);
  Bytes jpeg(bytes, bytes + count);
  tjFree(bytes);
  return jpeg;
}

/// The input of a workload's contenders, made by the first that runs: listing costs nothing.
template <typename Value>
class Input {
 public:
  explicit Input(std::function<Value()> make) : make_(std::move(make)) {}
  const Value& get() {
    if (!value_) value_ = make_();
    return *value_;
  }

 private:
  std::function<Value()> make_;
  std::optional<Value> value_;
};

template <typename Value, typename Work>
void add(const std::string& name, std::shared_ptr<Input<Value>> input, Work work) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) mutable {
                                 const Value& value = input->get();
                                 for (auto _ : state) work(value);
                               })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void decode_and_reduce(const Bytes& jpeg, Size to, bool exact, Image& decoded, Image& reduced) {
  depthcloud::DecodeOptions options;
  if (!exact) {
    options.min_width = to.width;
    options.min_height = to.height;
  }
  depthcloud::decode_jpeg(jpeg, options, decoded);
  depthcloud::reduce_area(decoded.view(), to.width, to.height, reduced);
  benchmark::DoNotOptimize(reduced.data());
}

#ifdef DEPTHCLOUD_BENCH_OPENCV
void opencv_decode_and_resize(const Bytes& jpeg, Size to, int flags, cv::Mat& decoded,
                              cv::Mat& resized) {
  cv::imdecode(jpeg, flags, &decoded);
  cv::resize(decoded, resized, {to.width, to.height}, 0, 0, cv::INTER_AREA);
  benchmark::DoNotOptimize(resized.data);
}

void turbojpeg_decode_and_resize(tjhandle decoder, const Bytes& jpeg, Size from, Size to,
                                 cv::Mat& decoded, cv::Mat& resized) {
  decoded.create(from.height, from.width, CV_8UC3);
  tjDecompress2(decoder, jpeg.data(), jpeg.size(), decoded.data, from.width,
                static_cast<int>(decoded.step), from.height, TJPF_RGB, 0);
  cv::resize(decoded, resized, {to.width, to.height}, 0, 0, cv::INTER_AREA);
  benchmark::DoNotOptimize(resized.data);
}
#endif

void add_jpeg_workload(Size from, Size to) {
  const auto workload =
      fmt::format("image/jpeg_{}x{}_to_{}x{}/", from.width, from.height, to.width, to.height);
  const auto input = std::make_shared<Input<Bytes>>([=] { return camera_jpeg(from); });
  add(workload + "depthcloud", input,
      [=, decoded = Image(), reduced = Image()](const Bytes& jpeg) mutable {
        decode_and_reduce(jpeg, to, false, decoded, reduced);
      });
  add(workload + "depthcloud_exact", input,
      [=, decoded = Image(), reduced = Image()](const Bytes& jpeg) mutable {
        decode_and_reduce(jpeg, to, true, decoded, reduced);
      });
#ifdef DEPTHCLOUD_BENCH_OPENCV
  add(workload + "opencv_imdecode_resize_area", input,
      [=, decoded = cv::Mat(), resized = cv::Mat()](const Bytes& jpeg) mutable {
        opencv_decode_and_resize(jpeg, to, cv::IMREAD_COLOR, decoded, resized);
      });
  if (from.width >= 2 * to.width && from.height >= 2 * to.height) {
    add(workload + "opencv_imdecode_reduced_2_resize_area", input,
        [=, decoded = cv::Mat(), resized = cv::Mat()](const Bytes& jpeg) mutable {
          opencv_decode_and_resize(jpeg, to, cv::IMREAD_REDUCED_COLOR_2, decoded, resized);
        });
  }
  const std::shared_ptr<void> decoder(tjInitDecompress(), tjDestroy);
  add(workload + "turbojpeg_opencv_resize_area", input,
      [=, decoded = cv::Mat(), resized = cv::Mat()](const Bytes& jpeg) mutable {
        turbojpeg_decode_and_resize(decoder.get(), jpeg, from, to, decoded, resized);
      });
#endif
}

void add_reduce_workload(Size from, Size to) {
  const auto workload =
      fmt::format("image/reduce_{}x{}_to_{}x{}/", from.width, from.height, to.width, to.height);
  const auto input = std::make_shared<Input<Image>>([=] { return photo_like(from); });
  add(workload + "depthcloud", input, [=, reduced = Image()](const Image& image) mutable {
    depthcloud::reduce_area(image.view(), to.width, to.height, reduced);
    benchmark::DoNotOptimize(reduced.data());
  });
#ifdef DEPTHCLOUD_BENCH_OPENCV
  add(workload + "opencv_resize_area", input, [=, resized = cv::Mat()](const Image& image) mutable {
    const cv::Mat mat(image.height(), image.width(), CV_8UC3,
                      const_cast<std::uint8_t*>(image.data()));
    cv::resize(mat, resized, {to.width, to.height}, 0, 0, cv::INTER_AREA);
    benchmark::DoNotOptimize(resized.data);
  });
#endif
}

const bool registered = [] {
#ifdef DEPTHCLOUD_BENCH_OPENCV
  cv::setNumThreads(1);
#endif
  const struct {
    Size from, to;
  } workloads[] = {{{640, 480}, {504, 378}},
                   {{1280, 720}, {504, 284}},
                   {{1280, 720}, {504, 280}},
                   {{1920, 1080}, {504, 284}}};
  for (const auto& [from, to] : workloads) {
    add_jpeg_workload(from, to);
    add_reduce_workload(from, to);
  }
  return true;
}();

}  // namespace
