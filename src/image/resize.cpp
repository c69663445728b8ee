// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/resize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include <depthcloud/error.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/resize.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "image/resize_targets.hpp"
#include "image/to_bytes-inl.hpp"

#ifndef DEPTHCLOUD_IMAGE_RESIZE_ONCE
#define DEPTHCLOUD_IMAGE_RESIZE_ONCE
namespace depthcloud {

/// How one axis is reduced: output i is the sum of weight[i * taps + k] * input[first[i] + k] over
/// k < taps. All outputs have equally many taps, some of weight 0, so that the inner loops have a
/// fixed length.
struct AxisWeights {
  int taps = 0;
  std::vector<int> first;
  std::vector<float> weight;

  const float* weights_of(std::ptrdiff_t i) const { return weight.data() + i * taps; }
};

/// What a kernel works on: rows with room to read and write one pixel beyond their ends.
struct Scratch {
  Buffer<float> column_sums;  ///< one output row, still as wide as the input
  Buffer<std::uint8_t> row;   ///< one output row
};

}  // namespace depthcloud
#endif

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Calls step(tag, x) for all x below `length`, a full vector at a time, then one by one.
template <typename Step>
HWY_INLINE void for_each_vector(std::size_t length, Step step) {
  const hn::ScalableTag<float> full;
  const hn::CappedTag<float, 1> single;
  const std::size_t lanes = hn::Lanes(full);
  std::size_t x = 0;
  for (; x + lanes <= length; x += lanes) step(full, x);
  for (; x < length; ++x) step(single, x);
}

/// sums[x] = the weighted sum of `taps` rows at x. `fixed_taps` is their number where the compiler
/// shall know it, else 0.
template <int fixed_taps>
void sum_rows(const std::uint8_t* rows, std::ptrdiff_t stride, std::size_t length,
              const float* weight, int any_taps, float* sums) {
  const int taps = fixed_taps > 0 ? fixed_taps : any_taps;
  for_each_vector(length, [=](auto d, std::size_t x) HWY_ATTR {
    const hn::RebindToSigned<decltype(d)> di;
    const hn::Rebind<std::uint8_t, decltype(d)> du8;
    auto sum = hn::Zero(d);
    for (int k = 0; k < taps; ++k) {
      const auto bytes = hn::LoadU(du8, rows + k * stride + x);
      sum = hn::MulAdd(hn::ConvertTo(d, hn::PromoteTo(di, bytes)), hn::Set(d, weight[k]), sum);
    }
    hn::StoreU(sum, d, sums + x);
  });
}

/// Reduces a row of interleaved pixels; `fixed_taps` as for sum_rows. Pixels of three samples are
/// handled as if they had four: what the fourth lane writes is overwritten by the next pixel.
template <std::ptrdiff_t samples, int fixed_taps>
void sum_columns(const float* HWY_RESTRICT row, const AxisWeights& axis,
                 std::uint8_t* HWY_RESTRICT out) {
  const hn::CappedTag<float, samples == 1 ? 1 : 4> d;
  const hn::Rebind<std::uint8_t, decltype(d)> du8;
  const int taps = fixed_taps > 0 ? fixed_taps : axis.taps;
  const float* HWY_RESTRICT weight = axis.weight.data();
  for (const int first : axis.first) {
    const float* from = row + first * samples;
    for (std::ptrdiff_t c = 0; c < samples; c += hn::MaxLanes(d)) {
      auto sum = hn::Zero(d);
      for (int k = 0; k < taps; ++k) {
        sum = hn::MulAdd(hn::LoadU(d, from + k * samples + c), hn::Set(d, weight[k]), sum);
      }
      hn::StoreU(to_bytes(d, sum), du8, out + c);
    }
    out += samples;
    weight += taps;
  }
}

/// Calls call(std::integral_constant) with the number of taps if it is a common one, else with 0.
template <typename Call>
HWY_INLINE void with_taps(int taps, Call call) {
  switch (taps) {
    case 2:
      return call(std::integral_constant<int, 2>());
    case 3:
      return call(std::integral_constant<int, 3>());
    case 4:
      return call(std::integral_constant<int, 4>());
    case 5:
      return call(std::integral_constant<int, 5>());
    default:
      return call(std::integral_constant<int, 0>());
  }
}

template <std::ptrdiff_t samples>
void reduce_as(const ImageView& image, const AxisWeights& columns, const AxisWeights& rows,
               Scratch& scratch, Image& out) {
  const auto in_length = static_cast<std::size_t>(image.width) * samples;
  for (int v = 0; v < out.height(); ++v) {
    with_taps(rows.taps, [&](auto taps) HWY_ATTR {
      sum_rows<taps>(image.row(rows.first[v]), image.stride, in_length, rows.weights_of(v),
                     rows.taps, scratch.column_sums.data());
    });
    with_taps(columns.taps, [&](auto taps) HWY_ATTR {
      sum_columns<samples, taps>(scratch.column_sums.data(), columns, scratch.row.data());
    });
    std::memcpy(out.row(v), scratch.row.data(), static_cast<std::size_t>(out.stride()));
  }
}

void reduce(const ImageView& image, const AxisWeights& columns, const AxisWeights& rows,
            Scratch& scratch, Image& out) {
  switch (channels(image.format)) {
    case 1:
      return reduce_as<1>(image, columns, rows, scratch, out);
    case 3:
      return reduce_as<3>(image, columns, rows, scratch, out);
    default:
      return reduce_as<4>(image, columns, rows, scratch, out);
  }
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
HWY_EXPORT(reduce);

namespace {

/// The overlap of output i, which covers [i in/out, (i + 1) in/out), with each input pixel, as a
/// share of what it covers; in whole numbers until the last division.
AxisWeights axis_weights(int in, int out) {
  const std::int64_t span = in;  // of an output pixel, where an input pixel spans `out`
  AxisWeights axis;
  for (int i = 0; i < out; ++i) {
    const std::int64_t first = i * span / out;
    const std::int64_t end = ((i + 1) * span + out - 1) / out;
    axis.taps = std::max(axis.taps, static_cast<int>(end - first));
  }
  axis.first.reserve(static_cast<std::size_t>(out));
  axis.weight.reserve(static_cast<std::size_t>(out) * static_cast<std::size_t>(axis.taps));
  for (int i = 0; i < out; ++i) {
    const std::int64_t begin = i * span;
    const int first = std::min(static_cast<int>(begin / out), in - axis.taps);
    axis.first.push_back(first);
    for (std::int64_t pixel = first; pixel < first + axis.taps; ++pixel) {
      const std::int64_t overlap =
          std::min(begin + span, (pixel + 1) * out) - std::max(begin, pixel * out);
      axis.weight.push_back(static_cast<float>(std::max<std::int64_t>(overlap, 0)) /
                            static_cast<float>(span));
    }
  }
  return axis;
}

void check_size(const ImageView& image, int width, int height) {
  if (width > 0 && height > 0 && width <= image.width && height <= image.height) return;
  throw Error(ErrorCode::invalid_argument, Stage::preprocess,
              fmt::format("an image of {} x {} cannot be reduced to {} x {}", image.width,
                          image.height, width, height));
}

PhotoInfo photo_of(const ImageView& image) {
  if (image.photo.width > 0) return image.photo;
  return {image.width, image.height, image.photo.focal_px};
}

void copy_rows(const ImageView& image, Image& out) {
  for (int v = 0; v < out.height(); ++v) {
    std::memcpy(out.row(v), image.row(v), static_cast<std::size_t>(out.stride()));
  }
}

void reduce_rows(const ImageView& image, Image& out) {
  constexpr std::size_t slack = 4;  // the pixel beyond the end that the kernels may touch
  const auto samples = static_cast<std::size_t>(channels(image.format));
  Scratch scratch;
  scratch.column_sums.resize(static_cast<std::size_t>(image.width) * samples + slack);
  scratch.row.resize(static_cast<std::size_t>(out.width()) * samples + slack);
  std::fill_n(scratch.column_sums.end() - slack, slack, 0.0f);
  HWY_DYNAMIC_DISPATCH(reduce)
  (image, axis_weights(image.width, out.width()), axis_weights(image.height, out.height()), scratch,
   out);
}

}  // namespace

void reduce_area(const ImageView& image, int width, int height, Image& out) {
  validate(image);
  check_size(image, width, height);
  try {
    out.reshape(width, height, image.format);
    if (width == image.width && height == image.height) {
      copy_rows(image, out);
    } else {
      reduce_rows(image, out);
    }
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::out_of_memory, Stage::preprocess,
                "not enough memory to scale the image");
  }
  out.set_photo(photo_of(image));
}

Image reduce_area(const ImageView& image, int width, int height) {
  Image out;
  reduce_area(image, width, height, out);
  return out;
}

std::int64_t resize_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
