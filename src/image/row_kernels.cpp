// SPDX-License-Identifier: Apache-2.0
#include "image/row_kernels.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/row_kernels.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#include "image/to_bytes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void widen(const std::uint8_t* bytes, std::size_t length, float* out) {
  const hn::ScalableTag<float> df;
  const hn::RebindToSigned<decltype(df)> di;
  const hn::Rebind<std::uint8_t, decltype(df)> du8;
  const std::size_t lanes = hn::Lanes(df);
  std::size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    hn::StoreU(hn::ConvertTo(df, hn::PromoteTo(di, hn::LoadU(du8, bytes + i))), df, out + i);
  }
  for (; i < length; ++i) out[i] = static_cast<float>(bytes[i]);
}

/// A pixel is handled as if it had four samples: what the fourth lane writes is overwritten by the
/// next pixel or falls into the slack. `fixed_count` 0: any count.
template <int fixed_count, typename T>
void sum_pixels(const T* row, const RowTaps<T>& taps, T* sums) {
  const hn::CappedTag<T, 4> d;
  const std::size_t lanes = hn::Lanes(d);
  const int count = fixed_count > 0 ? fixed_count : taps.count;
  const T* weights = taps.weights.data();
  for (const std::ptrdiff_t first : taps.first) {
    for (std::size_t c = 0; c < 3; c += lanes) {
      const T* from = row + 3 * first + static_cast<std::ptrdiff_t>(c);
      auto sum = hn::Zero(d);
      for (int k = 0; k < count; ++k) {
        sum = hn::Add(sum, hn::Mul(hn::LoadU(d, from + 3 * k), hn::Set(d, weights[k])));
      }
      hn::StoreU(sum, d, sums + c);
    }
    weights += count;
    sums += 3;
  }
}

/// The usual counts: cubic convolution and reductions to between 1/5 and 1.
template <typename T>
void sum_pixels(const T* row, const RowTaps<T>& taps, T* sums) {
  switch (taps.count) {
    case 2:
      return sum_pixels<2>(row, taps, sums);
    case 3:
      return sum_pixels<3>(row, taps, sums);
    case 4:
      return sum_pixels<4>(row, taps, sums);
    case 5:
      return sum_pixels<5>(row, taps, sums);
    case 6:
      return sum_pixels<6>(row, taps, sums);
    default:
      return sum_pixels<0>(row, taps, sums);
  }
}

void sum_taps_f32(const float* row, const RowTaps<float>& taps, float* sums) {
  sum_pixels(row, taps, sums);
}

void sum_taps_f64(const double* row, const RowTaps<double>& taps, double* sums) {
  sum_pixels(row, taps, sums);
}

template <bool add>
void scale(const float* row, std::size_t length, float weight, float* sums) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    auto value = hn::Mul(hn::LoadU(d, row + i), hn::Set(d, weight));
    if constexpr (add) value = hn::Add(hn::LoadU(d, sums + i), value);
    hn::StoreU(value, d, sums + i);
  }
  for (; i < length; ++i) sums[i] = add ? sums[i] + row[i] * weight : row[i] * weight;
}

void scale_only(const float* row, std::size_t length, float weight, float* sums) {
  scale<false>(row, length, weight, sums);
}

void scale_and_add(const float* row, std::size_t length, float weight, float* sums) {
  scale<true>(row, length, weight, sums);
}

/// Calls `value(d, i)` for vectors, and for single lanes at the end, and stores it rounded.
template <typename Value>
void store_rounded(std::size_t length, std::uint8_t* out, const Value& value) {
  const hn::ScalableTag<float> df;
  const hn::Rebind<std::uint8_t, decltype(df)> du8;
  const hn::CappedTag<float, 1> d1;
  const hn::Rebind<std::uint8_t, decltype(d1)> d1u8;
  const std::size_t lanes = hn::Lanes(df);
  std::size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    hn::StoreU(to_bytes(df, value(df, i)), du8, out + i);
  }
  for (; i < length; ++i) {
    hn::StoreU(to_bytes(d1, value(d1, i)), d1u8, out + i);
  }
}

void round(const float* values, std::size_t length, std::uint8_t* out) {
  store_rounded(length, out,
                [=](auto d, std::size_t i) HWY_ATTR { return hn::LoadU(d, values + i); });
}

void combine_f32(const float* const* rows, const float* w, std::size_t length, std::uint8_t* out) {
  store_rounded(length, out, [=](auto d, std::size_t i) HWY_ATTR {
    const auto term = [=](int k)
                          HWY_ATTR { return hn::Mul(hn::LoadU(d, rows[k] + i), hn::Set(d, w[k])); };
    return hn::Add(term(0), hn::Add(term(1), hn::Add(term(2), term(3))));
  });
}

void combine_f64(const double* const* rows, const double* w, std::size_t length, double* out) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= length; i += lanes) {
    const auto term = [=](int k)
                          HWY_ATTR { return hn::Mul(hn::LoadU(d, rows[k] + i), hn::Set(d, w[k])); };
    hn::StoreU(hn::Add(hn::Add(hn::Add(term(0), term(1)), term(2)), term(3)), d, out + i);
  }
  for (; i < length; ++i) {
    out[i] = ((rows[0][i] * w[0] + rows[1][i] * w[1]) + rows[2][i] * w[2]) + rows[3][i] * w[3];
  }
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
HWY_EXPORT(widen);
HWY_EXPORT(sum_taps_f32);
HWY_EXPORT(sum_taps_f64);
HWY_EXPORT(scale_only);
HWY_EXPORT(scale_and_add);
HWY_EXPORT(round);
HWY_EXPORT(combine_f32);
HWY_EXPORT(combine_f64);

namespace {

template <int red, int green, int blue, int step, typename T, typename Convert>
void unpack_pixels(const std::uint8_t* from, int width, T* rgb, const Convert& convert) {
  for (int u = 0; u < width; ++u, from += step, rgb += 3) {
    rgb[0] = convert(from[red]);
    rgb[1] = convert(from[green]);
    rgb[2] = convert(from[blue]);
  }
}

template <typename T, typename Convert>
void unpack_row(const ImageView& image, int v, T* rgb, const Convert& convert) {
  const std::uint8_t* from = image.row(v);
  switch (image.format) {
    case PixelFormat::rgb:
      return unpack_pixels<0, 1, 2, 3>(from, image.width, rgb, convert);
    case PixelFormat::bgr:
      return unpack_pixels<2, 1, 0, 3>(from, image.width, rgb, convert);
    case PixelFormat::rgba:
      return unpack_pixels<0, 1, 2, 4>(from, image.width, rgb, convert);
    case PixelFormat::bgra:
      return unpack_pixels<2, 1, 0, 4>(from, image.width, rgb, convert);
    case PixelFormat::gray:
      return unpack_pixels<0, 0, 0, 1>(from, image.width, rgb, convert);
  }
}

/// k / 255.
std::array<double, 256> unit_levels() {
  std::array<double, 256> levels{};
  for (std::size_t k = 0; k < levels.size(); ++k) levels[k] = static_cast<double>(k) / 255.0;
  return levels;
}

}  // namespace

void unpack_rgb_row(const ImageView& image, int v, std::uint8_t* rgb) {
  unpack_row(image, v, rgb, [](std::uint8_t byte) { return byte; });
}

void unpack_rgb_row(const ImageView& image, int v, float* rgb) {
  if (image.format == PixelFormat::rgb) {
    HWY_DYNAMIC_DISPATCH(widen)(image.row(v), static_cast<std::size_t>(image.width) * 3, rgb);
  } else {
    unpack_row(image, v, rgb, [](std::uint8_t byte) { return static_cast<float>(byte); });
  }
}

void unpack_rgb_row(const ImageView& image, int v, double* rgb) {
  static const std::array<double, 256> levels = unit_levels();
  unpack_row(image, v, rgb, [](std::uint8_t byte) { return levels[byte]; });
}

void sum_taps(const float* row, const RowTaps<float>& taps, float* sums) {
  HWY_DYNAMIC_DISPATCH(sum_taps_f32)(row, taps, sums);
}

void sum_taps(const double* row, const RowTaps<double>& taps, double* sums) {
  HWY_DYNAMIC_DISPATCH(sum_taps_f64)(row, taps, sums);
}

void scale_row(const float* row, std::size_t length, float weight, float* sums) {
  HWY_DYNAMIC_DISPATCH(scale_only)(row, length, weight, sums);
}

void add_scaled_row(const float* row, std::size_t length, float weight, float* sums) {
  HWY_DYNAMIC_DISPATCH(scale_and_add)(row, length, weight, sums);
}

void round_row(const float* values, std::size_t length, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(round)(values, length, out);
}

void combine_rows(const std::array<const float*, 4>& rows, const std::array<float, 4>& weights,
                  std::size_t length, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(combine_f32)(rows.data(), weights.data(), length, out);
}

void combine_rows(const std::array<const double*, 4>& rows, const std::array<double, 4>& weights,
                  std::size_t length, double* out) {
  HWY_DYNAMIC_DISPATCH(combine_f64)(rows.data(), weights.data(), length, out);
}

std::int64_t row_kernels_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
